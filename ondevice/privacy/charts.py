"""A plot as inline SVG: lines over two axes, told apart by dashes and marks as well as by colours."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ondevice.privacy.findings import Plot
from ondevice.privacy.markup import element, shown

_WIDTH, _HEIGHT = 440.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 14.0, 12.0, 46.0
_TICKS = 5
_STYLES = 6
_LEGEND_ROW = 18.0
_LEAST = 1e-200

_Range = tuple[float, float]


def chart(plot: Plot, number: int) -> str:
    """Draw a plot.

    Args:
        plot: What to draw.
        number: Which one of its page it is; ids are made of it.
    """
    points = [point for _, line in plot.lines for point in line]
    across, upwards = _range([x for x, _ in points]), _range([y for _, y in points])
    height = _HEIGHT + _LEGEND_ROW * len(plot.lines)
    said = f"{plot.y_label} over {plot.x_label}. Lines: {', '.join(name for name, _ in plot.lines) or 'none'}."
    parts = [
        element("title", shown(plot.title), id=f"plot-{number}-title"),
        element("desc", shown(said), id=f"plot-{number}-text"),
        *_axes(plot, across, upwards),
        *(
            _line([(_x(x, across), _y(y, upwards)) for x, y in line], n % _STYLES)
            for n, (_, line) in enumerate(plot.lines)
        ),
        *(_legend(name, n) for n, (name, _) in enumerate(plot.lines)),
    ]
    picture = element(
        "svg",
        *(part + "\n" for part in parts),
        viewBox=f"0 0 {_WIDTH:g} {height:g}",
        role="img",
        aria_labelledby=f"plot-{number}-title plot-{number}-text",
    )
    return element("figure", element("figcaption", shown(plot.title)), picture) + "\n"


def ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers from ``low`` to ``high``."""
    rough = (high - low) / _TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def _range(values: Sequence[float]) -> _Range:
    """Return the ends of an axis; they differ, and lie far enough apart to be told apart."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    least = max(abs(low), abs(high)) * 1e-9
    if high - low > max(least, _LEAST):
        return low, high
    return low - (least or 1.0), high + (least or 1.0)


def _x(value: float, across: _Range) -> float:
    return _LEFT + (value - across[0]) / (across[1] - across[0]) * (_WIDTH - _LEFT - _RIGHT)


def _y(value: float, upwards: _Range) -> float:
    return _HEIGHT - _BOTTOM - (value - upwards[0]) / (upwards[1] - upwards[0]) * (_HEIGHT - _TOP - _BOTTOM)


def _axes(plot: Plot, across: _Range, upwards: _Range) -> list[str]:
    floor, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = [_segment(_LEFT, floor, right, floor, "axis"), _segment(_LEFT, _TOP, _LEFT, floor, "axis")]
    for value in ticks(*across):
        x = _x(value, across)
        parts += [_segment(x, floor, x, floor + 4, "axis"), _words(x, floor + 18, _label(value), "middle")]
    for value in ticks(*upwards):
        y = _y(value, upwards)
        parts += [_segment(_LEFT, y, right, y, "grid"), _words(_LEFT - 6, y + 4, _label(value), "end")]
    middle = (_TOP + floor) / 2
    parts.append(_words((_LEFT + right) / 2, floor + 36, plot.x_label, "middle"))
    parts.append(_words(13, middle, plot.y_label, "middle", transform=f"rotate(-90 13 {middle:g})"))
    return parts


def _line(points: Sequence[tuple[float, float]], style: int) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    ends = [_dot(*points[0], style), _dot(*points[-1], style)] if points else []
    return element("polyline", points=path, class_=f"line style-{style}") + "".join(ends)


def _dot(x: float, y: float, style: int) -> str:
    return element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="2.5", class_=f"dot style-{style}")


def _legend(name: str, n: int) -> str:
    y = _HEIGHT + _LEGEND_ROW * n + 6
    swatch = element("polyline", points=f"{_LEFT:g},{y:g} {_LEFT + 34:g},{y:g}", class_=f"line style-{n % _STYLES}")
    return swatch + _words(_LEFT + 42, y + 4, name, "start")


def _segment(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return element("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=kind)


def _words(x: float, y: float, text: str, anchor: str, **more: str) -> str:
    return element("text", shown(text), x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, **more)


def _label(value: float) -> str:
    return f"{value:.4g}" if abs(value) > 1e-12 else "0"
