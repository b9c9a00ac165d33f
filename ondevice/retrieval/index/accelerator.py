"""The graph beside the matrix: built and kept up in the background, so that no search and no addition waits.

A graph from which a vector was erased has traces of it (:class:`Graph`). It goes on serving in memory, and is never
sealed. A new graph of what is left is built when the erasures have ceased for a while, and takes its place.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ondevice.config import IndexConfig
from ondevice.retrieval.index.exact import Found, Matrix, best
from ondevice.retrieval.index.hnsw import Graph, GraphError, State
from ondevice.retrieval.index.tracked import Tracked

MAX_PENDING = 256
"""Above this many vectors that the graph does not hold yet, comparing all is the better search."""
QUIET_S = 30.0
"""The first search so long after the last erasure starts the new graph; twice as long each time one came in between."""
SOON = 4096
"""A graph over so few vectors is built within about a second, which saving can wait for."""


class Accelerator:
    """An HNSW graph over a :class:`Matrix`, used only once it has proved its recall.

    There are two graphs at most: one in use, and one that a thread of its own is building. Three locks are held in this
    order: that of :meth:`paused` for each piece of the thread's work, an erasure and a snapshot; ``graph_lock`` for
    every call into the graph in use; ``lock`` (the owner's) for the matrix and the bookkeeping. A search holds only the
    last and waits for no other: if the graph in use is busy, it compares all vectors.

    While one graph is to take another's place, both are in memory (170 MB each for 100,000 vectors of 384 numbers).
    """

    def __init__(self, matrix: Matrix, config: IndexConfig, lock: threading.RLock) -> None:
        """Watch over a matrix that ``lock`` guards; nothing is built before :meth:`changed`."""
        self.graph_lock = threading.Lock()
        self._door, self._work_lock = threading.Lock(), threading.Lock()
        self.problem: str | None = None
        self._matrix, self._config, self._lock = matrix, config, lock
        self._used: Tracked | None = None
        self._next: Tracked | None = None
        self._quiet_s = QUIET_S
        self._last_erasure = 0.0
        self._thread: threading.Thread | None = None
        self._is_closed = False

    @property
    def graph(self) -> Graph | None:
        """The graph, if it has proved its recall."""
        return self._used.graph if self._used else None

    @property
    def recall(self) -> float | None:
        """The recall that it proved."""
        return self._used.recall if self._used else None

    @property
    def is_building(self) -> bool:
        """Whether the thread is at work."""
        return self._thread is not None

    @property
    def is_complete(self) -> bool:
        """Whether the graph is in use and holds every vector of the matrix."""
        return self._used is not None and not self._used.pending

    @property
    def is_sealable(self) -> bool:
        """Whether the graph is complete, and was built of nothing but what is there."""
        return self._used is not None and not self._used.pending and not self._used.graph.has_traces

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Keep the thread from its next piece of work."""
        with self._door:  # whoever waits here is the next: the thread cannot take the lock again before
            self._work_lock.acquire()
        try:
            yield
        finally:
            self._work_lock.release()

    @contextmanager
    def standstill(self) -> Iterator[None]:
        """Hold every lock, for a change or a copy of matrix and graphs together."""
        with self.paused(), self.graph_lock, self._lock:
            yield

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take a graph from a snapshot; it is examined again before it is used.

        Raises:
            GraphError: If it does not fit.
        """
        self._next = Tracked(Graph.restore(state, dim=self._matrix.dim, config=self._config))

    def reset(self) -> None:
        """Let the graphs go, because the matrix starts over; the caller holds ``lock``."""
        self._used = self._next = None

    def state(self) -> State | None:
        """Return the graph's state if it may be sealed; the caller stands still."""
        return self._used.graph.state() if self._used is not None and self.is_sealable else None

    def changed(self, rows: Iterable[int]) -> None:
        """Note that the matrix has new vectors for these rows; the caller holds ``lock``."""
        fresh = set(rows)
        for tracked in self._graphs():
            tracked.lack(fresh)
        n = len(self._matrix)
        if n <= self._config.exact_up_to // 2:
            self.reset()
        elif not self._graphs() and n > self._config.exact_up_to and self.problem is None:
            try:
                self._next = Tracked.over(self._matrix, self._config)
            except GraphError as error:  # the library is an extra, and without it searches stay exact
                self.problem = f"every one of {n:,} vectors is compared: {error}"
        self._go_on()

    def search(self, query: NDArray[np.float32], k: int) -> Found | None:
        """Return the best k rows, or ``None`` where comparing all vectors is better; the caller holds ``lock``."""
        used = self._used
        if used is None:
            return None
        self._replace_in_quiet()
        if len(used.pending) > MAX_PENDING or not self.graph_lock.acquire(blocking=False):
            return None
        try:
            rows, scores = used.graph.search(query, k + len(used.pending))
        except GraphError:
            return None
        finally:
            self.graph_lock.release()
        if not used.pending:
            return rows[:k], scores[:k]
        late = np.fromiter(used.pending, np.int64)
        late_rows, late_scores = self._matrix.search(query, k, late)
        settled = ~np.isin(rows, late)
        return best(np.concatenate([rows[settled], late_rows]), np.concatenate([scores[settled], late_scores]), k)

    def erase(self, rows: NDArray[np.int64]) -> None:
        """Overwrite these rows' vectors in the graphs, or start a new graph; the caller stands still."""
        n_left = len(self._matrix)
        if self._used is not None and self._used.overwrite(rows, n_left) is None:
            self._used = None
        if self._next is not None:
            n_erased = self._next.overwrite(rows, n_left)
            # A graph that is to replace another must be free of traces; where none serves, one that has some is of use.
            if n_erased is None or (n_erased and self._used is not None):
                self._next = None
                self._quiet_s *= 1 if self._used is None else 2
        self._last_erasure = time.monotonic()
        self.changed([])

    def finish_if_near(self) -> None:
        """Wait for the thread if it lacks at most a tenth of the vectors, or few; the caller holds no lock."""
        with self._lock:
            n, graphs = len(self._matrix), self._graphs()
            is_near = bool(graphs) and len(graphs[-1].pending) * 10 <= n
        if n <= SOON:
            self.wait()
        elif is_near:
            self._join()

    def wait(self) -> None:
        """Wait until the best graph there can be is in use; the caller holds no lock."""
        self._join()
        with self._lock:
            self._replace()
        self._join()

    def close(self) -> None:
        """Stop the thread after its current step and let the graphs go; the caller holds no lock."""
        self._is_closed = True
        self._join()
        self.reset()

    def step(self) -> bool:
        """Do one piece of the thread's work, and return whether there is more."""
        try:
            with self.paused():
                return self._work()
        except Exception as error:  # nobody is above the thread to catch it; searches stay exact, and info() says so
            with self._lock:
                return self._fail(f"the graph could not be built ({type(error).__name__}), so every vector is compared")

    def _graphs(self) -> list[Tracked]:
        return [tracked for tracked in (self._used, self._next) if tracked is not None]

    def _replace_in_quiet(self) -> None:
        """Start a new graph if there are traces in this one, and no erasure has come for a while."""
        if self._next is None and time.monotonic() >= self._last_erasure + self._quiet_s:
            self._replace()

    def _replace(self) -> None:
        if self._used is not None and self._used.graph.has_traces and self._next is None and not self._is_closed:
            self._next = Tracked.over(self._matrix, self._config)
            self._go_on()

    def _go_on(self) -> None:
        has_work = self._next is not None or (self._used is not None and self._used.pending)
        if has_work and self._thread is None and not self._is_closed:
            self._thread = threading.Thread(target=_work, args=(weakref.ref(self),), name="ondevice-index", daemon=True)
            self._thread.start()

    def _join(self) -> None:
        while (thread := self._thread) is not None:
            thread.join()

    def _work(self) -> bool:
        with self._lock:
            graphs = self._graphs()
            late = next((tracked for tracked in graphs if tracked.pending), None)
            if self._is_closed or (late is None and self._next is None):
                return self._stop()
        if late is None:
            return self._examine(graphs[-1])
        # Taken only under the graph's lock, so that a search finds each vector in the one place or the other.
        with self.graph_lock if late is self._used else nullcontext():
            with self._lock:
                rows, vectors = late.take(self._matrix)
            late.graph.add(rows, vectors)
        return True

    def _examine(self, tracked: Tracked) -> bool:
        """Prepare one more question, or put all of them to the graph, and use it if it answers well."""
        with self._lock:  # for one question at a time, so that a search waits for one comparison at most
            if tracked is not self._next or tracked.ask(self._matrix):
                return True
        recall = tracked.answer(self._config)
        with self.graph_lock, self._lock:
            if tracked is not self._next:  # the matrix started over meanwhile
                return True
            if recall >= self._config.min_recall:
                tracked.recall, self._used, self._next, self._quiet_s = recall, tracked, None, QUIET_S
            elif tracked.end_examination(self._config):
                return self._fail(
                    f"the graph's recall {recall:.3f} stays below {self._config.min_recall}, "
                    "so every vector is compared"
                )
            return True

    def _fail(self, problem: str) -> bool:
        self.reset()
        self.problem = problem
        return self._stop()

    def _stop(self) -> bool:
        self._thread = None
        return False


def _work(owner: weakref.ref[Accelerator]) -> None:
    """Work until there is nothing to do, or until nobody holds the accelerator any more."""
    while (accelerator := owner()) is not None and accelerator.step():
        del accelerator
