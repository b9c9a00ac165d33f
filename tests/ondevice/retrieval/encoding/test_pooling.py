"""Pooling against numbers computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ondevice.retrieval.encoding.pooling import normalize, pool

STATES = np.array(
    [[[1, 2], [3, 4], [100, 100]], [[5, 0], [7, 2], [0, 7]]],
    dtype=np.float32,
)
MASK = np.array([[1, 1, 0], [1, 1, 1]])


def test_the_mean_is_over_the_tokens_that_count() -> None:
    # (1+3)/2, (2+4)/2; (5+7+0)/3, (0+2+7)/3
    assert pool(STATES, MASK, "mean").tolist() == [[2, 3], [4, 3]]


def test_cls_is_the_first_token() -> None:
    assert pool(STATES, MASK, "cls").tolist() == [[1, 2], [5, 0]]


def test_none_passes_the_graphs_own_pooling_through() -> None:
    vectors = np.array([[1, 2], [3, 4]], np.float32)
    assert pool(vectors, MASK, "none") is vectors


def test_a_text_without_any_token_is_a_zero_and_not_a_division_by_zero() -> None:
    assert pool(STATES, np.zeros((2, 3), np.int64), "mean").tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("states", "pooling"),
    [(STATES, "none"), (STATES[0], "mean"), (STATES[:, :2], "mean"), (STATES[0], "cls")],
)
def test_states_that_do_not_fit_are_refused(states: np.ndarray, pooling: str) -> None:
    with pytest.raises(ValueError, match=r"axes|do not fit"):
        pool(states, MASK, pooling)  # type: ignore[arg-type]


def test_normalizing_gives_length_one_and_leaves_zero_alone() -> None:
    out = normalize(np.array([[3, 4], [0, 0]], np.float32))
    np.testing.assert_allclose(out, np.array([[0.6, 0.8], [0.0, 0.0]]), atol=1e-7)
    assert out.dtype == np.float32
