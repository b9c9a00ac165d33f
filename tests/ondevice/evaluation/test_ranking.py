from __future__ import annotations

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.evaluation.ranking import ndcg, rank, recall


def test_the_highest_scores_come_first_and_equals_keep_their_order() -> None:
    scores = np.array([0.1, 0.9, 0.5, 0.9], np.float32)
    assert rank(scores, [10, 11, 12, 13], 3) == (11, 13, 12)
    assert rank(scores, [13, 12, 11, 10], 9) == (12, 10, 11, 13)


def test_scores_that_fit_no_candidates_are_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="2 candidates"):
        rank(np.zeros(3), [1, 2], 1)
    with pytest.raises(ValueError, match="k must be 1 or more, not 0"):
        rank(np.zeros(2), [1, 2], 0)


def test_ndcg_of_judgements_by_hand() -> None:
    # Relevant are a and c; they stand at places 2 and 4.
    found = 1 / log2(2 + 1) + 1 / log2(4 + 1)
    best = 1 / log2(1 + 1) + 1 / log2(2 + 1)
    assert ndcg([9, 1, 8, 3], {1: 1.0, 3: 1.0}, 10) == pytest.approx(found / best)
    assert ndcg([9, 1, 8, 3], {1: 1.0, 3: 1.0}, 3) == pytest.approx((1 / log2(3)) / best)


def test_ndcg_of_grades_by_hand() -> None:
    # Worth 3, 2, 1, found as 2, 3, 1.
    found = 2 / log2(2) + 3 / log2(3) + 1 / log2(4)
    best = 3 / log2(2) + 2 / log2(3) + 1 / log2(4)
    assert ndcg([5, 4, 6], {4: 3.0, 5: 2.0, 6: 1.0}, 3) == pytest.approx(found / best)


def test_more_that_is_relevant_than_places_can_still_be_perfect() -> None:
    assert ndcg([1, 2], {1: 1.0, 2: 1.0, 3: 1.0}, 2) == pytest.approx(1.0)


def test_recall_by_hand() -> None:
    assert recall([1, 9, 3, 4], {1, 3, 7, 4}, 3) == 2 / 4
    assert recall([1, 9, 3, 4], {7}, 4) == 0 / 1


@pytest.mark.parametrize("gains", [{}, {1: 0.0}, {1: 1.0, 2: -1.0}])
def test_ndcg_has_no_value_without_gains_above_zero(gains: dict[int, float]) -> None:
    with pytest.raises(ValueError, match="above zero"):
        ndcg([1], gains, 1)


def test_a_ranking_names_each_thing_once_and_recall_needs_something_relevant() -> None:
    with pytest.raises(ValueError, match="twice"):
        ndcg([1, 1], {1: 1.0}, 2)
    with pytest.raises(ValueError, match="without anything relevant"):
        recall([1], set(), 1)


@given(st.permutations(range(12)), st.integers(1, 15))
def test_no_order_beats_the_best(order: list[int], k: int) -> None:
    gains = {thing: float(12 - thing) for thing in range(8)}
    value = ndcg(order, gains, k)
    assert 0 <= value <= 1 + 1e-12
    assert ndcg(sorted(order), gains, k) == pytest.approx(1.0)
