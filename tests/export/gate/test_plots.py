from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from export.gate.plots import Plot, PlotPoint, draw


def plot(n: int = 3, *, x_bound: float | None = None, y_bound: float | None = None) -> Plot:
    points = tuple(
        PlotPoint(name=f"recipe-{i}", x=1 + i, y=0.99 + 0.001 * (i % 4), is_within=i % 2 == 0) for i in range(n)
    )
    return Plot(
        title="T", subtitle="s", x_label="speed", y_label="cosine", points=points, x_bound=x_bound, y_bound=y_bound
    )


def comments(svg: bytes) -> list[str]:
    """Return the words of a drawing: matplotlib keeps each, drawn as outlines, in a comment beside them."""
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    root = ElementTree.fromstring(svg, parser)
    return [str(each.text).strip() for each in root.iter(ElementTree.Comment)]  # type: ignore[arg-type]


def test_every_point_is_named_and_every_bound_drawn() -> None:
    words = comments(draw(plot(12, x_bound=4.0, y_bound=0.9925))["svg"])
    assert {f"recipe-{i}" for i in range(12)} <= set(words)
    assert {"bound 4", "bound 0.9925", "T", "s"} <= set(words)
    assert sum(word.startswith("recipe-") for word in words) == 12  # spots that were tried leave nothing behind


def test_both_formats_are_the_same_every_time_and_hold_no_date() -> None:
    first, second = draw(plot()), draw(plot())
    assert first == second
    assert first["png"].startswith(b"\x89PNG")
    assert b"<dc:date>" not in first["svg"]


@pytest.mark.parametrize("low_is_good", [True, False])
def test_points_that_fall_together_can_be_drawn(low_is_good: bool) -> None:
    same = tuple(PlotPoint(name=f"r{i}", x=2.0, y=0.0, is_within=True) for i in range(4))
    made = draw(
        Plot(title="", subtitle="", x_label="x", y_label="y", points=same, is_low_y_good=low_is_good, y_bound=0.0)
    )
    assert {"r0", "r1", "r2", "r3"} <= set(comments(made["svg"]))
