"""The items: add, read, change. Expired items are as good as gone at once; an erasure then removes them."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection
from types import EllipsisType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ondevice.errors import NotFoundError
from ondevice.passages import ItemText, PassageVectors, item_text
from ondevice.records import Draft, Filter, Item, MetadataValue, Ranked, Scalar, Version
from ondevice.vault.content import (
    ITEM_COLUMNS,
    Content,
    check_text,
    checked,
    columns_of,
    decode_metadata,
    decode_scalars,
    encode_metadata,
    encode_scalars,
    item_of,
)
from ondevice.vault.database import Database
from ondevice.vault.dedupe import Recognizer, known_rows
from ondevice.vault.filters import ALIVE, is_everything, where
from ondevice.vault.metadata_keys import MetadataKeys
from ondevice.vault.times import from_micros, now_micros, to_micros
from ondevice.vault.vectors import Vectors, VectorStore
from ondevice.words import field_text, searchable_text

__all__ = ["ItemStore", "Stored", "searchable_text"]

_INSERT = f"INSERT INTO items ({ITEM_COLUMNS}) VALUES ({', '.join('?' * len(ITEM_COLUMNS.split(',')))})"
_SELECT = f"SELECT {ITEM_COLUMNS} FROM items"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """What became of one draft: the item that now says it, its row, and whether it is new."""

    item: Item
    row: int
    is_new: bool


class ItemStore:
    """The items of one profile. Threads may use it at once; writes wait for one another."""

    def __init__(self, database: Database, recognizer: Recognizer, vectors: VectorStore) -> None:
        self._database = database
        self._recognizer = recognizer
        self._vectors = vectors
        self._total: tuple[int, int] = (-1, 0)
        self.metadata_keys = MetadataKeys(database)

    def put_many(self, drafts: Sequence[Draft], *, vectors: Vectors | None = None) -> list[Stored]:
        """Store drafts with their vectors in one transaction; what an item says already is not stored twice.

        Args:
            drafts: Any number of them.
            vectors: Encoder id → float32[len(drafts), dim], or the vectors of the drafts' passages.

        Returns:
            One entry per draft, in the same order.

        Raises:
            ValueError: If a draft holds what an item may not, an id is taken, or the vectors' shape is wrong.
            TypeError: If a value has a type that it may not have.
            ModelMismatchError: If an encoder's vectors have another dimension.
            StorageError: If the disk refuses; nothing of the batch is then kept.
        """
        contents = [checked(draft) for draft in drafts]
        return self.put_contents(contents, [self._recognizer.digest_of(content) for content in contents], vectors)

    def put_contents(
        self, contents: Sequence[Content], digests: Sequence[bytes], vectors: Vectors | None
    ) -> list[Stored]:
        """Do :meth:`put_many` with drafts that have been checked, and their hashes."""
        for encoder_id, given in (vectors or {}).items():
            n_given = given.n_items if isinstance(given, PassageVectors) else len(given)
            if n_given != len(contents):
                raise ValueError(f"{len(contents)} drafts came with {n_given} vectors of {encoder_id!r}")
        with self._database.writing() as connection:
            rows, new = self._place(connection, contents, digests)
            columns = [columns_of(contents[i], rows[i], digests[i]) for i in new]
            connection.executemany(_INSERT, columns)
            for encoder_id, given in (vectors or {}).items():
                of_new = given.of(new) if isinstance(given, PassageVectors) else given[new]
                self._vectors.write(connection, encoder_id, [rows[i] for i in new], of_new, are_new=True)
            made = {row[0]: item_of(row) for row in columns}
            found = _items_at(connection, [row for row in rows if row not in made])
        is_new = set(new)
        return [Stored(item=made.get(row) or found[row], row=row, is_new=i in is_new) for i, row in enumerate(rows)]

    def is_known(self, drafts: Sequence[Draft]) -> list[bool]:
        """Say for each draft whether an item has its content already."""
        digests = [self._recognizer.digest_of(checked(draft)) for draft in drafts]
        with self._database.reading() as connection:
            return [row is not None for row in known_rows(connection, digests, now_micros())]

    def get(self, item_id: str) -> Item:
        """Return an item.

        Raises:
            NotFoundError: If there is none with this id, or it has expired.
        """
        with self._database.reading() as connection:
            return item_of(_alive_row(connection, item_id))

    def row_of(self, item_id: str) -> int:
        """Return the row of an item: the number it has in indexes, never used again.

        Raises:
            NotFoundError: If there is none with this id, or it has expired.
        """
        with self._database.reading() as connection:
            return int(_alive_row(connection, item_id)[0])

    def get_rows(self, rows: Sequence[int]) -> dict[int, Item]:
        """Return the items that stand in these rows; rows that are gone or expired are left out."""
        with self._database.reading() as connection:
            return _items_at(connection, rows)

    def list(
        self, filter: Filter | None = None, *, limit: int | None = 100, offset: int = 0, newest_first: bool = True
    ) -> list[Item]:
        """Return items in the order of their time.

        Raises:
            ValueError: If limit or offset is negative or beyond counting, or the filter is wrong.
            TypeError: If the filter is no Filter, or holds a value of another type than it may.

        Warns:
            MisspeltKeyWarning: If the filter names a metadata key that no item has, and items have one almost the same.
        """
        if not all(0 <= number < 2**63 for number in (offset, 0 if limit is None else limit)):
            raise ValueError("limit and offset must not be negative, and below 2**63")
        condition, values = self._alive(filter)
        way = "DESC" if newest_first else "ASC"
        sql = f"{_SELECT} WHERE {condition} ORDER BY time_us {way}, row {way} LIMIT ? OFFSET ?"
        with self._database.reading() as connection:
            found = connection.execute(sql, [*values, -1 if limit is None else limit, offset]).fetchall()
        return [item_of(row) for row in found]

    def count(self, filter: Filter | None = None, *, at_us: int | None = None) -> int:
        """Return how many items pass; ``at_us`` stands for the present, by which some have expired."""
        if at_us is None and is_everything(filter):
            return self._count_all()
        condition, values = self._alive(filter, at_us)
        with self._database.reading() as connection:
            return int(connection.execute(f"SELECT count(*) FROM items WHERE {condition}", values).fetchone()[0])

    def count_kept(self, filter: Filter | None = None, *, expired_by: datetime | None = None) -> int:
        """Return how many items an erasure would find: that pass, expired ones too until they are pruned.

        Args:
            filter: Which items count.
            expired_by: Only those that have expired by then.
        """
        condition, values = where(filter)
        if expired_by is not None:
            condition, values = f"{condition} AND items.expires_us <= ?", [*values, to_micros(expired_by, "now")]
        with self._database.reading() as connection:
            return int(connection.execute(f"SELECT count(*) FROM items WHERE {condition}", values).fetchone()[0])

    def count_rows(self, rows: Sequence[int]) -> int:
        """Return how many of these rows hold items still that have not expired."""
        sql = f"SELECT count(*) FROM items WHERE row IN (SELECT value FROM json_each(?)) AND {ALIVE}"
        with self._database.reading() as connection:
            return int(connection.execute(sql, (json.dumps(list(rows)), now_micros())).fetchone()[0])

    def count_by_kind(self) -> dict[str, int]:
        """Return how many items there are of each kind."""
        sql = f"SELECT kind, count(*) FROM items WHERE {ALIVE} GROUP BY kind ORDER BY kind"
        with self._database.reading() as connection:
            return dict(connection.execute(sql, (now_micros(),)).fetchall())

    def count_by_key(self) -> dict[str, int]:
        """Return how many items have each metadata key, the most frequent first: what a filter can ask for."""
        return self.metadata_keys.counted()

    def count_versions(self) -> int:
        """Return how many earlier versions are kept."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM versions").fetchone()[0])

    def iterate(self, filter: Filter | None = None, batch: int = 500) -> Iterator[Item]:
        """Yield items in the order they were added; what is added or forgotten meanwhile may or may not be seen."""
        for row in self.iterate_rows(filter, batch):
            yield item_of(row)

    def iterate_rows(
        self, filter: Filter | None = None, batch: int = 500, *, at_us: int | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the columns of items as :data:`~ondevice.vault.content.ITEM_COLUMNS` names them, in the rows' order.

        ``at_us`` stands for the present, by which some have expired.
        """
        condition, values = self._alive(filter, at_us)
        last = 0
        while True:
            with self._database.reading() as connection:
                sql = f"{_SELECT} WHERE row > ? AND {condition} ORDER BY row LIMIT ?"
                found = connection.execute(sql, [last, *values, batch]).fetchall()
            if not found:
                return
            yield from found
            last = found[-1][0]

    def rows(self, filter: Filter | None = None) -> NDArray[np.int64]:
        """Return the rows of the items that pass, in ascending order: int64[n]."""
        condition, values = self._alive(filter)
        with self._database.reading() as connection:
            found = connection.execute(f"SELECT row FROM items WHERE {condition}", values).fetchall()
        return np.sort(np.array([row for (row,) in found], np.int64))

    def recent(self, filter: Filter | None, limit: int) -> builtins.list[Ranked]:
        """Return the newest items' rows; the score is minus the position."""
        condition, values = self._alive(filter)
        sql = f"SELECT row FROM items WHERE {condition} ORDER BY time_us DESC, row DESC LIMIT ?"
        with self._database.reading() as connection:
            found = connection.execute(sql, [*values, limit]).fetchall()
        return [Ranked(row, -float(position)) for position, (row,) in enumerate(found)]

    def texts_for(self, rows: Sequence[int]) -> builtins.list[ItemText]:
        """Return what is searched of each row's item, in the same order.

        Raises:
            NotFoundError: If a row is gone.
        """
        with self._database.reading() as connection:
            found = [
                connection.execute("SELECT field_text, text FROM items WHERE row = ?", (row,)).fetchone()
                for row in rows
            ]
        if None in found:
            raise NotFoundError(f"{found.count(None)} of {len(found)} items are no longer there")
        return [item_text(text, named) for named, text in found]

    def update(
        self,
        item_id: str,
        *,
        text: str | None = None,
        fields: Mapping[str, Scalar] | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        time: datetime | None = None,
        expires_at: datetime | EllipsisType | None = ...,
        vectors: Mapping[str, NDArray[np.float32] | PassageVectors] | None = None,
    ) -> Item:
        """Change what is given, and keep what the item said as a version.

        If what is searched changes, vectors that are not given anew are removed: they would speak of the old text.

        Args:
            item_id: The item.
            text: Its new text.
            fields: All its fields anew.
            metadata: All its metadata anew.
            time: When it happened.
            expires_at: When it expires; ``None`` means never, and leaving it out changes nothing.
            vectors: Encoder id → float32[dim] of the new content, or the vectors of its passages.

        Raises:
            NotFoundError: If there is no such item.
            ValueError, TypeError: As :meth:`put_many`.
        """
        with self._database.writing() as connection:
            before = _alive_row(connection, item_id)
            row, old_text, old_named, old_version = before[0], before[3], before[4], before[11]
            after = {
                "text": old_text if text is None else check_text(text),
                "fields": before[5] if fields is None else encode_scalars(fields),
                "field_text": old_named if fields is None else field_text(fields),
                "metadata": before[6] if metadata is None else encode_metadata(metadata),
                "time_us": before[7] if time is None else to_micros(time, "time"),
                "is_time_given": int(bool(before[8]) or time is not None),
                "expires_us": before[10] if isinstance(expires_at, EllipsisType) else _expiry(expires_at),
                "version": old_version + 1,
            }
            given_us = after["time_us"] if after["is_time_given"] else None
            after["digest"] = self._recognizer.digest(before[2], after["text"], after["fields"], given_us)
            connection.execute(
                "INSERT INTO versions (row, item_id, text, fields, metadata, version, replaced_us)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (row, item_id, old_text, before[5], before[6], old_version, now_micros()),
            )
            sets = ", ".join(f"{column} = ?" for column in after)
            connection.execute(f"UPDATE items SET {sets} WHERE row = ?", [*after.values(), row])
            if (after["text"], after["field_text"]) != (old_text, old_named):
                self._vectors.remove(connection, [row], but=list(vectors or ()), items_stay=True)
            for encoder_id, given in (vectors or {}).items():
                whole = given if isinstance(given, PassageVectors) else np.asarray(given)[None, :]
                self._vectors.write(connection, encoder_id, [row], whole)
            return item_of(connection.execute(f"{_SELECT} WHERE row = ?", (row,)).fetchone())

    def history(self, item_id: str) -> builtins.list[Version]:
        """Return what the item said before its updates, oldest first.

        Raises:
            NotFoundError: If there is no such item.
        """
        with self._database.reading() as connection:
            row = _alive_row(connection, item_id)[0]
            found = connection.execute(
                "SELECT version, text, fields, metadata, replaced_us FROM versions WHERE row = ? ORDER BY version",
                (row,),
            ).fetchall()
        return [
            Version(
                version=version,
                text=text,
                fields=decode_scalars(fields),
                metadata=decode_metadata(metadata),
                replaced_at=from_micros(replaced_us),
            )
            for version, text, fields, metadata, replaced_us in found
        ]

    def _place(
        self, connection: Connection, contents: Sequence[Content], digests: Sequence[bytes]
    ) -> tuple[builtins.list[int], builtins.list[int]]:
        """Give each draft its row, and tell which drafts are new."""
        known = known_rows(connection, digests, now_micros())
        last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'items'").fetchone()
        following = (last[0] if last else 0) + 1
        rows: builtins.list[int] = []
        new: builtins.list[int] = []
        of_digest: dict[bytes, int] = {}
        for i, digest in enumerate(digests):
            row = known[i] if known[i] is not None else of_digest.get(digest)
            if row is None:
                row, following = following, following + 1
                new.append(i)
                of_digest[digest] = row
            rows.append(row)
        given = [content.id for content in (contents[i] for i in new) if content.id is not None]
        _require_free(connection, given)
        return rows, new

    def _alive(self, filter: Filter | None, at_us: int | None = None) -> tuple[str, builtins.list[Any]]:
        """Return the condition of a read, after a warning if the filter looks mistaken."""
        condition, values = where(filter)
        self.metadata_keys.warn_of(filter)
        return f"{ALIVE} AND {condition}", [now_micros() if at_us is None else at_us, *values]

    def _count_all(self) -> int:
        version, total = self._total
        with self._database.reading() as connection:
            if version != self._database.version:
                version = self._database.version
                total = connection.execute("SELECT count(*) FROM items").fetchone()[0]
                self._total = (version, total)
            expired = connection.execute("SELECT count(*) FROM items WHERE expires_us <= ?", (now_micros(),))
            return total - int(expired.fetchone()[0])


def _alive_row(connection: Connection, item_id: str) -> tuple[Any, ...]:
    found: tuple[Any, ...] | None = connection.execute(
        f"{_SELECT} WHERE id = ? AND {ALIVE}", (item_id, now_micros())
    ).fetchone()
    if found is None:
        raise NotFoundError("there is no item with this id")
    return found


def _items_at(connection: Connection, rows: Sequence[int]) -> dict[int, Item]:
    sql = f"{_SELECT} WHERE row IN (SELECT value FROM json_each(?)) AND {ALIVE}"
    found = connection.execute(sql, (json.dumps([int(row) for row in rows]), now_micros())).fetchall()
    return {row[0]: item_of(row) for row in found}


def _require_free(connection: Connection, item_ids: Sequence[str]) -> None:
    taken = connection.execute(
        "SELECT count(*) FROM items WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(item_ids),)
    ).fetchone()[0]
    if taken or len(set(item_ids)) < len(item_ids):
        raise ValueError("a draft's id belongs to another item already")


def _expiry(expires_at: datetime | None) -> int | None:
    return None if expires_at is None else to_micros(expires_at, "expires_at")
