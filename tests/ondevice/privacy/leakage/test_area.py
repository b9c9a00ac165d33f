"""How well two groups are told apart, and how sure that is: as others compute it, and as often right as it says."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ondevice.privacy.leakage.area import LEAST, area_of


def test_the_area_is_that_of_the_field_with_ties_shared() -> None:
    random = np.random.default_rng(1)
    members, others = (random.normal(shift, 1, 40).round(1) for shift in (0.7, 0.0))
    area = area_of(members, others)
    assert area is not None
    labels = np.repeat([1, 0], 40)
    assert area.value == pytest.approx(roc_auc_score(labels, np.concatenate([members, others])))
    assert area.low < area.value < area.high


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
def test_the_interval_holds_the_truth_as_often_as_it_says(shift: float) -> None:
    from statistics import NormalDist

    truth, random = NormalDist().cdf(shift / 2**0.5), np.random.default_rng(2)
    areas = [area_of(random.normal(shift, 1, 20), random.normal(0, 1, 15)) for _ in range(400)]
    held = [area is not None and area.low <= truth <= area.high for area in areas]
    assert np.mean(held) >= 0.92


def test_groups_without_an_error_leave_a_doubt() -> None:
    area = area_of(np.ones(LEAST), np.zeros(LEAST))
    assert area is not None
    assert (area.value, area.high) == (1.0, 1.0)
    assert 0.6 < area.low < 0.95


def test_nothing_is_said_of_too_few() -> None:
    assert area_of(np.ones(LEAST - 1), np.zeros(100)) is None
    assert area_of(np.ones(100), np.zeros(LEAST - 1)) is None


def test_members_are_found_above_all_others_but_the_allowed() -> None:
    others = np.arange(40, dtype=np.float64)
    area = area_of(np.array([*[37.5] * 5, *[38.5] * 5]), others)
    assert area is not None
    assert area.found == 1.0, "of 40 others, two may be false alarms"
    area = area_of(np.array([*[36.5] * 5, *[38.5] * 5]), others)
    assert area is not None
    assert area.found == 0.5
    few = area_of(np.ones(LEAST), np.zeros(LEAST))
    assert few is not None
    assert few.found is None
