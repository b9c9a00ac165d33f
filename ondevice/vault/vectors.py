"""The items' vectors, per encoder: the truth that every index is made from.

An item has one vector for each passage of its text. The first stands for the item where one vector has to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from sqlite3 import Connection
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ondevice.errors import CorruptError, ModelMismatchError
from ondevice.passages import PASSAGE_BITS, PassageVectors, Span
from ondevice.records import Filter
from ondevice.vault.database import Database
from ondevice.vault.filters import ALIVE, where
from ondevice.vault.times import now_micros

MAX_DIM = 16_384
MAX_ENCODER_ID_CHARS = 200

Vectors = Mapping[str, NDArray[np.float32] | PassageVectors]
"""Encoder id → float32[n, dim], one for each item, or the vectors of n items' passages.

Of an item that comes with one vector alone nobody has said whether its text is longer: it counts as not split yet."""


class Encoding(NamedTuple):
    """An encoder as the store knows it."""

    number: int
    dim: int
    revision: int


class VectorStore:
    """float32 vectors by encoder and row. Threads may use it at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[int, dict[str, Encoding]] = (-1, {})
        self._counts: tuple[int, dict[str, tuple[int, int]]] = (-1, {})
        # Up to which row no item lacks a vector, as seen at which version: rows only ever grow, so a search looks at
        # what is newer. What was seen before a vector was taken from an item that stays, tells nothing any more.
        self._whole_to: dict[str, tuple[int, int]] = {}
        self._taken_at: dict[str, int] = {}

    def revision(self, encoder_id: str) -> int:
        """Return a number that grows with every change of this encoder's vectors; 0 before the first."""
        found = self._encodings().get(encoder_id)
        return found.revision if found else 0

    def encoders(self) -> dict[str, int]:
        """Return how many vectors there are of each encoder."""
        return {encoder_id: n for encoder_id, (n, _) in self._counted().items()}

    def count(self, encoder_id: str) -> int:
        """Return how many vectors there are of this encoder."""
        return self._counted().get(encoder_id, (0, 0))[0]

    def count_items(self, encoder_id: str) -> int:
        """Return how many items have vectors of this encoder."""
        return self._counted().get(encoder_id, (0, 0))[1]

    def missing(self, encoder_id: str, limit: int) -> NDArray[np.int64]:
        """Return the first rows of unexpired items that have no vector of this encoder: int64[at most limit]."""
        start, version = self._start(encoder_id), self._database.version
        with self._database.reading() as connection:
            last = connection.execute("SELECT max(row) FROM items").fetchone()[0] or 0
            rows = connection.execute(
                # One statement, so one view of the database: a batch stored meanwhile is seen whole or not at all.
                "SELECT row FROM items WHERE row > ? AND (expires_us IS NULL OR expires_us > ?) AND NOT EXISTS"
                " (SELECT 1 FROM encoders JOIN vectors ON vectors.encoder = encoders.number"
                " WHERE encoders.encoder_id = ? AND vectors.row = items.row) ORDER BY row LIMIT ?",
                (start, now_micros(), encoder_id, limit),
            ).fetchall()
        if not rows and limit > 0:
            self._whole_to[encoder_id] = last, version
        return np.array([row for (row,) in rows], np.int64)

    def unsplit(self, encoder_id: str, limit: int) -> NDArray[np.int64]:
        """Return the first rows of unexpired items of which nobody knows whether they are one passage: int64[n].

        Their vector is of the beginning of the text, as an earlier release made it, or was given without its passages.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT vectors.row FROM encoders JOIN vectors ON vectors.encoder = encoders.number"
                " JOIN items ON items.row = vectors.row"
                f" WHERE encoders.encoder_id = ? AND vectors.ends IS NULL AND {ALIVE} ORDER BY vectors.row LIMIT ?",
                (encoder_id, now_micros(), limit),
            ).fetchall()
        return np.array([row for (row,) in rows], np.int64)

    def count_unsplit(self) -> dict[str, int]:
        """Return how many items :meth:`unsplit` would find, expired ones included, by encoder; none where none are."""
        sql = (
            "SELECT encoder_id, count(*) FROM vectors JOIN encoders ON number = encoder WHERE ends IS NULL"
            " GROUP BY encoder_id ORDER BY encoder_id"
        )
        with self._database.reading() as connection:
            return dict(connection.execute(sql).fetchall())

    def settle(self, encoder_id: str, lengths: Mapping[int, int]) -> None:
        """Note of items that they are one passage, and how many characters of them are searched, by row.

        Raises:
            StorageError: If the disk refuses; nothing of it is then noted.
        """
        with self._database.writing() as connection:
            connection.executemany(
                "UPDATE vectors SET ends = ? WHERE row = ? AND passage = 0 AND ends IS NULL"
                " AND encoder = (SELECT number FROM encoders WHERE encoder_id = ?)",
                [(length, row, encoder_id) for row, length in lengths.items()],
            )

    def load(self, encoder_id: str) -> tuple[NDArray[np.int64], NDArray[np.float32], int]:
        """Return the first vector of every item: int64[n] rows, float32[n, dim], and the revision they have."""
        return self._read(encoder_id, "row", "passage = 0")

    def passages(self, encoder_id: str, *, since: int = -1) -> tuple[NDArray[np.int64], NDArray[np.float32], int]:
        """Return the vectors of every passage, or of the items whose vectors were added or replaced after a revision.

        Of such an item all are returned; what was removed is not told.

        Shapes: int64[n] labels, ascending, float32[n, dim], and the revision they have.
        """
        return self._read(encoder_id, f"row << {PASSAGE_BITS} | passage", "revision > ?" if since >= 0 else "1", since)

    def spans(self, encoder_id: str, labels: Sequence[int]) -> dict[int, Span]:
        """Return where these passages begin and end, by label; those that are gone or not split yet are left out."""
        sql = (
            "SELECT starts, ends FROM vectors WHERE encoder = (SELECT number FROM encoders WHERE encoder_id = ?)"
            " AND row = ? AND passage = ? AND ends IS NOT NULL"
        )
        low = (1 << PASSAGE_BITS) - 1
        with self._database.reading() as connection:
            found = {
                label: connection.execute(sql, (encoder_id, label >> PASSAGE_BITS, label & low)).fetchone()
                for label in labels
            }
        return {label: Span(*span) for label, span in found.items() if span is not None}

    def newest(
        self, encoder_id: str, limit: int, filter: Filter | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], int]:
        """Return the vectors of the newest unexpired items that pass, in the rows' order, and how many items have none.

        Shapes: int64[n] rows, float32[n, dim]; an item without a vector has a part in neither.
        """
        condition, values = where(filter)
        with self._database.reading() as connection:
            found = connection.execute(
                # One statement, so one view of the database: no item comes without its vector, or goes with it kept.
                "SELECT items.row, vectors.vector FROM items LEFT JOIN encoders ON encoders.encoder_id = ?"
                " LEFT JOIN vectors ON vectors.encoder = encoders.number AND vectors.row = items.row"
                f" AND vectors.passage = 0 WHERE {ALIVE} AND {condition}"
                " ORDER BY items.time_us DESC, items.row DESC LIMIT ?",
                [encoder_id, now_micros(), *values, limit],
            ).fetchall()
        kept = sorted((row, vector) for row, vector in found if vector is not None)
        if len({len(vector) for _, vector in kept}) > 1:
            raise CorruptError("stored vectors of one encoder do not have the same length")
        dim = len(kept[0][1]) // 4 if kept else 0
        matrix = np.frombuffer(b"".join(vector for _, vector in kept), "<f4").astype(np.float32)
        return np.array([row for row, _ in kept], np.int64), matrix.reshape(len(kept), dim), len(found) - len(kept)

    def put(self, encoder_id: str, rows: ArrayLike, vectors: NDArray[np.float32] | PassageVectors) -> None:
        """Store vectors for items that exist, in place of all those they have.

        Shapes: rows int[n]; float32[n, dim], or those of n items' passages.

        Raises:
            ModelMismatchError: If the encoder's vectors have another dimension.
            ValueError: If the shapes differ, or a number is not finite.
            StorageError: If the disk refuses; nothing of the batch is then kept.
        """
        with self._database.writing() as connection:
            self.write(connection, encoder_id, np.asarray(rows, np.int64).tolist(), vectors)

    def write(
        self,
        connection: Connection,
        encoder_id: str,
        rows: Sequence[int],
        vectors: NDArray[np.float32] | PassageVectors,
        *,
        are_new: bool = False,
    ) -> None:
        """Do :meth:`put` inside a transaction that is under way; items that are new there have no vectors yet."""
        stored = list(_columns_of(rows, vectors))
        matrix = vectors.vectors if isinstance(vectors, PassageVectors) else vectors
        checked = check_matrix(matrix, len(stored))
        if not stored:
            return
        encoding = self._revised(connection, encoder_id, checked.shape[1])
        connection.executemany(
            "INSERT INTO vectors (encoder, row, passage, starts, ends, revision, vector) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (encoder, row, passage) DO UPDATE SET starts = excluded.starts, ends = excluded.ends,"
            " revision = excluded.revision, vector = excluded.vector",
            [
                (encoding.number, *columns, encoding.revision, vector.tobytes())
                for columns, vector in zip(stored, checked, strict=True)
            ],
        )
        if are_new:
            return  # a deletion would have the search terms written out, which a transaction does once at its end
        last = {row: number for row, number, _, _ in stored}
        connection.executemany(
            "DELETE FROM vectors WHERE encoder = ? AND row = ? AND passage > ?",
            [(encoding.number, row, number) for row, number in last.items()],
        )

    def remove(
        self, connection: Connection, rows: Sequence[int], *, but: Sequence[str] = (), items_stay: bool = False
    ) -> dict[str, int]:
        """Delete these rows' vectors of every encoder but those named, in a transaction; return how many of each."""
        removed: dict[str, int] = {}
        for number, encoder_id in connection.execute("SELECT number, encoder_id FROM encoders").fetchall():
            if encoder_id not in but:
                sql = "DELETE FROM vectors WHERE encoder = ? AND row = ?"
                count = connection.executemany(sql, [(number, row) for row in rows]).rowcount
                if count > 0:
                    removed[encoder_id] = count
                    connection.execute("UPDATE encoders SET revision = revision + 1 WHERE number = ?", (number,))
                    if items_stay:
                        self._taken_at[encoder_id] = self._database.version  # which the commit counts up
        return removed

    def drop(self, encoder_id: str) -> int:
        """Delete all vectors of an encoder and return how many there were."""
        with self._database.writing() as connection:
            found = connection.execute("SELECT number FROM encoders WHERE encoder_id = ?", (encoder_id,)).fetchone()
            if found is None:
                return 0
            self._taken_at[encoder_id] = self._database.version
            count = connection.execute("DELETE FROM vectors WHERE encoder = ?", found).rowcount
            connection.execute("DELETE FROM encoders WHERE number = ?", found)
            return count

    def _start(self, encoder_id: str) -> int:
        """Return the row up to which no item lacks a vector."""
        row, seen_at = self._whole_to.get(encoder_id, (0, -1))
        return row if seen_at > self._taken_at.get(encoder_id, -1) else 0

    def _encodings(self) -> dict[str, Encoding]:
        version, known = self._known
        if version != self._database.version:
            version = self._database.version
            with self._database.reading() as connection:
                rows = connection.execute("SELECT encoder_id, number, dim, revision FROM encoders").fetchall()
            known = {row[0]: Encoding(*row[1:]) for row in rows}
            self._known = (version, known)
        return known

    def _counted(self) -> dict[str, tuple[int, int]]:
        """Return how many vectors there are of each encoder, and how many items have some."""
        version = self._database.version
        if self._counts[0] != version:
            with self._database.reading() as connection:
                counted = connection.execute(
                    "SELECT encoder_id, (SELECT count(*) FROM vectors WHERE encoder = number),"
                    " (SELECT count(*) FROM vectors INDEXED BY vectors_further WHERE encoder = number AND passage > 0)"
                    " FROM encoders ORDER BY encoder_id"
                ).fetchall()
            self._counts = (version, {encoder_id: (n, n - n_further) for encoder_id, n, n_further in counted})
        return self._counts[1]

    def _read(
        self, encoder_id: str, key: str, condition: str, since: int = -1
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], int]:
        with self._database.reading() as connection:
            # Read with the vectors in one snapshot, so that the revision is the one they have.
            connection.execute("BEGIN")
            found = connection.execute(
                "SELECT number, dim, revision FROM encoders WHERE encoder_id = ?", (encoder_id,)
            ).fetchone()
            rows: list[tuple[int, bytes]] = []
            if found is not None and found[2] > since:
                sql = f"SELECT {key}, vector FROM vectors WHERE encoder = ? AND {condition} ORDER BY row, passage"
                rows = connection.execute(sql, (found[0], since) if since >= 0 else (found[0],)).fetchall()
            connection.execute("COMMIT")
        dim = found[1] if found else 0
        if any(len(vector) != 4 * dim for _, vector in rows):
            raise CorruptError(f"a stored vector does not have its encoder's {dim} numbers")
        matrix = np.frombuffer(b"".join(vector for _, vector in rows), "<f4").astype(np.float32).reshape(len(rows), dim)
        return np.array([row for row, _ in rows], np.int64), matrix, found[2] if found else 0

    def _revised(self, connection: Connection, encoder_id: str, dim: int) -> Encoding:
        """Count the encoder's revision up, making it known if it is new."""
        if not isinstance(encoder_id, str) or not 1 <= len(encoder_id) <= MAX_ENCODER_ID_CHARS:
            raise ValueError(f"an encoder id has 1 to {MAX_ENCODER_ID_CHARS} characters")
        connection.execute(
            "INSERT INTO encoders (encoder_id, dim, revision) VALUES (?, ?, 1)"
            " ON CONFLICT (encoder_id) DO UPDATE SET revision = revision + 1",
            (encoder_id, dim),
        )
        sql = "SELECT number, dim, revision FROM encoders WHERE encoder_id = ?"
        encoding = Encoding(*connection.execute(sql, (encoder_id,)).fetchone())
        if encoding.dim != dim:
            raise ModelMismatchError(
                f"vectors of {encoder_id!r} have {encoding.dim} numbers, and these have {dim}", hint="name it anew"
            )
        return encoding


def _columns_of(
    rows: Sequence[int], vectors: NDArray[np.float32] | PassageVectors
) -> Iterator[tuple[int, int, int, int | None]]:
    """Yield row, number, beginning and end of each passage.

    Raises:
        ValueError: If there are passages of more or fewer items than rows.
    """
    if not isinstance(vectors, PassageVectors):
        yield from ((row, 0, 0, None) for row in rows)
        return
    if vectors.n_items != len(rows):
        raise ValueError(f"{len(rows)} items came with the passages of {vectors.n_items}")
    number, last = 0, -1
    for item, (start, end) in zip(vectors.items.tolist(), vectors.spans.tolist(), strict=True):
        number = number + 1 if item == last else 0
        last = item
        yield rows[item], number, start, end


def check_matrix(matrix: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """Return the matrix in the byte order it is stored in.

    Raises:
        ValueError: If it is not float32[n, dim], or a number is not finite.
    """
    array = np.asarray(matrix)
    if array.dtype != np.float32 or array.ndim != 2 or len(array) != n or not 1 <= array.shape[1] <= MAX_DIM:
        raise ValueError(f"vectors are float32[{n}, dim], not {array.dtype}{list(array.shape)}")
    if not np.isfinite(array).all():
        raise ValueError("a vector holds a number that is not finite")
    return np.ascontiguousarray(array, "<f4")
