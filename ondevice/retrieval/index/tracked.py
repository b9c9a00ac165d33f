"""A graph together with what it lacks of the matrix, and with the examination that it has to pass."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ondevice.config import IndexConfig
from ondevice.retrieval.index.exact import Matrix
from ondevice.retrieval.index.hnsw import Graph, GraphError
from ondevice.retrieval.index.recall import Examination, settle_effort

CHUNK = 256
"""Vectors taken into the graph between two looks at what else is to be done."""
MAX_ERASED_IN_PLACE = 500
"""Overwriting a node costs about a millisecond, so more than this at once means a new graph."""
MAX_TOMBSTONE_SHARE = 0.05


class Tracked:
    """One graph over a :class:`Matrix`. The caller holds the locks that guard both."""

    def __init__(self, graph: Graph, pending: Iterable[int] = ()) -> None:
        """Track a graph that lacks the vectors of the pending rows."""
        self.graph = graph
        self.pending = set(pending)
        self.recall: float | None = None
        self._examination: Examination | None = None

    @classmethod
    def over(cls, matrix: Matrix, config: IndexConfig) -> Tracked:
        """Begin a graph that lacks every vector yet."""
        return cls(Graph(matrix.dim, config, capacity=len(matrix)), matrix.rows.tolist())

    def lack(self, rows: Iterable[int]) -> None:
        """Note that the matrix has new vectors for these rows, or has changed otherwise."""
        self.pending.update(rows)
        if self._examination is not None:
            self._examination.is_outdated = True

    def take(self, matrix: Matrix) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the next of the pending rows and their vectors, for the graph to add: int64[n], float32[n, dim]."""
        chunk = list(islice(self.pending, CHUNK))
        self.pending.difference_update(chunk)
        return matrix.take(np.array(chunk, np.int64))

    def overwrite(self, rows: NDArray[np.int64], n_left: int) -> int | None:
        """Erase rows and return how many the graph held; ``None`` if a new graph over ``n_left`` is less work."""
        self.lack([])
        self.pending.difference_update(rows.tolist())
        n_tombstones = self.graph.n_tombstones + len(rows)
        if len(rows) > MAX_ERASED_IN_PLACE or n_tombstones > MAX_TOMBSTONE_SHARE * max(n_left, 1):
            return None
        try:
            return self.graph.erase(rows)
        except GraphError:
            return None

    def ask(self, matrix: Matrix) -> bool:
        """Prepare one more question of the examination, and return whether there was one left to prepare."""
        self._examination = self._examination or Examination(matrix)
        return self._examination.ask(matrix)

    def answer(self, config: IndexConfig) -> float:
        """Put all questions to the graph, and return the recall reached.

        Raises:
            GraphError: If the graph fails on a search.
        """
        questions = self._examination.questions if self._examination else []
        return settle_effort(self.graph, questions, min_recall=config.min_recall)

    def end_examination(self, config: IndexConfig) -> bool:
        """Return whether the answers count, and be ready for another examination if they do not.

        They do not if some were of vectors that have come or gone since.
        """
        counts = self._examination is None or not self._examination.is_outdated
        self._examination = None
        if not counts:
            self.graph.effort = config.search_effort
        return counts
