"""A graph and what it lacks: vectors are taken in by and by, erasures reach both, outdated answers do not count."""

from __future__ import annotations

import numpy as np

from ondevice.config import IndexConfig
from ondevice.retrieval.index.exact import Matrix
from ondevice.retrieval.index.tracked import CHUNK, MAX_ERASED_IN_PLACE, Tracked

DIM = 8
CONFIG = IndexConfig(exact_up_to=100)
N = 2 * CHUNK + 10


def begin(n: int = N) -> tuple[Tracked, Matrix]:
    vectors = np.random.default_rng(0).standard_normal((n, DIM)).astype(np.float32)
    matrix = Matrix(DIM)
    matrix.put(np.arange(1, n + 1), vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    return Tracked.over(matrix, CONFIG), matrix


def take_all(tracked: Tracked, matrix: Matrix) -> None:
    while tracked.pending:
        tracked.graph.add(*tracked.take(matrix))


def test_it_lacks_everything_first_and_takes_a_chunk_at_a_time() -> None:
    tracked, matrix = begin()
    assert len(tracked.pending) == N
    tracked.graph.add(*tracked.take(matrix))
    assert (len(tracked.pending), len(tracked.graph)) == (N - CHUNK, CHUNK)
    take_all(tracked, matrix)
    assert sorted(tracked.graph.rows().tolist()) == list(range(1, N + 1))


def test_what_is_erased_before_it_was_taken_in_leaves_no_traces() -> None:
    tracked, matrix = begin()
    held, _ = tracked.take(matrix)
    waiting = np.array(sorted(tracked.pending)[:3], np.int64)
    tracked.graph.add(*matrix.take(held))
    matrix.remove(waiting)
    assert tracked.overwrite(waiting, len(matrix)) == 0
    assert not tracked.graph.has_traces
    assert tracked.pending.isdisjoint(waiting.tolist())
    assert tracked.overwrite(held[:1], len(matrix)) == 1
    assert tracked.graph.has_traces


def test_too_much_at_once_asks_for_a_new_graph() -> None:
    tracked, matrix = begin()
    take_all(tracked, matrix)
    assert tracked.overwrite(np.arange(1, 4), N) == 3
    assert tracked.overwrite(np.arange(4, 40), N) is None  # more than a twentieth would be tombstones
    assert tracked.overwrite(np.arange(1000, 1001 + MAX_ERASED_IN_PLACE), 10**6) is None


def test_answers_count_unless_the_matrix_has_changed_since_the_first_question() -> None:
    tracked, matrix = begin()
    take_all(tracked, matrix)
    while tracked.ask(matrix):
        pass
    assert tracked.answer(CONFIG) >= CONFIG.min_recall
    assert tracked.end_examination(CONFIG) is True
    assert tracked.ask(matrix)
    tracked.lack([])
    tracked.graph.effort = 1600
    assert tracked.end_examination(CONFIG) is False
    assert tracked.graph.effort == CONFIG.search_effort
