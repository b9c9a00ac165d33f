"""Forget items wholly: first in one transaction, then everywhere else, then by looking whether it is true.

1. One transaction deletes the rows, versions, search terms, vectors and lineage, and notes that an erasure runs.
2. Derived blobs are deleted, caches and indexes told, and the write-ahead log is moved into the file and emptied.
3. Every page is read back. If SQLite has left a copy in a page's unused space, the file is rewritten and read again.
4. The note is removed, the event logged, and the receipt signed.

A crash after the first step leaves the note, and the next opening finishes the rest. It does not know the texts any
more, so it rewrites the whole file and drops every cache instead of looking.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from sqlite3 import Connection
from typing import Protocol

from ondevice.errors import CorruptError, InputError, NotFoundError, OndeviceError, StorageError
from ondevice.records import ArtifactOutcome, Filter, Receipt
from ondevice.vault.blobs import SealedFolder, is_cache
from ondevice.vault.database import Database
from ondevice.vault.events import EventLog, check_word
from ondevice.vault.filters import where
from ondevice.vault.identity import Identity, draw_cache_age
from ondevice.vault.lineage import Artifact, artifacts_of_rows
from ondevice.vault.metadata_keys import MetadataKeys
from ondevice.vault.readback import Findings, read_back
from ondevice.vault.receipts import CAVEATS, Notary
from ondevice.vault.separators import replace_dead_keys
from ondevice.vault.times import now_micros, to_micros
from ondevice.vault.traces import Traces, take_traces
from ondevice.vault.vectors import VectorStore

_NO_CONTROL = "the database's pages could not be read back with this release"


class Eraser(Protocol):
    """Whoever else holds something of items: an index, a cache."""

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome | tuple[ArtifactOutcome, ...]:
        """Remove every byte made from these rows, on the disk too, and say what became of it, or of each part.

        Called when the rows are gone for good.
        """
        ...


@dataclass(kw_only=True)
class _Deleted:
    """What the transaction took out."""

    number: int
    ids: list[str]
    rows: list[int]
    traces: Traces
    n_versions: int
    vectors: dict[str, int]
    artifacts: list[Artifact]
    outcomes: list[ArtifactOutcome] = field(default_factory=list)

    def note(self, kind: str, name: str, outcome: str, count: int = 0) -> None:
        self.outcomes.append(ArtifactOutcome(kind=kind, name=name, outcome=outcome, count=count))  # type: ignore[arg-type]


class Erasure:
    """Forgets items of one profile. Other writers wait meanwhile; readers go on, and no longer see the items."""

    def __init__(
        self,
        *,
        database: Database,
        identity: Identity,
        profile_id: str,
        sealed: SealedFolder,
        vectors: VectorStore,
        events: EventLog,
    ) -> None:
        self._database = database
        self._identity = identity
        self._profile_id = profile_id
        self._sealed = sealed
        self._vectors = vectors
        self._events = events
        self._metadata_keys = MetadataKeys(database)
        self._notary = Notary(identity)

    @property
    def public_key(self) -> str:
        """The key that checks this profile's receipts, in hex."""
        return self._notary.public_key

    def forget(
        self, selection: Sequence[str] | Filter, *, erasers: Sequence[Eraser], reason: str, everything: bool
    ) -> Receipt:
        """Do :meth:`ondevice.vault.vault.Vault.forget`."""
        if isinstance(selection, Filter) and selection.is_empty and not everything:
            raise ValueError("an empty filter forgets everything: say so with everything=True")
        check_word(reason)
        if isinstance(selection, str | Mapping) or not isinstance(selection, Filter | Iterable):
            kind = type(selection).__name__
            raise TypeError(f'a selection is a list of ids or a Filter, not one {kind}: write Filter(kinds=("note",))')
        with self._database.exclusive() as connection:
            ids, rows = _selected(connection, selection)
            mistake = self._metadata_keys.mistake_in(selection) if isinstance(selection, Filter) else None
            if not ids:
                raise NotFoundError(
                    "nothing was forgotten, because no item fits",
                    hint=mistake or "name items that are there, or look at the filter's kinds, times and metadata",
                )
            if mistake is not None:
                # What fits may fit for no other reason than that no item has the key.
                raise InputError(
                    f"nothing was forgotten: {mistake}",
                    hint="correct the filter's key; if it is right, name the items by their ids",
                )
            return self._erase(connection, ids, rows, erasers, reason)

    def prune(self, now: datetime, *, erasers: Sequence[Eraser]) -> Receipt | None:
        """Do :meth:`ondevice.vault.vault.Vault.prune`."""
        now_us = to_micros(now, "now")
        with self._database.exclusive() as connection:
            sql = "SELECT id, row FROM items WHERE expires_us <= ? ORDER BY row"
            found = connection.execute(sql, (now_us,)).fetchall()
            if not found:
                return None
            return self._erase(connection, *_columns(found), erasers, "expired")

    def finish_pending(self) -> int:
        """Finish the erasures that an interruption left, and return how many there were.

        A disk too full to rewrite the file leaves them for the next opening; the items are gone from all tables then.

        Raises:
            CorruptError: If something of a forgotten item is still in a table.
        """
        with self._database.exclusive() as connection:
            sql = "SELECT number, item_rows, blobs FROM pending_erasures ORDER BY number"
            pending = connection.execute(sql).fetchall()
        if not pending:
            return 0
        rows = sorted({row for _, item_rows, _ in pending for row in json.loads(item_rows)})
        self._delete_blobs({name for _, _, blobs in pending for name in json.loads(blobs)})
        self._require_gone(rows)
        with self._database.writing() as connection:
            replace_dead_keys(connection)
        try:
            self._database.compact()
        except StorageError:
            return 0
        if self._database.checkpoint():
            with self._database.writing() as connection:
                connection.executemany("DELETE FROM pending_erasures WHERE number = ?", [(row[0],) for row in pending])
                self._events.append("erasure-finished", items=len(rows))
            self._database.checkpoint()
        return len(pending)

    def _erase(
        self, connection: Connection, ids: list[str], rows: list[int], erasers: Sequence[Eraser], reason: str
    ) -> Receipt:
        at_us = now_micros()
        with self._database.writing():
            deleted = self._delete(connection, ids, rows, reason, at_us)
            cache_age = draw_cache_age(connection)
        self._sealed.cache_age = cache_age
        failure = self._tell(erasers, deleted)
        for name in self._delete_blobs({each.sealed_name for each in deleted.artifacts if each.sealed_name}):
            deleted.note("sealed blob", name, "erased", 1)
        findings = self._confirm(deleted)
        if failure is not None:
            # The note stays, so that the next opening drops what this eraser may have kept.
            raise failure
        caveats = CAVEATS if findings.is_control_found else (*CAVEATS, _NO_CONTROL)
        receipt = self._notary.sign(self._profile_id, at_us, ids, deleted.outcomes, caveats)
        with self._database.writing():
            if receipt.verified:
                connection.execute("DELETE FROM pending_erasures WHERE number = ?", (deleted.number,))
            self._events.append("forgot", items=len(ids), reason=reason, verified=receipt.verified)
        # The note held the items' ids, which an app may have made of anything.
        self._database.checkpoint()
        return receipt

    def _delete(self, connection: Connection, ids: list[str], rows: list[int], reason: str, at_us: int) -> _Deleted:
        traces = take_traces(connection, rows)
        artifacts = artifacts_of_rows(connection, rows)
        blobs = [each.sealed_name for each in artifacts if each.sealed_name]
        chosen = (json.dumps(rows),)
        of_rows = "WHERE row IN (SELECT value FROM json_each(?))"
        number = connection.execute(
            "INSERT INTO pending_erasures (at_us, reason, item_ids, item_rows, blobs) VALUES (?, ?, ?, ?, ?)",
            (at_us, reason, json.dumps(ids), *chosen, json.dumps(blobs)),
        ).lastrowid
        vectors = self._vectors.remove(connection, rows)
        n_versions = connection.execute(f"DELETE FROM versions {of_rows}", chosen).rowcount
        connection.execute(f"DELETE FROM artifacts WHERE number IN (SELECT artifact FROM lineage {of_rows})", chosen)
        connection.execute(f"DELETE FROM items {of_rows}", chosen)
        replace_dead_keys(connection, traces.gone_words)
        return _Deleted(
            number=number or 0,
            ids=ids,
            rows=rows,
            traces=traces,
            n_versions=n_versions,
            vectors=vectors,
            artifacts=artifacts,
        )

    def _tell(self, erasers: Sequence[Eraser], deleted: _Deleted) -> OndeviceError | None:
        """Let every eraser work, whatever another one did, and return the first failure."""
        failure: OndeviceError | None = None
        for eraser in erasers:
            try:
                told = eraser.erase(deleted.rows)
                deleted.outcomes += told if isinstance(told, tuple) else (told,)
            except OndeviceError as error:
                failure = failure or error
        return failure

    def _delete_blobs(self, names: Iterable[str]) -> list[str]:
        """Delete these blobs and every cache; return which of them were there."""
        caches = [name for name in self._sealed.names() if is_cache(name)]
        return [name for name in sorted({*names, *caches}) if self._sealed.delete(name)]

    def _confirm(self, deleted: _Deleted) -> Findings:
        """Empty the log, read everything back, rewrite the file if need be, and note each outcome."""
        is_cleared = self._database.checkpoint()
        findings = read_back(self._database, deleted.traces, self._identity.secret)
        if is_cleared and findings.is_control_found and not findings.is_clean:
            self._database.compact()
            is_cleared = self._database.checkpoint()
            findings = read_back(self._database, deleted.traces, self._identity.secret)
        n_terms = len(deleted.traces.exclusive_terms)
        deleted.note("items", "items", "found" if findings.n_texts else "erased", len(deleted.rows))
        deleted.note("versions", "versions", "erased" if deleted.n_versions else "absent", deleted.n_versions)
        deleted.note("search terms", "items_fts", "found" if findings.n_terms else "erased", n_terms)
        for encoder_id, count in deleted.vectors.items():
            deleted.note("vectors", encoder_id, "found" if findings.n_vectors else "erased", count)
        for artifact in deleted.artifacts:
            deleted.note(artifact.kind, artifact.name, "dropped", 1)
        deleted.note("write-ahead log", f"{self._database.path.name}-wal", "cleared" if is_cleared else "pending")
        is_clean = not (findings.n_texts or findings.n_vectors or findings.n_in_log)
        pages = "absent" if is_clean and findings.is_control_found else "found" if not is_clean else "pending"
        deleted.note("database pages", self._database.path.name, pages, findings.n_texts + findings.n_vectors)
        return findings

    def _require_gone(self, rows: Sequence[int]) -> None:
        tables = ("items", "versions", "vectors", "lineage")
        with self._database.reading() as connection:
            chosen = (json.dumps(list(rows)),)
            for table in tables:
                sql = f"SELECT count(*) FROM {table} WHERE row IN (SELECT value FROM json_each(?))"
                left = connection.execute(sql, chosen).fetchone()[0]
                if left:
                    raise CorruptError(f"{left} rows of forgotten items are still in {table}")


def _selected(connection: Connection, selection: Sequence[str] | Filter) -> tuple[list[str], list[int]]:
    """Return the ids and rows of a selection, expired items included."""
    if isinstance(selection, Filter):
        condition, values = where(selection)
        return _columns(
            connection.execute(f"SELECT id, row FROM items WHERE {condition} ORDER BY row", values).fetchall()
        )
    wanted = list(dict.fromkeys(selection))
    sql = "SELECT id, row FROM items WHERE id IN (SELECT value FROM json_each(?)) ORDER BY row"
    found = connection.execute(sql, (json.dumps(wanted),)).fetchall()
    if len(found) != len(wanted):
        raise NotFoundError(f"{len(wanted) - len(found)} of {len(wanted)} items are not there; nothing was forgotten")
    return _columns(found)


def _columns(found: Sequence[tuple[str, int]]) -> tuple[list[str], list[int]]:
    return [item_id for item_id, _ in found], [row for _, row in found]
