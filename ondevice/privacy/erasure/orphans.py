"""Rows that speak of items which are not there, or are not to be there any more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ondevice.privacy.erasure.connection import Connection
from ondevice.privacy.erasure.schema import count_foreign_parts

LEARNED = "derived/"
"""How the settings' keys begin under which is noted what was made from items."""

_VECTORS = (
    "SELECT count(*) FROM vectors WHERE row NOT IN (SELECT row FROM items)"
    " OR encoder NOT IN (SELECT number FROM encoders)"
)
_VERSIONS = (
    "SELECT count(*) FROM versions"
    " WHERE NOT EXISTS (SELECT 1 FROM items WHERE items.row = versions.row AND items.id = versions.item_id)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Orphans:
    """What was counted.

    Args:
        n_items: Items that are there, expired ones included.
        n_vectors: Vectors of items that are not there, or of encoders that nobody knows.
        n_versions: Earlier versions of items that are not there, or under another item's number.
        n_learned: Things learned of items, of which not all are there.
        n_learned_expired: Things learned of items that have expired.
        n_unowned: Things learned of which nothing says from what.
        n_gone_ids: Ids of items that are not there, in the notes beside what was learned.
        n_gone_words: Kinds, and keys and values of metadata, that no item has, in the filters of those notes.
        n_expired: Items that have expired and still lie there.
        n_pending: Erasures that began and did not end.
        n_foreign_tables: Tables, columns, indexes and triggers that the profile's format does not know.
    """

    n_items: int
    n_vectors: int
    n_versions: int
    n_learned: int
    n_learned_expired: int
    n_unowned: int
    n_gone_ids: int
    n_gone_words: int
    n_expired: int
    n_pending: int
    n_foreign_tables: int


def count_orphans(connection: Connection, now_us: int) -> Orphans:
    """Look through every table that speaks of items."""

    def count(sql: str, *values: object) -> int:
        return int(connection.execute(sql, values).fetchone()[0])

    ids = {item_id for (item_id,) in connection.execute("SELECT id FROM items").fetchall()}
    notes = _notes(connection)
    gone, unowned = _learned_of_gone(connection, notes)
    return Orphans(
        n_items=len(ids),
        n_vectors=count(_VECTORS),
        n_versions=count(_VERSIONS),
        n_learned=len(gone),
        n_learned_expired=count(
            "SELECT count(DISTINCT artifact) FROM lineage JOIN items USING (row) WHERE expires_us <= ?", now_us
        ),
        n_unowned=unowned,
        n_gone_ids=len({each for note in notes.values() for each in _ids_in(note["note"])} - ids),
        n_gone_words=len(
            {each for note in notes.values() for each in _words_in_filter(note["note"].get("filter"))}
            - _words_of_items(connection)
        ),
        n_expired=count("SELECT count(*) FROM items WHERE expires_us <= ?", now_us),
        n_pending=count("SELECT count(*) FROM pending_erasures"),
        n_foreign_tables=count_foreign_parts(connection),
    )


def _learned_of_gone(connection: Connection, notes: Mapping[str, Any]) -> tuple[set[int], int]:
    """Return the artifacts that rest on an item which is gone, and how many rest on nothing that is known.

    The note beside an artifact says of how many items it was made: where fewer are named, the others are gone.
    """
    gone = {
        number
        for (number,) in connection.execute(
            "SELECT artifact FROM lineage WHERE row NOT IN (SELECT row FROM items)"
            " OR artifact NOT IN (SELECT number FROM artifacts)"
        ).fetchall()
    }
    n_unowned = 0
    counted = dict(connection.execute("SELECT artifact, count(*) FROM lineage GROUP BY artifact").fetchall())
    for number, blob in connection.execute("SELECT number, sealed_name FROM artifacts").fetchall():
        n_named, note = counted.get(number, 0), notes.get(blob)
        if not n_named:
            n_unowned += 1
        elif note is not None and n_named < note["n_items"]:
            gone.add(number)
    return gone, n_unowned


def _notes(connection: Connection) -> dict[str, Any]:
    """Return what is noted of each thing that was learned, by its blob."""
    found = connection.execute("SELECT value FROM settings WHERE key LIKE ?", (f"{LEARNED}%",)).fetchall()
    return {entry["blob"]: entry for (value,) in found for entry in json.loads(value).values()}


def _words_of_items(connection: Connection) -> set[object]:
    """Return every kind, and every key and value of metadata, that an item has."""
    words: set[object] = set()
    for kind, metadata in connection.execute("SELECT DISTINCT kind, metadata FROM items").fetchall():
        words |= {kind, *_leaves(json.loads(metadata))}
    return words


def _leaves(value: Any) -> Iterator[object]:  # noqa: ANN401 - JSON
    """Yield the keys of an object and what it holds, lists and objects in it included."""
    for part in value.items() if isinstance(value, dict) else value:
        if isinstance(part, dict | list | tuple):
            yield from _leaves(part)
        else:
            yield part


def _words_in_filter(chosen: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Yield the texts that a noted filter asks for; ``"gone"`` stands for one that went with its items."""
    if not isinstance(chosen, dict):
        return
    yield from chosen.get("kinds") or ()
    for key, condition in (chosen.get("metadata") or {}).items():
        # What is compared is told by names as ``ne``, which stand in no item.
        asked = list(condition.values()) if isinstance(condition, dict) else [condition]
        yield from (each for each in _leaves([key, *asked]) if isinstance(each, str))
    for part in (*(chosen.get("any_of") or ()), *(chosen.get("all_of") or ())):
        yield from _words_in_filter(part)


def _ids_in(note: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of items in a note: those that it leaves out, and those in its filter and the filters in that."""
    yield from note.get("leave_out") or ()
    if isinstance(chosen := note.get("filter"), dict):
        yield from _ids_in_filter(chosen)


def _ids_in_filter(chosen: Mapping[str, Any]) -> Iterator[str]:
    yield from chosen.get("ids") or ()
    for part in (*(chosen.get("any_of") or ()), *(chosen.get("all_of") or ())):
        yield from _ids_in_filter(part)
