"""The one place that touches hnswlib: an approximate neighbour graph over unit vectors.

Malkov & Yashunin 2018, arXiv:1603.09320. The graph's state is read and restored in memory, as named
arrays and numbers, so it can be sealed without pickle and without a plaintext file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ondevice.config import IndexConfig
from ondevice.retrieval.index.exact import Found, best

_SEED = 100
_OLD_TOMBSTONES = "dead_rows"
State = dict[str, Any]


class GraphError(RuntimeError):
    """The graph could not do it; the caller compares all vectors instead."""


class Graph:
    """Rows and vectors in an HNSW graph by inner product. Not safe for several threads at once.

    An erased row's bytes are overwritten with zeros, and its empty node stays as a tombstone. That is not all the
    vector was: its neighbours chose it, and each other, because of where it lay. Mending their lists would only mark
    them, so such a graph serves in memory, and its state is never given away: only a graph built anew, of the vectors
    that are left, says nothing of the others.
    """

    def __init__(self, dim: int, config: IndexConfig, *, capacity: int = 1024) -> None:
        """Start empty; the room grows by doubling.

        Raises:
            GraphError: If hnswlib is not installed.
        """
        self.dim = dim
        self.effort = config.search_effort
        self._dead: set[int] = set()
        self._has_traces = False
        self._index = _hnswlib().Index(space="ip", dim=dim)
        self._index.init_index(
            max_elements=max(capacity, 16), M=config.links, ef_construction=config.build_effort, random_seed=_SEED
        )

    def __len__(self) -> int:
        return int(self._index.get_current_count()) - len(self._dead)

    @property
    def n_tombstones(self) -> int:
        """Nodes whose vector was erased."""
        return len(self._dead)

    @property
    def has_traces(self) -> bool:
        """Whether a vector that was in it has been erased, so that links still show where it lay.

        A row that moves to a new vector leaves none: it stays the same item's, whose earlier version the store keeps.
        """
        return self._has_traces

    def add(self, rows: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Add rows, or move those that are there to their new vectors; one processor is left to the app.

        Shapes: rows int64[m]; vectors float32[m, dim].

        Raises:
            GraphError: If hnswlib refuses.
        """
        needed, room = int(self._index.get_current_count()) + len(rows), int(self._index.get_max_elements())
        try:
            if needed > room:
                self._index.resize_index(max(needed, 2 * room))
            self._index.add_items(vectors, rows, num_threads=max(1, (os.cpu_count() or 1) - 1))
        except RuntimeError as error:
            raise GraphError(str(error)) from None
        self._dead.difference_update(rows.tolist())

    def erase(self, rows: NDArray[np.int64]) -> int:
        """Overwrite the vectors of these rows with zeros and hide their nodes; return how many were there.

        Raises:
            GraphError: If hnswlib refuses.
        """
        alive = np.intersect1d(rows, self.rows())
        if not len(alive):
            return 0
        self._has_traces = True
        try:
            self._index.add_items(np.zeros((len(alive), self.dim), np.float32), alive)
            for row in alive.tolist():
                self._index.mark_deleted(row)
        except RuntimeError as error:
            raise GraphError(str(error)) from None
        self._dead.update(alive.tolist())
        return len(alive)

    def rows(self) -> NDArray[np.int64]:
        """Return the rows that can be found, ascending."""
        every = np.sort(np.asarray(self._index.get_ids_list(), np.int64))
        return np.setdiff1d(every, np.fromiter(self._dead, np.int64), assume_unique=True)

    def search(self, query: NDArray[np.float32], k: int) -> Found:
        """Return about the k rows of greatest inner product, best first.

        Shapes: query float32[dim] → min(k, n).

        Raises:
            GraphError: If fewer nodes than that can be reached.
        """
        k = min(k, len(self))
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        try:
            self._index.set_ef(max(self.effort, k))
            labels, distances = self._index.knn_query(query, k=k, num_threads=1)
        except RuntimeError as error:
            raise GraphError(str(error)) from None
        return best(labels[0].astype(np.int64), np.float32(1) - distances[0], k)

    def state(self) -> State:
        """Return everything needed to restore the graph: numbers, short strings and arrays.

        Raises:
            GraphError: If it has traces of what was erased, or hnswlib refuses.
        """
        if self._has_traces:
            raise GraphError("the graph has traces of erased vectors, and leaves memory only built anew")
        try:
            (state,) = self._index.__getstate__()
        except RuntimeError as error:
            raise GraphError(str(error)) from None
        return {**state, "library": _library()}

    @classmethod
    def restore(cls, state: Mapping[str, Any], *, dim: int, config: IndexConfig) -> Self:
        """Make a graph from what :meth:`state` gave.

        Raises:
            GraphError: If it is of another dimension, space or library version, may have traces of what was erased
                (as those written before it was looked to), or hnswlib refuses or is not installed.
        """
        hnswlib = _hnswlib()
        if _OLD_TOMBSTONES in state:
            raise GraphError("the graph may have traces of erased vectors")
        if (state.get("dim"), state.get("space"), state.get("library")) != (dim, "ip", _library()):
            raise GraphError("the graph was made with another dimension, space or version of hnswlib")
        graph = cls(dim, config, capacity=16)
        own = {key: value for key, value in state.items() if key != "library"}
        try:
            index = hnswlib.Index.__new__(hnswlib.Index)
            index.__setstate__((own,))
        except (RuntimeError, KeyError, TypeError, ValueError) as error:
            raise GraphError(str(error)) from None
        graph._index = index
        return graph


def vectors_in(state: Mapping[str, Any]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Read the rows and their vectors out of a graph's state, so that a snapshot holds them once.

    Shapes: → int64[n], float32[n, dim].

    Raises:
        GraphError: If the state lacks a part or the parts do not fit.
    """
    try:
        width, dim = int(state["size_data_per_element"]), int(state["dim"])
        nodes = np.asarray(state["data_level0"]).view(np.uint8).reshape(-1, width)
        label_at, data_at = int(state["label_offset"]), int(state["offset_data"])
        rows = nodes[:, label_at : label_at + 8].copy().view(np.uint64)[:, 0].astype(np.int64)
        vectors = nodes[:, data_at : data_at + 4 * dim].copy().view(np.float32)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise GraphError(f"the graph's state cannot be read: {type(error).__name__}") from None
    return rows, vectors


def _hnswlib() -> ModuleType:
    try:
        import hnswlib
    except ImportError:
        raise GraphError("a graph needs the extra 'hnsw': run: pip install 'ondevice-sdk[hnsw]'") from None
    library: ModuleType = hnswlib
    return library


def _library() -> str:
    from importlib.metadata import version

    return f"hnswlib {version('hnswlib')}"
