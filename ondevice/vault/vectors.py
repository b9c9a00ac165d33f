"""The items' vectors, per encoder: the truth that every index is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from sqlite3 import Connection
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ondevice.errors import CorruptError, ModelMismatchError
from ondevice.records import Filter
from ondevice.vault.database import Database
from ondevice.vault.filters import ALIVE, where
from ondevice.vault.times import now_micros

MAX_DIM = 16_384
MAX_ENCODER_ID_CHARS = 200

Vectors = Mapping[str, NDArray[np.float32]]
"""Encoder id → float32[n, dim]."""


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
        self._counts: tuple[int, dict[str, int]] = (-1, {})
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
        version = self._database.version
        if self._counts[0] != version:
            with self._database.reading() as connection:
                counted = connection.execute(
                    "SELECT encoder_id, (SELECT count(*) FROM vectors WHERE encoder = number) FROM encoders"
                    " ORDER BY encoder_id"
                ).fetchall()
            self._counts = (version, dict(counted))
        return dict(self._counts[1])

    def count(self, encoder_id: str) -> int:
        """Return how many vectors there are of this encoder."""
        return self.encoders().get(encoder_id, 0)

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

    def load(self, encoder_id: str) -> tuple[NDArray[np.int64], NDArray[np.float32], int]:
        """Return all vectors of an encoder, and the revision they have: int64[n] rows, float32[n, dim], revision."""
        return self._read(encoder_id, -1)

    def changed_since(self, encoder_id: str, revision: int) -> tuple[NDArray[np.int64], NDArray[np.float32], int]:
        """Return what was added or replaced after a revision, as :meth:`load` does; removals are not told."""
        return self._read(encoder_id, revision)

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
                f" WHERE {ALIVE} AND {condition} ORDER BY items.time_us DESC, items.row DESC LIMIT ?",
                [encoder_id, now_micros(), *values, limit],
            ).fetchall()
        kept = sorted((row, vector) for row, vector in found if vector is not None)
        if len({len(vector) for _, vector in kept}) > 1:
            raise CorruptError("stored vectors of one encoder do not have the same length")
        dim = len(kept[0][1]) // 4 if kept else 0
        matrix = np.frombuffer(b"".join(vector for _, vector in kept), "<f4").astype(np.float32)
        return np.array([row for row, _ in kept], np.int64), matrix.reshape(len(kept), dim), len(found) - len(kept)

    def put(self, encoder_id: str, rows: ArrayLike, matrix: NDArray[np.float32]) -> None:
        """Store vectors for items that exist, in place of those they have.

        Shapes: rows int[n]; matrix float32[n, dim].

        Raises:
            ModelMismatchError: If the encoder's vectors have another dimension.
            ValueError: If the shapes differ, or a number is not finite.
            StorageError: If the disk refuses; nothing of the batch is then kept.
        """
        with self._database.writing() as connection:
            self.write(connection, encoder_id, np.asarray(rows, np.int64).tolist(), matrix)

    def write(self, connection: Connection, encoder_id: str, rows: Sequence[int], matrix: NDArray[np.float32]) -> None:
        """Do :meth:`put` inside a transaction that is under way."""
        checked = check_matrix(matrix, len(rows))
        if not len(rows):
            return
        encoding = self._revised(connection, encoder_id, checked.shape[1])
        connection.executemany(
            "INSERT INTO vectors (encoder, row, revision, vector) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (encoder, row) DO UPDATE SET revision = excluded.revision, vector = excluded.vector",
            [
                (encoding.number, row, encoding.revision, vector.tobytes())
                for row, vector in zip(rows, checked, strict=True)
            ],
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

    def _read(self, encoder_id: str, revision: int) -> tuple[NDArray[np.int64], NDArray[np.float32], int]:
        with self._database.reading() as connection:
            # Read with the vectors in one snapshot, so that the revision is the one they have.
            connection.execute("BEGIN")
            found = connection.execute(
                "SELECT number, dim, revision FROM encoders WHERE encoder_id = ?", (encoder_id,)
            ).fetchone()
            rows: list[tuple[int, bytes]] = []
            if found is not None and found[2] > revision:
                sql = "SELECT row, vector FROM vectors WHERE encoder = ?"
                if revision >= 0:
                    rows = connection.execute(f"{sql} AND revision > ? ORDER BY row", (found[0], revision)).fetchall()
                else:
                    rows = connection.execute(f"{sql} ORDER BY row", (found[0],)).fetchall()
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
