from __future__ import annotations

import numpy as np
import pytest

from ondevice.evaluation.statistics.equivalence import equivalence_of


def test_a_difference_far_below_the_margin_is_shown_to_be_small():
    random = np.random.default_rng(1)
    found = equivalence_of([random.normal(0.0, 0.02, size=20), random.normal(0.0, 0.02, size=30)], margin=0.02)
    assert found.is_shown
    assert found.n_users == 50
    assert found.low is not None
    assert found.high is not None
    assert -0.02 < found.low < found.better_by < found.high < 0.02


@pytest.mark.parametrize("shift", [-0.05, 0.05])
def test_a_planted_difference_beyond_the_margin_is_not_called_small(shift):
    found = equivalence_of([np.random.default_rng(2).normal(shift, 0.02, size=40)], margin=0.02)
    assert found.p is not None
    assert found.p > 0.95
    assert not found.is_shown


def test_few_users_who_differ_much_show_nothing():
    found = equivalence_of([np.array([0.4, -0.4, 0.1, -0.1])], margin=0.02)
    assert found.better_by == pytest.approx(0)
    assert not found.is_shown


def test_the_p_value_is_below_5_where_the_90_percent_interval_lies_within():
    random = np.random.default_rng(3)
    verdicts = set()
    for _ in range(100):
        found = equivalence_of([random.normal(0.005, 0.05, size=25)], margin=0.02)
        assert found.low is not None
        assert found.high is not None
        assert found.is_shown == (found.low > -0.02 and found.high < 0.02)
        verdicts.add(found.is_shown)
    assert verdicts == {True, False}


def test_at_the_margin_5_of_100_runs_call_it_small():
    random = np.random.default_rng(4)
    shown = [equivalence_of([random.normal(0.02, 0.03, size=30)], margin=0.02).is_shown for _ in range(300)]
    assert 0.01 <= np.mean(shown) <= 0.09


def test_one_user_or_users_who_are_all_alike_show_nothing():
    for differences in (np.array([0.001]), np.zeros(9)):
        found = equivalence_of([differences, np.random.default_rng(5).normal(0, 1e-4, size=30)])
        assert (found.low, found.high, found.p, found.is_shown) == (None, None, None, False)


def test_a_margin_of_nothing_is_refused():
    with pytest.raises(ValueError, match="a margin must be above 0, not 0"):
        equivalence_of([np.zeros(3)], margin=0)
