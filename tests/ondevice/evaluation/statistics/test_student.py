from __future__ import annotations

import math
from statistics import NormalDist

import pytest

from ondevice.evaluation.statistics.student import quantile, upper_tail


@pytest.mark.parametrize(
    ("df", "wanted"),
    # From the printed tables of the two-sided 95 % point.
    [(1, 12.706205), (2, 4.302653), (3, 3.182446), (7, 2.364624), (12, 2.178813), (29, 2.045230), (120, 1.979930)],
)
def test_the_tables_points(df, wanted):
    assert quantile(0.975, df) == pytest.approx(wanted, abs=1e-6)
    assert quantile(0.025, df) == pytest.approx(-wanted, abs=1e-6)


@pytest.mark.parametrize("t", [-7.0, -0.3, 0.0, 0.001, 1.0, 4.0, 60.0])
def test_one_and_two_degrees_have_closed_forms(t):
    assert upper_tail(t, 1) == pytest.approx(0.5 - math.atan(t) / math.pi, rel=1e-10)
    assert upper_tail(t, 2) == pytest.approx(0.5 - t / (2 * math.sqrt(2 + t * t)), rel=1e-9)


def test_many_degrees_are_a_normal_distribution():
    assert quantile(0.975, 1e7) == pytest.approx(NormalDist().inv_cdf(0.975), abs=1e-6)
    assert upper_tail(3.0, 1e7) == pytest.approx(1 - NormalDist().cdf(3.0), rel=1e-5)


@pytest.mark.parametrize("df", [0.4, 3.7, 14.25, 311.9])
@pytest.mark.parametrize("p", [0.001, 0.2, 0.5, 0.8, 0.975, 0.9999])
def test_a_quantile_is_where_the_tail_begins(p, df):
    assert upper_tail(quantile(p, df), df) == pytest.approx(1 - p, rel=1e-8)


def test_far_tails_are_small_and_not_lost():
    assert upper_tail(math.inf, 5) == 0.0
    assert upper_tail(-math.inf, 5) == 1.0
    assert 0 < upper_tail(50.0, 12) < 1e-12


def test_what_is_no_share_or_has_no_degrees_is_refused():
    for p in (0.0, 1.0, -0.1, math.nan):
        with pytest.raises(ValueError, match="a share must lie between 0 and 1"):
            quantile(p, 5)
    for t, df in ((1.0, 0.0), (math.nan, 3.0), (1.0, math.nan)):
        with pytest.raises(ValueError, match="degrees of freedom above 0"):
            upper_tail(t, df)
