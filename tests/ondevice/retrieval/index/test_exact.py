"""The matrix: against a plain dictionary, and no byte left of what is removed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ondevice.retrieval.index.exact import Matrix, best

DIM = 4


def vectors_for(rows: list[int], salt: int = 0) -> np.ndarray:
    return np.array([[row, salt, row * 0.5, 1] for row in rows], np.float32).reshape(-1, DIM)


def put(matrix: Matrix, rows: list[int], salt: int = 0) -> list[int]:
    return sorted(matrix.put(np.array(rows, np.int64), vectors_for(rows, salt)).tolist())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.lists(st.integers(1, 200), unique=True, max_size=40)), max_size=12))
def test_it_behaves_like_a_dictionary(steps: list[tuple[bool, list[int]]]) -> None:
    matrix = Matrix(DIM)
    plain: dict[int, list[float]] = {}
    for salt, (adds, rows) in enumerate(steps):
        if adds:
            put(matrix, rows, salt)
            plain.update(zip(rows, vectors_for(rows, salt).tolist(), strict=True))
        else:
            assert matrix.remove(np.array(rows, np.int64)) == sum(plain.pop(row, None) is not None for row in rows)
    assert matrix.rows.tolist() == sorted(plain)
    assert matrix.vectors.tolist() == [plain[row] for row in sorted(plain)]
    assert not matrix._vectors[len(matrix) :].any()


def test_putting_tells_what_changed() -> None:
    matrix = Matrix(DIM)
    assert put(matrix, [5, 2, 9]) == [2, 5, 9]
    assert put(matrix, [2, 5]) == []
    assert put(matrix, [5, 7], salt=1) == [5, 7]


def test_the_best_come_first_and_of_equals_the_lower_row() -> None:
    rows, scores = best(np.array([8, 3, 5, 1]), np.array([0.5, 0.9, 0.5, 0.5], np.float32), 3)
    assert rows.tolist() == [3, 1, 5]
    np.testing.assert_allclose(scores, [0.9, 0.5, 0.5])


@pytest.mark.parametrize("n_chosen", [0, 1, 30, 100])
def test_a_subset_is_searched_like_the_whole(n_chosen: int) -> None:
    draw = np.random.default_rng(1)
    matrix, vectors = Matrix(16), draw.standard_normal((100, 16)).astype(np.float32)
    matrix.put(np.arange(100, dtype=np.int64), vectors)
    query = vectors[3]
    chosen = draw.choice(100, n_chosen, replace=False).astype(np.int64)
    expected = sorted(chosen.tolist(), key=lambda row: -float(vectors[row] @ query))[:10]
    # Rows that are not there, or stand twice, change nothing.
    assert matrix.search(query, 10, np.concatenate([chosen, chosen, [500, -1]]))[0].tolist() == expected


def test_more_than_there_are_gives_what_there_is() -> None:
    matrix = Matrix(DIM)
    assert matrix.search(np.ones(DIM, np.float32), 3)[0].tolist() == []
    put(matrix, [1, 2])
    assert matrix.search(np.ones(DIM, np.float32), 99)[0].tolist() == [2, 1]


def test_a_removed_vector_leaves_no_byte_in_memory() -> None:
    matrix, vectors = Matrix(32), np.random.default_rng(2).standard_normal((200, 32)).astype(np.float32)
    matrix.put(np.arange(200, dtype=np.int64), vectors)
    buffer = matrix._vectors
    gone = np.array([0, 57, 58, 199], np.int64)
    assert all(vectors[row].tobytes() in buffer.tobytes() for row in gone)
    matrix.remove(gone)
    assert matrix._vectors is buffer
    assert not any(vectors[row].tobytes() in buffer.tobytes() for row in gone)
    np.testing.assert_array_equal(matrix.vectors, np.delete(vectors, gone, axis=0))


def test_memory_that_is_outgrown_or_given_up_is_overwritten() -> None:
    matrix = Matrix(DIM)
    put(matrix, list(range(1, 65)))
    outgrown = matrix._vectors
    put(matrix, [100])
    assert matrix._vectors is not outgrown
    assert not outgrown.any()
    given_up = matrix._vectors
    matrix.clear()
    assert not given_up.any()
    assert len(matrix) == 0


def test_growing_copies_seldom() -> None:
    matrix, buffers = Matrix(DIM), set()
    for row in range(2000):
        put(matrix, [row])
        buffers.add(len(matrix._rows))
    assert len(buffers) <= 6


def test_what_does_not_fit_is_refused() -> None:
    matrix = Matrix(DIM)
    with pytest.raises(ValueError, match="do not fit"):
        matrix.put(np.array([1]), np.zeros((1, 5), np.float32))
    with pytest.raises(ValueError, match="stands twice"):
        put(matrix, [3, 3])
