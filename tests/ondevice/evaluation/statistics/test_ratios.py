"""Relative gains and their means: by hand, and against a population of which the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from ondevice.evaluation.statistics.estimates import Estimate, mean_of
from ondevice.evaluation.statistics.ratios import mean_gain, relative_gain


def gain_of(scores: np.ndarray, references: np.ndarray, *, higher_is_better: bool = True) -> Estimate | None:
    n = len(scores)
    alone = n == 1
    return relative_gain(
        float(scores.mean()),
        float(references.mean()),
        values=np.full(1, np.nan) if alone else (scores.sum() - scores) / (n - 1),
        references=np.full(1, np.nan) if alone else (references.sum() - references) / (n - 1),
        higher_is_better=higher_is_better,
    )


def covered(tasks: int, users: int, *, moves_both: bool, n_runs: int) -> float:
    """Return in which share of runs the interval holds the true mean gain, 30 %."""
    random, inside = np.random.default_rng(11), 0
    for _ in range(n_runs):
        gains = []
        for _ in range(tasks):
            able = random.gamma(4.0, 0.05, size=users)  # what a user scores without personalization: .2 in the mean
            references = able * random.gamma(4.0, 0.25, size=users)
            scores = 1.3 * able * random.gamma(4.0, 0.25, size=users)
            gain = gain_of(scores, references)
            if not moves_both:
                gain = mean_of((scores - references) / references.mean())
            assert gain is not None
            gains.append(gain)
        low, high = mean_gain(gains).interval()
        assert low is not None
        assert high is not None
        inside += low <= 0.3 <= high
    return inside / n_runs


@pytest.mark.parametrize(("tasks", "users"), [(1, 15), (5, 13)])
def test_the_interval_holds_the_truth_as_often_as_it_says(tasks, users):
    assert 0.91 <= covered(tasks, users, moves_both=True, n_runs=300) <= 0.99


def test_taking_the_denominator_for_known_would_hold_it_less_often():
    known, moving = (covered(5, 13, moves_both=moves, n_runs=300) for moves in (False, True))
    assert known < moving - 0.02


def test_a_gain_by_hand():
    scores, references = np.array([0.4, 0.6]), np.array([0.2, 0.3])
    gain = gain_of(scores, references)
    assert gain is not None
    assert gain.value == pytest.approx(1.0)
    assert gain.interval() == (None, None)  # both users gain as much of their own score: nothing varies
    uneven = gain_of(np.array([0.4, 0.3]), references)
    assert uneven is not None
    assert uneven.value == pytest.approx(0.4)
    # Without one user the gain is 0, without the other 1; half of that way is the error.
    assert uneven.error == pytest.approx(0.5)


def test_a_falling_error_is_a_gain():
    gain = gain_of(np.array([0.5, 1.0, 0.6]), np.array([1.0, 2.0, 2.0]), higher_is_better=False)
    assert gain is not None
    assert gain.value == pytest.approx(1 - 2.1 / 5)


def test_nothing_is_told_in_shares_of_nothing():
    assert gain_of(np.array([0.4, 0.6]), np.zeros(2)) is None


def test_a_reference_that_one_user_keeps_from_0_has_no_interval():
    gain = gain_of(np.array([0.4, 0.6, 0.1]), np.array([0.0, 0.5, 0.0]))
    assert gain is not None
    assert gain.value == pytest.approx(1.2)
    assert gain.interval() == (None, None)


def test_one_user_has_a_gain_without_interval():
    gain = gain_of(np.array([0.3]), np.array([0.2]))
    assert gain is not None
    assert gain.value == pytest.approx(0.5)
    assert gain.interval() == (None, None)
