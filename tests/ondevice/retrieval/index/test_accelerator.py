"""The graph in the background: no search waits for it, and none believes it too early."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Iterable

import numpy as np
import pytest

from ondevice.config import IndexConfig
from ondevice.retrieval.index.accelerator import MAX_PENDING, QUIET_S, Accelerator
from ondevice.retrieval.index.exact import Matrix
from ondevice.retrieval.index.recall import QUESTIONS, RecallQuery, make_question
from tests.ondevice.retrieval.sealed_graph import read_graph

DIM = 24
CONFIG = IndexConfig(exact_up_to=100)


def unit_vectors(n: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def start(n: int, config: IndexConfig = CONFIG) -> tuple[Accelerator, Matrix, threading.RLock]:
    matrix, lock = Matrix(DIM), threading.RLock()
    accelerator = Accelerator(matrix, config, lock)
    with lock:
        accelerator.changed(matrix.put(np.arange(1, n + 1), unit_vectors(n)).tolist())
    return accelerator, matrix, lock


def is_at_work() -> bool:
    return "ondevice-index" in {thread.name for thread in threading.enumerate()}


def test_few_vectors_need_no_graph() -> None:
    accelerator, _, _ = start(100)
    assert (accelerator.graph, accelerator.is_building, accelerator.is_complete) == (None, False, False)


def test_it_is_used_when_it_is_complete_and_examined() -> None:
    accelerator, matrix, _ = start(500)
    accelerator.wait()
    assert accelerator.is_complete
    assert not accelerator.is_building
    found = accelerator.search(matrix.vectors[7], 5)
    assert found is not None
    assert found[0].tolist() == matrix.search(matrix.vectors[7], 5)[0].tolist()
    accelerator.close()


def test_a_search_does_not_wait_for_a_busy_graph() -> None:
    accelerator, matrix, _ = start(300)
    accelerator.wait()
    with accelerator.graph_lock:
        assert accelerator.search(matrix.vectors[0], 3) is None
    assert accelerator.search(matrix.vectors[0], 3) is not None
    accelerator.close()


def put_late(accelerator: Accelerator, matrix: Matrix, lock: threading.RLock, rows: list[int], seed: int) -> np.ndarray:
    """Add vectors that the graph does not get, because an accelerator that is being closed starts no thread."""
    accelerator.wait()
    accelerator._is_closed = True
    vectors = unit_vectors(len(rows), seed)
    with lock:
        accelerator.changed(matrix.put(np.array(rows), vectors).tolist())
    return vectors


def test_what_the_graph_does_not_hold_yet_is_found_all_the_same() -> None:
    accelerator, matrix, lock = start(300)
    late = put_late(accelerator, matrix, lock, [7, 1000], seed=5)
    assert not accelerator.is_complete
    for vector, row in zip(late, (7, 1000), strict=True):
        found = accelerator.search(vector, 3)
        assert found is not None
        assert found[0].tolist() == matrix.search(vector, 3)[0].tolist()
        assert found[0][0] == row
    old = accelerator.search(unit_vectors(300)[6], 3)  # what row 7 was, and the graph still has
    assert old is not None
    assert 7 not in old[0].tolist()


def test_too_many_late_vectors_are_compared_instead() -> None:
    accelerator, matrix, lock = start(300)
    put_late(accelerator, matrix, lock, list(range(1000, 1000 + MAX_PENDING)), seed=6)
    assert accelerator.search(matrix.vectors[0], 3) is not None
    put_late(accelerator, matrix, lock, [5000], seed=7)
    assert accelerator.search(matrix.vectors[0], 3) is None


def test_the_thread_ends_when_nobody_holds_the_accelerator() -> None:
    accelerator, matrix, lock = start(3000)
    assert is_at_work()
    del accelerator
    gc.collect()
    deadline = time.monotonic() + 20
    while is_at_work() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_at_work()
    assert len(matrix) == 3000
    assert not lock._is_owned()  # type: ignore[attr-defined]


def test_a_graph_that_cannot_be_built_is_told_and_not_tried_again() -> None:
    accelerator, matrix, lock = start(
        300, IndexConfig(exact_up_to=100, links=2, build_effort=2, search_effort=1, min_recall=1.0)
    )
    accelerator.wait()
    assert accelerator.graph is None
    assert "recall" in (accelerator.problem or "")
    with lock:
        accelerator.changed(matrix.put(np.array([999]), unit_vectors(1, seed=3)).tolist())
    assert not accelerator.is_building


def test_vectors_that_come_during_the_examination_do_not_fail_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    late = unit_vectors(300, seed=8)
    n_asked = 0

    def ask_while_others_add(matrix: Matrix, pair: tuple[int, int]) -> RecallQuery | None:
        nonlocal n_asked
        n_asked += 1
        question = make_question(matrix, pair)
        if n_asked == QUESTIONS:
            held[0].changed(matrix.put(np.arange(1000, 1300), late).tolist())
        return question

    monkeypatch.setattr("ondevice.retrieval.index.recall.make_question", ask_while_others_add)
    matrix, lock = Matrix(DIM), threading.RLock()
    held = [Accelerator(matrix, CONFIG, lock)]
    with lock:
        held[0].changed(matrix.put(np.arange(1, 301), unit_vectors(300)).tolist())
    held[0].wait()
    assert held[0].problem is None
    assert held[0].is_complete
    assert n_asked == 2 * QUESTIONS  # the first examination could not be passed, the second was
    held[0].close()


def erase(accelerator: Accelerator, matrix: Matrix, rows: Iterable[int]) -> None:
    with accelerator.standstill():
        matrix.remove(np.array(list(rows), np.int64))
        accelerator.erase(np.array(list(rows), np.int64))


def test_a_graph_with_traces_serves_and_is_not_sealed() -> None:
    accelerator, matrix, _ = start(500)
    accelerator.wait()
    assert accelerator.is_sealable
    erase(accelerator, matrix, [7, 8])
    assert not accelerator.is_building
    found = accelerator.search(matrix.vectors[0], 5)
    assert found is not None
    assert found[0].tolist() == matrix.search(matrix.vectors[0], 5)[0].tolist()
    assert (accelerator.is_complete, accelerator.is_sealable) == (True, False)
    with accelerator.standstill():
        assert accelerator.state() is None
    accelerator.close()


def test_erasing_what_the_graph_never_held_leaves_it_sealable() -> None:
    accelerator, matrix, lock = start(500)
    put_late(accelerator, matrix, lock, [1000], seed=5)
    erase(accelerator, matrix, [1000])
    assert accelerator.is_sealable


def test_the_graph_that_replaces_it_is_the_one_that_never_held_the_vector(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one byte differs, so nothing can be read from it: not even that there was something."""
    monkeypatch.setattr("os.cpu_count", lambda: 1)  # one thread takes vectors in in one order
    gone = [17, *range(100, 120)]
    accelerator, matrix, _ = start(600)
    accelerator.wait()
    erase(accelerator, matrix, gone)
    accelerator.wait()

    left = [row for row in range(1, 601) if row not in gone]
    other, lock = Matrix(DIM), threading.RLock()
    never_knew = Accelerator(other, CONFIG, lock)
    with lock:
        never_knew.changed(other.put(np.array(left), unit_vectors(600)[np.array(left) - 1]).tolist())
    never_knew.wait()

    with accelerator.standstill(), never_knew.standstill():
        state, expected = accelerator.state(), never_knew.state()
    assert state is not None
    assert expected is not None
    assert state.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(state[name], value, err_msg=name)
    seen = read_graph(state)
    assert sorted(seen.rows) == left
    assert seen.slots <= set(range(len(left)))
    accelerator.close()
    never_knew.close()


def test_a_new_graph_waits_until_the_erasures_have_ceased() -> None:
    accelerator, matrix, _ = start(500)
    accelerator.wait()
    erase(accelerator, matrix, [7])
    accelerator.search(matrix.vectors[0], 5)
    assert not accelerator.is_building
    accelerator._last_erasure -= QUIET_S
    accelerator.search(matrix.vectors[0], 5)
    accelerator._join()
    assert accelerator.is_sealable
    accelerator.close()


def test_an_erasure_in_between_begins_the_new_graph_again_and_later() -> None:
    accelerator, matrix, lock = start(500)
    accelerator.wait()
    erase(accelerator, matrix, [7])
    with accelerator.paused(), lock:  # the thread has not begun
        accelerator._replace()
        assert accelerator._next is not None
        accelerator._next.graph.add(*accelerator._next.take(matrix))
    n_held = len(accelerator._next.graph)
    with accelerator.standstill():
        held = accelerator._next.graph.rows()[0]
        matrix.remove(np.array([held]))
        accelerator.erase(np.array([held]))
        assert n_held > 0
        assert not accelerator._graphs()[1:]
        assert accelerator._quiet_s == 2 * QUIET_S
    accelerator.wait()
    assert accelerator.is_sealable
    assert accelerator._quiet_s == QUIET_S
    with accelerator.standstill():
        assert sorted(read_graph(accelerator.state() or {}).rows) == matrix.rows.tolist()
    accelerator.close()


def test_a_first_graph_is_finished_with_traces_rather_than_never() -> None:
    accelerator, matrix, _ = start(500)
    with accelerator.standstill():
        tracked = accelerator._next
        assert tracked is not None
        while not len(tracked.graph):
            tracked.graph.add(*tracked.take(matrix))
        row = tracked.graph.rows()[0]
        matrix.remove(np.array([row]))
        accelerator.erase(np.array([row]))
        assert accelerator._next is tracked
    accelerator._join()
    assert accelerator.graph is tracked.graph
    assert (accelerator.is_complete, accelerator.is_sealable) == (True, False)
    accelerator.wait()
    assert accelerator.is_sealable
    accelerator.close()


def test_without_hnswlib_every_vector_is_compared_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hnswlib", None)
    accelerator, matrix, lock = start(101)
    with lock:
        assert accelerator.search(matrix.vectors[0], 5) is None
        accelerator.changed(matrix.put(np.arange(200, 210), unit_vectors(10, seed=1)).tolist())
    assert (accelerator.graph, accelerator.is_building) == (None, False)
    assert accelerator.problem is not None
    assert "101 vectors is compared" in accelerator.problem
    assert "ondevice-sdk[hnsw]" in accelerator.problem
    accelerator.close()
