"""Scatter plots as bytes: the same points give the same SVG, to the byte."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import cos, radians, sin
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Annotation

_INK = "#1f2933"
_SOFT = "#7b8794"
_GRID = "#e4e7eb"
_WITHIN = "#0f7b6c"
_OUTSIDE = "#c2410c"
_SIZE_INCHES = (8.4, 5.2)
_DPI = 160
# A label may stand at these distances from its point, in typographic points, at these angles; the nearest free spot is
# taken, and from _LEADER on a thin line leads to it.
_DISTANCES = (9, 16, 26, 38, 52)
_ANGLES = (0, 180, 90, 270, 30, -30, 150, 210, 60, -60, 120, 240)
_LEADER = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class PlotPoint:
    """One thing tried: its name, where it stands, and whether it is within all bounds."""

    name: str
    x: float
    y: float
    is_within: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """What a plot shows.

    Args:
        title: What was tried.
        subtitle: One line below it.
        x_label: What the horizontal axis measures.
        y_label: What the vertical axis measures: quality.
        points: Two or more.
        x_bound: Where a vertical line stands, if anywhere.
        y_bound: Where a horizontal line stands, if anywhere.
        is_low_y_good: Whether the vertical axis measures a loss; it is then drawn downwards, so that up is good.
        is_low_x_good: Whether the horizontal axis measures a cost.
    """

    title: str
    subtitle: str
    x_label: str
    y_label: str
    points: tuple[PlotPoint, ...]
    x_bound: float | None = None
    y_bound: float | None = None
    is_low_y_good: bool = False
    is_low_x_good: bool = False


def draw(plot: Plot) -> dict[str, bytes]:
    """Return the plot by format: ``png`` and ``svg``.

    Raises:
        ImportError: If matplotlib is missing.
    """
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plots need matplotlib; run: pip install 'ondevice-export[train]'") from error
    # The salt makes the ids in the SVG the same each time; the metadata would hold the date.
    settings = {"svg.hashsalt": "ondevice", "font.family": "DejaVu Sans", "font.size": 10, "svg.fonttype": "path"}
    with mpl.rc_context(settings):
        figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI, facecolor="white", layout="constrained")
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        _frame(axes, plot)
        _bounds(axes, plot)
        _points(axes, plot.points)
        figure.draw_without_rendering()  # places everything, so that labels know where there is room
        _labels(axes, canvas, plot)
        out = {}
        for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None, "Creator": None})):
            file = io.BytesIO()
            figure.savefig(file, format=kind, metadata=metadata)
            out[kind] = file.getvalue()
    return out


def _frame(axes: Axes, plot: Plot) -> None:
    axes.set_title(plot.title, loc="left", fontsize=14, fontweight="bold", color=_INK, pad=30)
    _note(axes, plot.subtitle, (0, 1), ("axes fraction", "axes fraction"), (0, 10), color=_SOFT)
    better = "← better" if plot.is_low_x_good else "better →"
    axes.set_xlabel(f"{plot.x_label}   ({better})", color=_INK, labelpad=8)
    axes.set_ylabel(f"{plot.y_label}   (better →)", color=_INK, labelpad=8)
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(_SOFT)
    axes.tick_params(colors=_SOFT, labelcolor=_INK, length=3)
    axes.set_xlim(*_range([point.x for point in plot.points], plot.x_bound))
    low, high = _range([point.y for point in plot.points], plot.y_bound)
    axes.set_ylim(*((high, low) if plot.is_low_y_good else (low, high)))


def _range(values: Sequence[float], bound: float | None) -> tuple[float, float]:
    among = [*values, *([] if bound is None else [bound])]
    low, high = min(among), max(among)
    margin = (high - low) * 0.12 or abs(high) * 0.05 or 1.0
    return low - margin, high + margin


def _bounds(axes: Axes, plot: Plot) -> None:
    style: dict[str, Any] = {"color": _OUTSIDE, "linewidth": 1.1, "linestyle": (0, (5, 4)), "zorder": 1.5}
    if plot.y_bound is not None:
        axes.axhline(plot.y_bound, **style)
        at = ("axes fraction", "data")
        _note(axes, f"bound {plot.y_bound:g}", (0, plot.y_bound), at, (5, 3), color=_OUTSIDE)
    if plot.x_bound is not None:
        axes.axvline(plot.x_bound, **style)
        at = ("data", "axes fraction")
        _note(axes, f"bound {plot.x_bound:g}", (plot.x_bound, 0), at, (5, 5), color=_OUTSIDE)


def _note(
    axes: Axes,
    words: str,
    place: tuple[float, float],
    system: tuple[str, str],
    offset: tuple[float, float],
    *,
    color: str,
) -> None:
    axes.annotate(words, place, xycoords=system, xytext=offset, textcoords="offset points", fontsize=9, color=color)


def _points(axes: Axes, points: Sequence[PlotPoint]) -> None:
    for is_within, color, label in ((True, _WITHIN, "within the bounds"), (False, _OUTSIDE, "outside the bounds")):
        chosen = [point for point in points if point.is_within is is_within]
        if chosen:
            axes.scatter(
                [point.x for point in chosen],
                [point.y for point in chosen],
                s=52,
                c=color if is_within else "white",
                edgecolors="white" if is_within else color,
                linewidths=0.9 if is_within else 1.5,
                label=label,
                zorder=3,
            )
    axes.legend(loc="lower right", bbox_to_anchor=(1.01, 1.0), ncols=2, frameon=False, fontsize=9, handletextpad=0.2)


def _labels(axes: Axes, canvas: FigureCanvasAgg, plot: Plot) -> None:
    """Write each name at the nearest spot beside its point that covers neither a point, a bound nor another name."""
    renderer = canvas.get_renderer()
    taken: list[Any] = [text.get_window_extent(renderer) for text in axes.texts]
    marks = [tuple(axes.transData.transform((point.x, point.y))) for point in plot.points]
    frame = axes.get_window_extent(renderer)
    for point, mark in zip(plot.points, marks, strict=True):
        tried: list[tuple[float, int, Annotation, Any]] = []
        for distance, angle in product(_DISTANCES, _ANGLES):
            text = _label(axes, point, distance, radians(angle))
            extent = _text_extent(text, renderer)
            cost = float(sum(extent.overlaps(other) for other in taken))
            cost += sum(extent.padded(8).contains(*other) for other in marks if other != mark)
            cost += 4 * (extent.x0 < frame.x0 or extent.x1 > frame.x1 or extent.y0 < frame.y0 or extent.y1 > frame.y1)
            cost += 0.5 * _crosses_bound(axes, plot, extent)
            tried.append((cost, len(tried), text, extent))
            if cost == 0:
                break
        _, _, kept, extent = min(tried, key=lambda each: each[:2])
        for _, _, text, _ in tried:
            if text is not kept:
                text.remove()
        taken.append(extent.padded(1))


def _label(axes: Axes, point: PlotPoint, distance: float, angle: float) -> Annotation:
    across, up = cos(angle), sin(angle)
    return axes.annotate(
        point.name,
        (point.x, point.y),
        xytext=(distance * across, distance * up),
        textcoords="offset points",
        ha="center" if abs(across) < 0.2 else "left" if across > 0 else "right",
        va="center" if abs(up) < 0.2 else "bottom" if up > 0 else "top",
        fontsize=9,
        color=_INK if point.is_within else _SOFT,
        arrowprops={"arrowstyle": "-", "color": _SOFT, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 4}
        if distance > _LEADER
        else None,
        zorder=4,
    )


def _crosses_bound(axes: Axes, plot: Plot, extent: Any) -> bool:  # noqa: ANN401 (matplotlib ships no types)
    origin = (plot.points[0].x, plot.points[0].y)
    x, y = axes.transData.transform((origin[0] if plot.x_bound is None else plot.x_bound, plot.y_bound or origin[1]))
    over_x = plot.x_bound is not None and extent.x0 <= x <= extent.x1
    return bool(over_x or (plot.y_bound is not None and extent.y0 <= y <= extent.y1))


def _text_extent(text: Any, renderer: Any) -> Any:  # noqa: ANN401 (matplotlib ships no types)
    """Return where the words stand, without the line to the point."""
    from matplotlib.text import Text

    text.update_positions(renderer)
    return Text.get_window_extent(text, renderer)
