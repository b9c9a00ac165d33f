from __future__ import annotations

import numpy as np
import pytest

from ondevice.evaluation.statistics.estimates import mean_over
from ondevice.evaluation.statistics.pooled import pooled_effect, standardized


def test_an_effect_is_the_mean_over_tasks_of_mean_by_deviation():
    first, second = np.array([1.0, 3.0, 2.0]), np.array([-10.0, 40.0])
    pooled = pooled_effect([first, second])
    assert pooled.effect == pytest.approx((2.0 / 1.0 + 15 / np.std([-10, 40], ddof=1)) / 2)
    assert (pooled.n_tasks, pooled.n_users) == (2, 5)
    parts = [effect for each in (first, second) if (effect := standardized(each)) is not None]
    assert (pooled.low, pooled.high) == mean_over(parts).interval()


def test_neither_unit_nor_number_of_users_weighs_a_task():
    random = np.random.default_rng(1)
    many, few = random.normal(0.0, 1, size=200), random.normal(2.0, 1, size=8)
    pooled = pooled_effect([many, few])
    same = pooled_effect([many * 1e3, few / 1e3])
    assert pooled.effect is not None
    assert same.effect == pytest.approx(pooled.effect)
    assert pooled.effect > 0.5


def test_the_interval_covers_the_planted_effect():
    random, inside, n = np.random.default_rng(2), 0, 200
    for _ in range(n):
        tasks = [random.normal(0.4 * unit, unit, size=size) for unit, size in ((1, 13), (5, 20), (0.1, 15))]
        effects = [effect for each in tasks if (effect := standardized(each)) is not None]
        low, high = mean_over(effects).interval()
        assert low is not None
        assert high is not None
        inside += low <= 0.4 <= high
    assert 0.9 <= inside / n <= 0.99


def test_a_task_of_one_user_is_left_out():
    users = np.array([0.2, 0.6, 0.1, 0.4])
    assert pooled_effect([np.array([5.0]), users]) == pooled_effect([users])
    alone = pooled_effect([np.array([5.0])])
    assert (alone.n_tasks, alone.effect, alone.low, alone.high, alone.p) == (0, None, None, None, None)


def test_where_users_do_not_differ_there_is_no_deviation_to_divide_by():
    assert standardized(np.full(4, 0.3)) is None
    nothing = standardized(np.zeros(4))
    assert nothing is not None
    assert (nothing.value, nothing.error) == (0.0, 0.5)
    assert pooled_effect([np.full(4, 0.3)]).p == 2 / 2**4  # the flips need none


def test_nothing_measured_is_no_effect():
    assert pooled_effect([]).effect is None
