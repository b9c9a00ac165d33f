"""A plot is drawn whatever its points are, and is told in words too."""

from __future__ import annotations

import math
import re

import pytest

from ondevice.privacy.charts import chart, ticks
from ondevice.privacy.findings import Plot

Points = tuple[tuple[float, float], ...]


def plot(*lines: Points) -> Plot:
    named = tuple((f"line {number}", points) for number, points in enumerate(lines))
    return Plot(title="t", x_label="across", y_label="up", lines=named)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ((),),
        (((0.0, 0.0),),),
        (((1.0, 5.0), (1.0, 5.0)),),
        (((-1e300, 1e300), (1e300, -1e300)),),
        (((0.0, 0.0), (5e-324, 5e-324)),),
        (((1e15, 1.0), (1e15 + 1, 1.0)),),
        (((0.0, 0.0), (1.0, 1.0)), ((0.0, 1.0), (1.0, 0.0))) * 5,
    ],
)
def test_any_points_are_drawn_inside_the_picture(lines: tuple[Points, ...]) -> None:
    picture = chart(plot(*lines), 1)
    drawn = [
        float(number) for pair in re.findall(r'points="([^"]*)"', picture) for number in re.findall(r"[\d.-]+", pair)
    ]
    assert all(math.isfinite(number) and 0 <= number <= 440 + 18 * len(lines) for number in drawn)
    assert "nan" not in picture
    assert picture.count("<polyline") == 2 * len(lines)


def test_a_higher_value_stands_higher() -> None:
    picture = chart(plot(((0.0, 0.0), (1.0, 10.0))), 1)
    first, last = (tuple(map(float, pair.split(","))) for pair in re.findall(r'points="([^"]*)"', picture)[0].split())
    assert last[0] > first[0]
    assert last[1] < first[1]


def test_it_is_told_in_words() -> None:
    picture = chart(plot(((0.0, 0.0), (1.0, 1.0))), 7)
    assert 'role="img"' in picture
    assert 'aria-labelledby="plot-7-title plot-7-text"' in picture
    assert "up over across. Lines: line 0." in picture


@pytest.mark.parametrize(("low", "high", "first", "last"), [(0, 1, 0.0, 1.0), (3, 97, 20.0, 80.0), (-1, 1, -1.0, 1.0)])
def test_ticks_are_round(low: float, high: float, first: float, last: float) -> None:
    found = ticks(low, high)
    assert found[0] == pytest.approx(first)
    assert found[-1] == pytest.approx(last)
    assert 3 <= len(found) <= 7
