"""The sealed files: which of them nothing speaks of, and what index snapshots hold against the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ondevice.errors import OndeviceError
from ondevice.privacy.erasure.connection import Connection
from ondevice.privacy.erasure.decrypting import CACHES, Keys, blob_bytes
from ondevice.retrieval.index.hnsw import GraphError
from ondevice.retrieval.index.snapshot import Contents, unpack

_SUFFIX = ".sealed"
_INDEX, _CHECKPOINT = "index-", "checkpoint-"
_OLD_TOMBSTONES = "dead_rows"
_LABELS = "label_lookup_external"


@dataclass(frozen=True, kw_only=True, slots=True)
class Blobs:
    """What was counted.

    Args:
        n_files: Sealed files.
        n_loose: Those that hold something made from items, and of which no table speaks.
        n_closed: Those that do not open.
        n_old_caches: Caches that open only with the key from before the last erasure.
        n_gone_rows: Entries in index snapshots whose item is not there.
        n_strange_vectors: Vectors in snapshots that the store does not have, and did not have then.
        n_traced: Snapshots of a graph that a vector was erased from.
        n_stale: Snapshots of an earlier state, of which some vectors could not be compared.
        n_gone_lessons: Paused trainings that name an item which is not there.
    """

    n_files: int = 0
    n_loose: int = 0
    n_closed: int = 0
    n_old_caches: int = 0
    n_gone_rows: int = 0
    n_strange_vectors: int = 0
    n_traced: int = 0
    n_stale: int = 0
    n_gone_lessons: int = 0

    def __add__(self, other: Blobs) -> Blobs:
        """Add the counts up."""
        return Blobs(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})


def count_blobs(folder: Path, keys: Keys, connection: Connection) -> Blobs:
    """Look into every file of the folder of sealed blobs."""
    ages = dict(connection.execute("SELECT name, secret FROM identity").fetchall())
    named = {name for (name,) in connection.execute("SELECT sealed_name FROM artifacts").fetchall()}
    there = {item_id for (item_id,) in connection.execute("SELECT id FROM items").fetchall()}
    found = Blobs()
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = file.name.removesuffix(_SUFFIX)
        if not name.startswith(CACHES):
            data = blob_bytes(file, keys)
            n_lessons = data is not None and name.startswith(_CHECKPOINT) and _names_gone(data, there)
            found += Blobs(n_files=1, n_loose=name not in named, n_closed=data is None, n_gone_lessons=n_lessons)
            continue
        age = bytes(ages.get("caches", b""))
        data = blob_bytes(file, keys, age)
        if data is None:
            is_old = age != b"" and blob_bytes(file, keys) is not None
            found += Blobs(n_files=1, n_old_caches=is_old, n_closed=not is_old)
        else:
            found += Blobs(n_files=1) + (_compare(name, data, connection) if name.startswith(_INDEX) else Blobs())
    return found


def _compare(name: str, data: bytes, connection: Connection) -> Blobs:
    """Hold an index snapshot against the vectors in the store."""
    sql = "SELECT number, dim, revision FROM encoders WHERE encoder_id = ?"
    known = connection.execute(sql, (name.removeprefix(_INDEX),)).fetchone()
    if known is None:
        return Blobs(n_loose=1)
    number, dim, revision = known
    try:
        contents = unpack(data, dim=dim)
        rows, vectors = contents.all_vectors()
    except (OndeviceError, GraphError, ValueError):
        return Blobs(n_closed=1)
    sql = "SELECT row, passage, vector, revision FROM vectors WHERE encoder = ?"
    found = connection.execute(sql, (number,)).fetchall()
    there = {row for (row,) in connection.execute("SELECT row FROM items").fetchall()}
    is_current = contents.revision == revision
    # What changed after the snapshot may differ from it, and what an update took away may still be in it.
    bits = contents.passage_bits
    stored = {row << bits | passage: bytes(vector) for row, passage, vector, _ in found if bits or not passage}
    changed = {row for row, _, _, since in found if since > contents.revision}
    if not is_current:
        changed |= there - {row for row, _, _, _ in found}
    labels = {*rows.tolist(), *np.asarray((contents.graph or {}).get(_LABELS, ())).tolist()}
    n_gone = sum(label >> bits not in there for label in labels)
    n_strange = sum(
        label >> bits in there
        and label >> bits not in changed
        and np.ascontiguousarray(vector, "<f4").tobytes() != stored.get(label)
        for label, vector in zip(rows.tolist(), vectors, strict=True)
    )
    return Blobs(
        n_gone_rows=n_gone, n_strange_vectors=n_strange, n_traced=_has_traces(contents), n_stale=not is_current
    )


def _has_traces(contents: Contents) -> bool:
    """Whether a graph says that nodes of it were erased: their neighbours' links show where they lay."""
    graph = contents.graph or {}
    return _OLD_TOMBSTONES in graph or bool(graph.get("has_deletions", False))


def _names_gone(checkpoint: bytes, there: set[str]) -> bool:
    """Whether a paused training's lessons were made from an item that is not there."""
    try:
        text = checkpoint[4 : 4 + int.from_bytes(checkpoint[:4], "big")]
        return not set(_strings(json.loads(text)["pairs"])) <= there
    except (ValueError, KeyError, TypeError):
        return False


def _strings(value: object) -> Iterator[str]:
    """Yield every text in nested lists and objects."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)
