"""Write items as readable JSON Lines, and read such a file (docs/reference/format.md, Portable export).

An export leaves the encryption: whoever has the file can read it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from ondevice.errors import InputError, NotFoundError, StorageError
from ondevice.passages import passage_vectors
from ondevice.records import Filter
from ondevice.safety.printable import one_line
from ondevice.safety.regular_files import NotRegularError, open_regular
from ondevice.signals import Progress
from ondevice.vault.files import make_private_dir, write_atomic
from ondevice.vault.portable_lines import FORMAT, VERSION, ExportHeader, Line, read_header, read_line
from ondevice.vault.times import from_micros, now_micros

if TYPE_CHECKING:
    from ondevice.vault.vault import Vault


MAX_HEADER_BYTES = 1 << 20
MAX_LINE_BYTES = 1 << 30

_BATCH, _BATCH_BYTES = 500, 64 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportReport:
    """How many items of a file are new here, and how many were here already."""

    n_added: int
    n_known: int


def export_items(
    vault: Vault,
    out: Path,
    *,
    filter: Filter | None = None,
    with_vectors: bool = False,
    on_progress: Progress | None = None,
) -> int:
    """Write unexpired items with their earlier versions to a file that only this user may read; return their number.

    The file appears when it is whole, in place of one that was there. Writers wait meanwhile.

    Args:
        vault: The open profile.
        out: The file; its folder is made where it is missing.
        filter: Only items that pass.
        with_vectors: Whether each item brings its vectors.
        on_progress: Called with (done, total).

    Raises:
        StorageError: If the disk refuses; nothing half-written is left.
        ValueError: If the filter is wrong.
    """
    out = Path(out)
    if not out.absolute().parent.is_dir():
        make_private_dir(out.absolute().parent)
    with vault.database.exclusive():
        at_us = now_micros()  # one present for all, or an item that expires meanwhile would be counted but not written
        total = vault.items.count(filter, at_us=at_us)
        with vault.database.frozen():
            write_atomic(out, _lines(vault, filter, total, at_us, with_vectors, on_progress or _silent))
        vault.events.append("exported", items=total, vectors=with_vectors)
    return total


def exported_lines(vault: Vault, *, with_vectors: bool = False) -> Iterator[bytes]:
    """Yield the lines that :func:`export_items` would write, for whoever keeps them in memory; nothing is logged."""
    at_us = now_micros()
    return _lines(vault, None, vault.items.count(None, at_us=at_us), at_us, with_vectors, _silent)


def import_items(vault: Vault, path: Path, *, on_progress: Progress | None = None) -> ImportReport:
    """Add the items of an exported file, 500 in a transaction; those that are here already stay as they are.

    An item is here already if one has its id or, in an item without a given time, its kind, text and fields. Importing
    again goes on where an interruption stopped.

    Raises:
        NotFoundError: If there is no such file.
        InputError: If it is no regular file, or a line is longer than 1 GiB or has the wrong form; it names file, line
            and field. Earlier batches stay.
        VersionError: If a newer release wrote the file.
        ModelMismatchError: If vectors do not fit those stored of the same encoder.
        StorageError: If the disk refuses.
    """
    path = Path(path)
    name = one_line(path.name)
    n_added = n_read = 0
    try:
        with open_regular(path) as file:
            header = read_header(file.readline(MAX_HEADER_BYTES), name)
            for batch in _batches(file, header, name):
                n_added += _add(vault, header, batch)
                n_read += len(batch)
                (on_progress or _silent)(n_read, header.n_items)
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {one_line(str(path))}") from None
    except NotRegularError:
        raise InputError(
            f"{name} is no regular file", hint="an export is a file, as 'ondevice export' writes it"
        ) from None
    except OSError as error:
        raise StorageError(f"cannot read {name}: {(error.strerror or type(error).__name__).lower()}") from None
    if n_read != header.n_items:
        raise InputError(f"{name} says it holds {header.n_items} items, and {n_read} are there")
    vault.events.append("imported", added=n_added, known=n_read - n_added)
    return ImportReport(n_added=n_added, n_known=n_read - n_added)


def _batches(file: BinaryIO, header: ExportHeader, name: str) -> Iterator[list[Line]]:
    """Yield the lines in batches, of at most 500 and of so many bytes as memory takes with ease."""
    batch: list[Line] = []
    number, n_bytes = 1, 0
    while data := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        where = f"{name}, line {number}"
        if len(data) > MAX_LINE_BYTES:
            raise InputError(f"{where}: it is longer than {MAX_LINE_BYTES} bytes")
        if not data.strip():
            continue
        batch.append(read_line(data, header, where))
        n_bytes += len(data)
        if len(batch) == _BATCH or n_bytes > _BATCH_BYTES:
            yield batch
            batch, n_bytes = [], 0
    if batch:
        yield batch


def _lines(
    vault: Vault, filter: Filter | None, total: int, at_us: int, with_vectors: bool, on_progress: Progress
) -> Iterator[bytes]:
    encoders = _dims(vault) if with_vectors else {}
    exported_at = from_micros(at_us).isoformat()
    yield _encoded({"format": FORMAT, "version": VERSION, "items": total, "encoders": encoders, "at": exported_at})
    for done, row in enumerate(vault.items.iterate_rows(filter, at_us=at_us), 1):
        with vault.database.reading() as connection:
            yield _encoded(_item(connection, row, with_vectors))
        on_progress(done, total)


def _dims(vault: Vault) -> dict[str, int]:
    with vault.database.reading() as connection:
        return dict(connection.execute("SELECT encoder_id, dim FROM encoders ORDER BY encoder_id").fetchall())


def _item(connection: Connection, row: tuple[Any, ...], with_vectors: bool) -> dict[str, Any]:
    """Return the object of one line; what an item does not have is left out."""
    item: dict[str, Any] = {"id": row[1], "kind": row[2], "text": row[3]}
    if row[5] != "{}":
        item["fields"] = json.loads(row[5])
    if row[6] != "{}":
        item["metadata"] = json.loads(row[6])
    item["time"] = from_micros(row[7]).isoformat()
    item["time_given"] = bool(row[8])
    item["added_at"] = from_micros(row[9]).isoformat()
    if row[10] is not None:
        item["expires_at"] = from_micros(row[10]).isoformat()
    item["version"] = row[11]
    versions = connection.execute(
        "SELECT version, text, fields, metadata, replaced_us FROM versions WHERE row = ? ORDER BY version", (row[0],)
    ).fetchall()
    if versions:
        item["versions"] = [
            {
                "version": version,
                "text": text,
                "fields": json.loads(fields),
                "metadata": json.loads(metadata),
                "replaced_at": from_micros(replaced_us).isoformat(),
            }
            for version, text, fields, metadata, replaced_us in versions
        ]
    if with_vectors:
        item |= _vectors(connection, row[0])
    return item


def _vectors(connection: Connection, row: int) -> dict[str, Any]:
    """Return an item's vectors by encoder, and where their passages are as far as that is known."""
    found = connection.execute(
        "SELECT encoder_id, starts, ends, vector FROM vectors JOIN encoders ON number = encoder"
        " WHERE row = ? ORDER BY encoder, passage",
        (row,),
    ).fetchall()
    parts: dict[str, list[bytes]] = {}
    passages: dict[str, list[tuple[int, int]]] = {}
    for encoder_id, start, end, vector in found:
        parts.setdefault(encoder_id, []).append(vector)
        if end is not None:
            passages.setdefault(encoder_id, []).append((start, end))
    encoded = {encoder_id: base64.b64encode(b"".join(each)).decode("ascii") for encoder_id, each in parts.items()}
    return {"vectors": encoded, "passages": passages} if passages else {"vectors": encoded}


def _add(vault: Vault, header: ExportHeader, lines: Sequence[Line]) -> int:
    """Add one batch in one transaction; return how many items are new."""
    with vault.database.writing() as connection:
        ids = json.dumps([line.content.id for line in lines])
        taken = {
            item_id
            for (item_id,) in connection.execute(
                "SELECT id FROM items WHERE id IN (SELECT value FROM json_each(?))", (ids,)
            )
        }
        fresh = [line for line in lines if line.content.id not in taken]
        digests = [vault.recognizer.digest_of(line.content) for line in fresh]
        stored = vault.items.put_contents([line.content for line in fresh], digests, None)
        new = [(line, each.row) for line, each in zip(fresh, stored, strict=True) if each.is_new]
        connection.executemany(
            "INSERT INTO versions (row, item_id, text, fields, metadata, version, replaced_us)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(row, line.content.id, *version) for line, row in new for version in line.versions],
        )
        for encoder_id, dim in header.encoders.items():
            for is_split in (True, False):
                some = [
                    (line, row)
                    for line, row in new
                    if encoder_id in line.vectors and (encoder_id in line.passages) == is_split
                ]
                matrix = np.frombuffer(b"".join(line.vectors[encoder_id] for line, _ in some), "<f4").reshape(-1, dim)
                spans = [line.passages[encoder_id] for line, _ in some] if is_split else []
                given = passage_vectors(spans, matrix) if is_split else matrix
                vault.vectors.write(connection, encoder_id, [row for _, row in some], given, are_new=True)
    return len(new)


def _encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8") + b"\n"


def _silent(done: int, total: int) -> None:
    """Tell nobody."""
