"""From which items an artifact was made, so that forgetting an item finds everything derived from it."""

from __future__ import annotations

import builtins
import json
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from ondevice.errors import NotFoundError
from ondevice.vault.blobs import SealedFolder
from ondevice.vault.database import Database
from ondevice.vault.times import now_micros


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """Something derived from items; ``sealed_name`` is the blob that holds it, if one does."""

    kind: str
    name: str
    sealed_name: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """What an artifact rests on now.

    Args:
        kind: The artifact's kind.
        name: Its name.
        n_items: Items it was made from that are there, expired ones included.
        n_gone: Items it is noted to be made from that are in no table any more.
        n_expired: Of those that are there, how many have expired and wait for pruning.
        n_changed: And how many say something else since it was made.
    """

    kind: str
    name: str
    n_items: int
    n_gone: int
    n_expired: int
    n_changed: int


class Lineage:
    """Derived artifact → items. Threads may use it at once."""

    def __init__(self, database: Database, sealed: SealedFolder) -> None:
        self._database = database
        self._sealed = sealed

    def record(self, kind: str, name: str, item_ids: Sequence[str], *, sealed_name: str | None = None) -> None:
        """Note that an artifact was made from these items, in place of what was noted of it before.

        Call it before the blob is written, so that no moment has a blob whose origin is unknown.

        Raises:
            NotFoundError: If an item is not there.
        """
        wanted = list(dict.fromkeys(item_ids))
        with self._database.writing() as connection:
            rows = connection.execute(
                "SELECT row FROM items WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(wanted),)
            ).fetchall()
            if len(rows) != len(wanted):
                raise NotFoundError(f"{len(wanted) - len(rows)} of {len(wanted)} items are not there")
            connection.execute("DELETE FROM artifacts WHERE kind = ? AND name = ?", (kind, name))
            number = connection.execute(
                "INSERT INTO artifacts (kind, name, sealed_name, made_us) VALUES (?, ?, ?, ?)",
                (kind, name, sealed_name, now_micros()),
            ).lastrowid
            connection.executemany(
                "INSERT INTO lineage (artifact, row) VALUES (?, ?)", [(number, row) for (row,) in rows]
            )

    def artifacts_of(self, item_ids: Sequence[str]) -> builtins.list[Artifact]:
        """Return the artifacts made from any of these items."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT row FROM items WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(item_ids)),)
            ).fetchall()
            return artifacts_of_rows(connection, [row for (row,) in rows])

    def items_of(self, kind: str, name: str) -> builtins.list[str]:
        """Return the ids of the items an artifact was made from, in the order they were added."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT id FROM items JOIN lineage USING (row) JOIN artifacts ON artifact = number"
                " WHERE artifacts.kind = ? AND artifacts.name = ? ORDER BY row",
                (kind, name),
            ).fetchall()
        return [item_id for (item_id,) in found]

    def list(self) -> builtins.list[Artifact]:
        """Return all artifacts."""
        with self._database.reading() as connection:
            found = connection.execute("SELECT kind, name, sealed_name FROM artifacts ORDER BY kind, name").fetchall()
        return [Artifact(kind=kind, name=name, sealed_name=sealed_name) for kind, name, sealed_name in found]

    def bases(self) -> builtins.list[Basis]:
        """Return what every artifact rests on now."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT artifacts.kind, name, count(items.row), count(lineage.row) - count(items.row),"
                " coalesce(sum(items.expires_us <= ?), 0), coalesce(sum(EXISTS (SELECT 1 FROM versions"
                " WHERE versions.row = items.row AND replaced_us > made_us"
                " AND (versions.text, versions.fields) != (items.text, items.fields))), 0)"
                " FROM artifacts LEFT JOIN lineage ON artifact = number LEFT JOIN items ON items.row = lineage.row"
                " GROUP BY number ORDER BY artifacts.kind, name",
                (now_micros(),),
            ).fetchall()
        return [
            Basis(kind=kind, name=name, n_items=n_items, n_gone=n_gone, n_expired=n_expired, n_changed=n_changed)
            for kind, name, n_items, n_gone, n_expired, n_changed in found
        ]

    def drop(self, kind: str, name: str) -> bool:
        """Delete an artifact's blob and what was noted of it; return whether it was there."""
        with self._database.reading() as connection:
            sql = "SELECT sealed_name FROM artifacts WHERE kind = ? AND name = ?"
            found = connection.execute(sql, (kind, name)).fetchone()
        if found is None:
            return False
        # The note first: a blob that nothing speaks of any more is cleared, and a note without its blob would mislead.
        with self._database.writing() as connection:
            connection.execute("DELETE FROM artifacts WHERE kind = ? AND name = ?", (kind, name))
        if found[0] is not None:
            self._sealed.delete(found[0])
        return True


def artifacts_of_rows(connection: Connection, rows: Sequence[int]) -> list[Artifact]:
    """Return the artifacts made from any of these rows."""
    found = connection.execute(
        "SELECT DISTINCT kind, name, sealed_name FROM artifacts JOIN lineage ON artifact = number"
        " WHERE row IN (SELECT value FROM json_each(?)) ORDER BY kind, name",
        (json.dumps(list(rows)),),
    ).fetchall()
    return [Artifact(kind=kind, name=name, sealed_name=sealed_name) for kind, name, sealed_name in found]
