from __future__ import annotations

import numpy as np
import pytest

from ondevice.evaluation.statistics.estimates import Estimate, from_left_out, mean_of, mean_over


def without_each(values: np.ndarray) -> np.ndarray:
    return np.array([np.delete(values, place).mean() for place in range(len(values))])


def ends(estimate: Estimate, confidence: float = 0.95) -> tuple[float, float]:
    low, high = estimate.interval(confidence)
    assert low is not None
    assert high is not None
    return low, high


def test_leaving_users_out_of_a_mean_gives_students_interval():
    values = np.array([0.2, 0.9, 0.4, 0.4, 0.7])
    left_out = from_left_out(float(values.mean()), without_each(values))
    assert left_out.interval() == pytest.approx(mean_of(values).interval())
    half = 2.776445 * values.std(ddof=1) / 5**0.5
    assert mean_of(values).interval() == pytest.approx((0.52 - half, 0.52 + half))


def test_one_user_or_no_spread_has_no_interval():
    assert mean_of(np.array([0.3])).interval() == (None, None)
    assert mean_of(np.array([0.1 + 0.2, 0.3, 0.3])).interval() == (None, None)  # alike but for rounding
    assert from_left_out(0.3, np.array([np.nan, 0.2])).interval() == (None, None)
    assert mean_of(np.array([0.3])).chance_above(0.0) is None


def test_a_narrower_interval_is_less_sure():
    estimate = mean_of(np.array([0.2, 0.9, 0.4, 0.4, 0.7]))
    low, high = ends(estimate, 0.9)
    lower, higher = ends(estimate)
    assert lower < low < high < higher
    assert estimate.chance_above(low) == pytest.approx(0.05)


def test_turning_the_sign_turns_the_interval():
    estimate = mean_of(np.array([0.2, 0.9, 0.4]))
    low, high = ends(estimate)
    assert ends(estimate.scaled(-1)) == pytest.approx((-high, -low))


def test_the_mean_over_tasks_has_welchs_degrees_of_freedom():
    first, second = Estimate(value=1.0, error=0.3, df=4), Estimate(value=3.0, error=0.3, df=4)
    both = mean_over([first, second])
    assert both.value == 2.0
    assert both.error == pytest.approx(0.3 / 2**0.5)
    assert both.df == pytest.approx(8)
    uneven = mean_over([first, Estimate(value=3.0, error=1e-6, df=50)])
    assert uneven.df == pytest.approx(4, abs=1e-3)  # what decides is the task that is uncertain


def test_a_mean_is_no_surer_than_its_parts():
    part = Estimate(value=1.0, error=0.3, df=4)
    assert mean_over([part, mean_of(np.array([0.5]))]).interval() == (None, None)
    with pytest.raises(ValueError, match="at least one estimate"):
        mean_over([])
