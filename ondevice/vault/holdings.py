"""How much lies in a profile's tables, of what, since when, and whether all of it belongs to items that are there.

Counts, times and names; never what an item says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from ondevice.vault.filters import ALIVE
from ondevice.vault.times import from_micros

ORIGINS: Mapping[str, str] = {
    "message_id": "mail",
    "dia_id": "LoCoMo",
    "lamp_id": "LaMP",
    "path": "note files",
    "exported_by": "exports of chat programs and Keep",
    "uid": "calendars and address books",
}
"""The metadata key by which an importer's items can be told → where they came from; the first that an item has."""

OTHER_ORIGIN = "the app, JSON Lines or tables"
"""Where the rest came from: nothing in it tells these apart."""

_BYTES = " + ".join(f"length(CAST({column} AS BLOB))" for column in ("text", "fields", "metadata"))


@dataclass(frozen=True, kw_only=True, slots=True)
class KindHeld:
    """The items of one kind that have not expired.

    Args:
        kind: Its name.
        n_items: How many there are.
        n_bytes: What they say, in UTF-8.
        oldest: When the oldest happened.
        newest: And the newest.
        n_expiring: How many of them will expire.
    """

    kind: str
    n_items: int
    n_bytes: int
    oldest: datetime | None
    newest: datetime | None
    n_expiring: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemsHeld:
    """All items.

    Args:
        by_kind: Those that have not expired.
        by_origin: How many of them came from where, as far as their importer left a mark.
        field_names: How many of them have each field.
        metadata_keys: How many of them have each key of metadata.
        first_added: When the first of them came in.
        last_added: And the last.
        n_versions: Earlier wordings that updates kept.
        version_bytes: What these say, in UTF-8.
        next_expiry: When the next item expires.
        n_expired: Items that have expired and wait for pruning: found no more, but not erased yet.
        expired_since: When the first of them did.
    """

    by_kind: tuple[KindHeld, ...]
    by_origin: Mapping[str, int]
    field_names: Mapping[str, int]
    metadata_keys: Mapping[str, int]
    first_added: datetime | None
    last_added: datetime | None
    n_versions: int
    version_bytes: int
    next_expiry: datetime | None
    n_expired: int
    expired_since: datetime | None

    @property
    def n_items(self) -> int:
        """How many items have not expired."""
        return sum(each.n_items for each in self.by_kind)

    @property
    def n_bytes(self) -> int:
        """What they say, in UTF-8."""
        return sum(each.n_bytes for each in self.by_kind)

    @property
    def n_expiring(self) -> int:
        """How many of them will expire."""
        return sum(each.n_expiring for each in self.by_kind)

    @property
    def oldest(self) -> datetime | None:
        """When the oldest of them happened."""
        return min((each.oldest for each in self.by_kind if each.oldest), default=None)

    @property
    def newest(self) -> datetime | None:
        """When the newest of them happened."""
        return max((each.newest for each in self.by_kind if each.newest), default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class VectorsHeld:
    """The vectors of one encoder."""

    encoder_id: str
    dim: int
    n_vectors: int

    @property
    def n_bytes(self) -> int:
        """Their size: four bytes a number."""
        return 4 * self.dim * self.n_vectors


@dataclass(frozen=True, kw_only=True, slots=True)
class WordsHeld:
    """The search terms: how many different ones, and in how many places."""

    n_words: int
    n_places: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EventsHeld:
    """The entries of the event log of one kind."""

    kind: str
    n_events: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftBehind:
    """What belongs to items that are gone; in a sound profile all of these are 0."""

    n_versions: int
    n_vectors: int
    n_in_search: int
    n_in_lineage: int

    @property
    def n_in_all(self) -> int:
        """Their sum."""
        return self.n_versions + self.n_vectors + self.n_in_search + self.n_in_lineage


def items_held(connection: Connection, now_us: int) -> ItemsHeld:
    """Count the items."""
    kinds = connection.execute(
        f"SELECT kind, count(*), sum({_BYTES}), min(time_us), max(time_us), count(expires_us) FROM items"
        f" WHERE {ALIVE} GROUP BY kind ORDER BY kind",
        (now_us,),
    ).fetchall()
    added = connection.execute(
        f"SELECT min(added_us), max(added_us), min(expires_us) FROM items WHERE {ALIVE}", (now_us,)
    ).fetchone()
    expired = connection.execute(
        "SELECT count(*), min(expires_us) FROM items WHERE expires_us <= ?", (now_us,)
    ).fetchone()
    versions = connection.execute(f"SELECT count(*), coalesce(sum({_BYTES}), 0) FROM versions").fetchone()
    return ItemsHeld(
        by_kind=tuple(
            KindHeld(
                kind=kind,
                n_items=n_items,
                n_bytes=n_bytes,
                oldest=moment(oldest),
                newest=moment(newest),
                n_expiring=n_expiring,
            )
            for kind, n_items, n_bytes, oldest, newest, n_expiring in kinds
        ),
        by_origin=_by_origin(connection, now_us),
        field_names=_names(connection, "fields", now_us),
        metadata_keys=_names(connection, "metadata", now_us),
        first_added=moment(added[0]),
        last_added=moment(added[1]),
        n_versions=versions[0],
        version_bytes=versions[1],
        next_expiry=moment(added[2]),
        n_expired=expired[0],
        expired_since=moment(expired[1]),
    )


def vectors_held(connection: Connection) -> tuple[VectorsHeld, ...]:
    """Count the vectors, by encoder."""
    found = connection.execute(
        "SELECT encoder_id, dim, (SELECT count(*) FROM vectors WHERE encoder = number) FROM encoders"
        " ORDER BY encoder_id"
    ).fetchall()
    return tuple(VectorsHeld(encoder_id=each[0], dim=each[1], n_vectors=each[2]) for each in found)


def words_held(connection: Connection) -> WordsHeld:
    """Count the search terms; this walks through all of them."""
    found = connection.execute("SELECT count(*), coalesce(sum(cnt), 0) FROM items_vocab").fetchone()
    return WordsHeld(n_words=found[0], n_places=found[1])


def events_held(connection: Connection) -> tuple[EventsHeld, ...]:
    """Count the entries of the event log, by kind; what they say is not read."""
    found = connection.execute("SELECT kind, count(*), min(at_us), max(at_us) FROM events GROUP BY kind ORDER BY kind")
    return tuple(
        EventsHeld(kind=kind, n_events=n_events, first=moment(first), last=moment(last))
        for kind, n_events, first, last in found.fetchall()
    )


def left_behind(connection: Connection) -> LeftBehind:
    """Count what belongs to items that are gone."""
    gone = "NOT IN (SELECT row FROM items)"
    return LeftBehind(
        n_versions=_count(connection, f"versions WHERE row {gone}"),
        n_vectors=_count(connection, f"vectors WHERE row {gone}"),
        n_in_search=_count(connection, f"items_fts_docsize WHERE id {gone}"),
        n_in_lineage=_count(connection, f"lineage WHERE row {gone}"),
    )


def moment(micros: int | None) -> datetime | None:
    """Return a time that was found, or ``None`` where there is none, or none that a calendar has."""
    try:
        return None if micros is None else from_micros(micros)
    except OverflowError:
        return None


def _by_origin(connection: Connection, now_us: int) -> dict[str, int]:
    cases = " ".join(f"WHEN json_type(metadata, '$.{key}') IS NOT NULL THEN '{key}'" for key in ORIGINS)
    found = connection.execute(
        f"SELECT CASE {cases} END AS mark, count(*) AS n FROM items WHERE {ALIVE} GROUP BY mark ORDER BY n DESC, mark",
        (now_us,),
    ).fetchall()
    return {OTHER_ORIGIN if mark is None else ORIGINS[mark]: n_items for mark, n_items in found}


def _names(connection: Connection, column: str, now_us: int) -> dict[str, int]:
    """Return how many items have each name of a JSON object, the most frequent first."""
    sql = (
        f"SELECT m.key, count(*) AS n FROM items, json_each(items.{column}) AS m WHERE {ALIVE}"
        " GROUP BY m.key ORDER BY n DESC, m.key"
    )
    return dict(connection.execute(sql, (now_us,)).fetchall())


def _count(connection: Connection, of: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {of}").fetchone()[0])
