from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from ondevice.evaluation.statistics.sign_flips import (
    MOST_ENUMERATED,
    N_FLIPS,
    pooled_sign_flip_p,
    sign_flip_p,
)


def enumerated(*tasks: np.ndarray) -> float:
    """Try every flip, one by one, as the definition says."""

    def figure(flipped: list[np.ndarray]) -> float:
        return float(np.mean([each.mean() / np.sqrt((each**2).mean()) for each in flipped]))

    measured, n_as_far, n = abs(figure(list(tasks))), 0, 0
    for signs in product((1, -1), repeat=sum(map(len, tasks))):
        flipped, start = [], 0
        for task in tasks:
            flipped.append(task * np.array(signs[start : start + len(task)]))
            start += len(task)
        n_as_far += abs(figure(flipped)) >= measured - 1e-12
        n += 1
    return n_as_far / n


def test_few_users_are_enumerated_in_full():
    random = np.random.default_rng(3)
    for n in (2, 3, 5, 9):
        differences = random.normal(0.4, 1, size=n)
        assert sign_flip_p(differences) == enumerated(differences)


def test_ties_count_as_far():
    differences = np.array([0.1, 0.2, -0.3, 0.3, 0.0, 0.1])  # many flips come out alike but for rounding
    assert sign_flip_p(differences) == enumerated(differences)
    assert sign_flip_p(np.ones(6)) == 2 / 2**6


def test_tasks_are_flipped_each_on_its_own():
    random = np.random.default_rng(4)
    first, second, third = random.normal(0.5, 1, size=4), random.normal(0.5, 90, size=3), random.normal(size=4) ** 3
    assert pooled_sign_flip_p([first, second, third]) == enumerated(first, second, third)


def test_a_tasks_unit_does_not_matter():
    random = np.random.default_rng(5)
    first, second = random.normal(0.3, 1, size=7), random.normal(0.3, 1, size=6)
    assert pooled_sign_flip_p([first, second]) == pooled_sign_flip_p([first * 1000, second / 7])


def test_many_users_are_drawn_and_come_near_the_enumeration():
    differences = np.random.default_rng(6).normal(0.45, 1, size=MOST_ENUMERATED + 1)
    drawn = sign_flip_p(differences)
    assert drawn is not None
    assert drawn == sign_flip_p(differences)  # the same flips again
    # The exact p-value, by convolution: sums of signed values on a fine grid.
    grid = np.round(differences, 4)
    sums = np.zeros(1)
    for value in grid:
        sums = np.concatenate([sums + value, sums - value])
    exact = float(np.mean(np.abs(sums) >= abs(grid.sum()) - 1e-9))
    assert drawn == pytest.approx(exact, abs=5 * np.sqrt(exact / N_FLIPS))


def test_a_drawn_p_value_is_never_0():
    assert sign_flip_p(np.full(40, 0.7)) == 1 / (N_FLIPS + 1)


def test_no_difference_has_p_1():
    assert sign_flip_p(np.zeros(5)) == 1.0
    assert sign_flip_p(np.array([1.0, -1.0] * 20)) == 1.0
    assert pooled_sign_flip_p([np.zeros(5), np.zeros(30)]) == 1.0


def test_one_user_has_no_p_value_and_tells_nothing_beside_others():
    assert sign_flip_p(np.array([9.0])) is None
    assert pooled_sign_flip_p([np.array([9.0]), np.array([1.0])]) is None
    others = np.array([0.5, 0.4, 0.3, 0.6])
    assert pooled_sign_flip_p([np.array([-9.0]), others]) == sign_flip_p(others)


def test_where_nothing_is_5_of_100_runs_find_something():
    random = np.random.default_rng(7)
    found = 0
    for _ in range(300):
        tasks = [random.standard_t(3, size=5), random.normal(size=4) * 9, random.choice([-1.0, 0.0, 1.0], size=5)]
        p = pooled_sign_flip_p(tasks)
        assert p is not None
        found += p <= 0.05
    assert found / 300 <= 0.09  # 5 %, and three standard errors


def test_a_planted_effect_over_tasks_is_found():
    random = np.random.default_rng(8)
    planted = [random.normal(0.8 * unit, unit, size=15) for unit in (0.01, 1.0, 50.0)]
    alone, together = [sign_flip_p(each) for each in planted], pooled_sign_flip_p(planted)
    assert together is not None
    assert together < 0.005
    assert all(p is not None and p >= together for p in alone)
    assert pooled_sign_flip_p([planted[0], -planted[0]]) == 1.0  # what one task gains another loses
