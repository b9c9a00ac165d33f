"""The graph beside the matrix: built and kept up in the background, so that no search and no addition waits."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ondevice.config import IndexConfig
from ondevice.retrieval.exact import Found, Matrix, best
from ondevice.retrieval.hnsw import Graph, GraphError, State
from ondevice.retrieval.recall import Question, draw_pairs, make_question, settle_effort

CHUNK = 256
"""Vectors taken into the graph between two looks at what else is to be done."""
MAX_PENDING = 256
"""Above this many vectors that the graph does not hold yet, comparing all is the better search."""
MAX_ERASED_IN_PLACE = 500
"""Overwriting a node costs about 2 ms, so more than this at once means a new graph."""
MAX_TOMBSTONE_SHARE = 0.05


class Accelerator:
    """An HNSW graph over a :class:`Matrix`, used only once it has proved its recall.

    A thread of its own takes the vectors in. Two locks are held in this order: ``graph_lock`` for every call
    into the graph, then ``lock`` (the owner's) for the matrix and the bookkeeping. A search holds only the second and
    never waits for the first: if the graph is busy, it compares all vectors.
    """

    def __init__(self, matrix: Matrix, config: IndexConfig, lock: threading.RLock) -> None:
        """Watch over a matrix that ``lock`` guards; nothing is built before :meth:`changed`."""
        self.graph_lock = threading.Lock()
        self.recall: float | None = None
        self.problem: str | None = None
        self._matrix, self._config, self._lock = matrix, config, lock
        self._graph: Graph | None = None
        self._is_ready = False
        self._pending: set[int] = set()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    @property
    def graph(self) -> Graph | None:
        """The graph, if it has proved its recall."""
        return self._graph if self._is_ready else None

    @property
    def is_building(self) -> bool:
        """Whether the thread is at work."""
        return self._thread is not None

    @property
    def is_complete(self) -> bool:
        """Whether the graph is in use and holds every vector of the matrix."""
        return self._is_ready and not self._pending

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take a graph from a snapshot; it is examined again before it is used.

        Raises:
            GraphError: If it does not fit.
        """
        self._graph = Graph.restore(state, dim=self._matrix.dim, config=self._config)

    def reset(self) -> None:
        """Let the graph go, because the matrix starts over; the caller holds ``lock``."""
        self._drop()

    def state(self) -> State | None:
        """Return the graph's state if it is complete; the caller holds both locks."""
        return self._graph.state() if self._graph is not None and self.is_complete else None

    def changed(self, rows: Iterable[int]) -> None:
        """Note that the matrix has new vectors for these rows; the caller holds ``lock``."""
        if self._graph is not None:
            self._pending.update(rows)
        n = len(self._matrix)
        if n <= self._config.exact_up_to // 2:
            self._drop()
        elif self._graph is None and n > self._config.exact_up_to and self.problem is None:
            self._graph = Graph(self._matrix.dim, self._config, capacity=n)
            self._pending = set(self._matrix.rows.tolist())
        if self._graph is not None and not self.is_complete and self._thread is None and not self._is_closed:
            self._thread = threading.Thread(target=_work, args=(weakref.ref(self),), name="ondevice-index", daemon=True)
            self._thread.start()

    def search(self, query: NDArray[np.float32], k: int) -> Found | None:
        """Return the best k rows, or ``None`` where comparing all vectors is better; the caller holds ``lock``."""
        graph = self.graph
        if graph is None or len(self._pending) > MAX_PENDING or not self.graph_lock.acquire(blocking=False):
            return None
        try:
            rows, scores = graph.search(query, k + len(self._pending))
        except GraphError:
            return None
        finally:
            self.graph_lock.release()
        if not self._pending:
            return rows[:k], scores[:k]
        late = np.fromiter(self._pending, np.int64)
        late_rows, late_scores = self._matrix.search(query, k, late)
        settled = ~np.isin(rows, late)
        return best(np.concatenate([rows[settled], late_rows]), np.concatenate([scores[settled], late_scores]), k)

    def erase(self, rows: NDArray[np.int64]) -> None:
        """Overwrite these rows' vectors in the graph, or start a new graph; the caller holds both locks."""
        self._pending.difference_update(rows.tolist())
        graph = self._graph
        if graph is None:
            return
        too_many = MAX_TOMBSTONE_SHARE * max(len(self._matrix), 1)
        try:
            if len(rows) > MAX_ERASED_IN_PLACE or graph.n_tombstones + len(rows) > too_many:
                self._drop()
            else:
                graph.erase(rows)
        except GraphError:
            self._drop()
        self.changed([])

    def finish_if_near(self) -> None:
        """Wait for the thread if the graph lacks at most a tenth of the vectors; the caller holds no lock."""
        with self._lock:
            is_near = self._graph is not None and len(self._pending) * 10 <= len(self._matrix)
        if is_near:
            self.wait()

    def wait(self) -> None:
        """Wait until the thread has nothing left to do; the caller holds no lock."""
        while (thread := self._thread) is not None:
            thread.join()

    def close(self) -> None:
        """Stop the thread after its current step and let the graph go; the caller holds no lock."""
        self._is_closed = True
        self.wait()
        self._drop()

    def step(self) -> bool:
        """Do one piece of the thread's work, and return whether there is more."""
        try:
            with self.graph_lock:
                return self._take_in()
        except Exception as error:  # nobody is above the thread to catch it; searches stay exact, and info() says so
            with self._lock:
                self._fail(f"the graph could not be built ({type(error).__name__}), so every vector is compared")
                return False

    def _take_in(self) -> bool:
        with self._lock:
            graph, chunk = self._graph, list(islice(self._pending, CHUNK))
            if graph is None or self._is_closed:
                return self._stop()
            rows, vectors = self._matrix.take(np.array(chunk, np.int64))
            self._pending.difference_update(chunk)
        if len(rows):
            graph.add(rows, vectors)
            return True
        if not self._is_ready:
            self._examine(graph)
        with self._lock:
            return True if self._pending else self._stop()

    def _examine(self, graph: Graph) -> None:
        with self._lock:
            pairs = draw_pairs(self._matrix)
        questions: list[Question] = []
        for pair in pairs:
            with self._lock:  # one at a time, so that a search waits for one comparison at most
                question = make_question(self._matrix, pair)
            if question is not None:
                questions.append(question)
        recall = settle_effort(graph, questions, min_recall=self._config.min_recall)
        with self._lock:
            if self._graph is not graph:  # the matrix started over meanwhile
                return
            if recall >= self._config.min_recall:
                self.recall, self._is_ready = recall, True
            elif self._pending:  # some answers were of vectors the graph has not got yet: ask again when it has
                graph.effort = self._config.search_effort
            else:
                self._fail(
                    f"the graph's recall {recall:.3f} stays below {self._config.min_recall}, "
                    "so every vector is compared"
                )

    def _fail(self, problem: str) -> None:
        self._drop()
        self.problem = problem
        self._stop()

    def _drop(self) -> None:
        self._graph, self._is_ready, self.recall = None, False, None
        self._pending = set()

    def _stop(self) -> bool:
        self._thread = None
        return False


def _work(owner: weakref.ref[Accelerator]) -> None:
    """Work until there is nothing to do, or until nobody holds the accelerator any more."""
    while (accelerator := owner()) is not None and accelerator.step():
        del accelerator
