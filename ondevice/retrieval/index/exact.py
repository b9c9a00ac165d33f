"""Every vector compared: rows and vectors in one matrix, in ascending order of row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Found = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Rows and their scores, best first."""


class Matrix:
    """The vectors in memory, searched by comparing all of them. Not safe for several threads at once.

    Memory grows by doubling. What is removed, and memory that is given up, is overwritten with zeros first.
    """

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._n = 0
        self._rows = np.empty(0, np.int64)
        self._vectors = np.empty((0, dim), np.float32)

    def __len__(self) -> int:
        return self._n

    @property
    def rows(self) -> NDArray[np.int64]:
        """The rows, int64[n], ascending; a view that the next change may invalidate."""
        return self._rows[: self._n]

    @property
    def vectors(self) -> NDArray[np.float32]:
        """The vectors of :attr:`rows`, float32[n, dim]; a view that the next change may invalidate."""
        return self._vectors[: self._n]

    def put(self, rows: NDArray[np.int64], vectors: NDArray[np.float32]) -> NDArray[np.int64]:
        """Add vectors, or replace those of rows that are there; return the rows that are new or differ.

        Shapes: rows int64[m], each once; vectors float32[m, dim] → int64[at most m].

        Raises:
            ValueError: If the shapes differ or a row stands twice.
        """
        if rows.ndim != 1 or vectors.shape != (len(rows), self.dim):
            raise ValueError(f"{rows.shape} rows do not fit vectors of shape {vectors.shape} and dimension {self.dim}")
        order = np.argsort(rows, kind="stable")
        rows, vectors = rows[order], vectors[order]
        if (rows[1:] == rows[:-1]).any():
            raise ValueError("a row stands twice among the new vectors")
        places, known = self._find(rows)
        differs = (self.vectors[places[known]] != vectors[known]).any(axis=1)
        self._vectors[places[known][differs]] = vectors[known][differs]
        self._insert(rows[~known], vectors[~known])
        return np.concatenate([rows[known][differs], rows[~known]])

    def remove(self, rows: NDArray[np.int64]) -> int:
        """Remove vectors and overwrite their bytes; return how many were there."""
        places, known = self._find(np.unique(rows))
        if not known.any():
            return 0
        keep = np.ones(self._n, bool)
        keep[places[known]] = False
        first, left = int(places[known][0]), int(keep.sum())
        self._rows[first:left] = self.rows[first:][keep[first:]]
        self._vectors[first:left] = self.vectors[first:][keep[first:]]
        self._vectors[left : self._n] = 0
        removed, self._n = self._n - left, left
        return removed

    def take(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return those of the rows that are there, and a copy of their vectors."""
        places, known = self._find(rows)
        return rows[known], self.vectors[places[known]]

    def search(self, query: NDArray[np.float32], k: int, rows: NDArray[np.int64] | None = None) -> Found:
        """Return the k rows of greatest inner product, best first; of equals, the lower row.

        Shapes: query float32[dim]; rows int64[any], where only these count → at most k.
        """
        if rows is None:
            return best(self.rows, _inner(self.vectors, query), k)
        places, known = self._find(np.unique(rows))
        places = places[known]
        # Gathering a vector costs about as much as comparing three that lie in sequence.
        few = len(places) * 4 < self._n
        scores = _inner(self.vectors[places], query) if few else _inner(self.vectors, query)[places]
        return best(self.rows[places], scores, k)

    def clear(self) -> None:
        """Forget all vectors and overwrite the memory they were in."""
        self._vectors.fill(0)
        self._n = 0
        self._rows = np.empty(0, np.int64)
        self._vectors = np.empty((0, self.dim), np.float32)

    def _find(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Return each row's place (meaningless where it is not there) and whether it is there."""
        places = np.searchsorted(self.rows, rows)
        known = places < self._n
        known[known] = self.rows[places[known]] == rows[known]
        return places, known

    def _insert(self, rows: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        if not len(rows):
            return
        n, total = self._n, self._n + len(rows)
        if total > len(self._rows):
            self._grow(max(total, 2 * len(self._rows), 64))
        self._rows[n:total] = rows
        self._vectors[n:total] = vectors
        self._n = total
        if n and rows[0] < self._rows[n - 1]:  # only where the store used a freed row again
            order = np.argsort(self.rows, kind="stable")
            self._rows[:total] = self.rows[order]
            self._vectors[:total] = self.vectors[order]

    def _grow(self, capacity: int) -> None:
        old_rows, old_vectors = self.rows, self.vectors
        self._rows = np.empty(capacity, np.int64)
        self._vectors = np.zeros((capacity, self.dim), np.float32)
        self._rows[: self._n] = old_rows
        self._vectors[: self._n] = old_vectors
        old_vectors.fill(0)


def best(rows: NDArray[np.int64], scores: NDArray[np.float32], k: int) -> Found:
    """Return the k rows of highest score, best first; of equals, the lower row.

    Shapes: rows int64[n], scores float32[n] → at most k of each.
    """
    if k < len(scores):
        limit = np.partition(scores, len(scores) - k)[len(scores) - k]
        chosen = np.flatnonzero(scores >= limit)
        rows, scores = rows[chosen], scores[chosen]
    order = np.lexsort((rows, -scores))[:k]
    return rows[order], scores[order]


def _inner(vectors: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Multiply without BLAS: its threads gain little here, and stall for milliseconds when the device is busy."""
    return np.asarray(np.einsum("nd,d->n", vectors, query), dtype=np.float32)
