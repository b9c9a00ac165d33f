"""Scatter plots as bytes: the same points give the same SVG, to the byte."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg

_INK = "#1f2933"
_SOFT = "#7b8794"
_GRID = "#e4e7eb"
_WITHIN = "#0f7b6c"
_OUTSIDE = "#c2410c"
_SIZE_INCHES = (8.4, 5.2)
_DPI = 160
# Where a label may stand beside its point: offsets in points, horizontal and vertical alignment.
_SPOTS = (
    (8, 0, "left", "center"),
    (-8, 0, "right", "center"),
    (0, 9, "center", "bottom"),
    (0, -9, "center", "top"),
    (8, 9, "left", "bottom"),
    (8, -9, "left", "top"),
    (-8, 9, "right", "bottom"),
    (-8, -9, "right", "top"),
    (14, 18, "left", "bottom"),
    (14, -18, "left", "top"),
    (-14, 18, "right", "bottom"),
    (-14, -18, "right", "top"),
    (22, 30, "left", "bottom"),
    (22, -30, "left", "top"),
    (-22, 30, "right", "bottom"),
    (-22, -30, "right", "top"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
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
    points: tuple[Point, ...]
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
        raise ImportError("plots need matplotlib; run: pip install 'ondevice-sdk[export]'") from error
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
        _labels(axes, canvas, plot.points)
        out = {}
        for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None, "Creator": None})):
            file = io.BytesIO()
            figure.savefig(file, format=kind, metadata=metadata)
            out[kind] = file.getvalue()
    return out


def _frame(axes: Axes, plot: Plot) -> None:
    axes.set_title(plot.subtitle, loc="left", fontsize=9, color=_SOFT, pad=8)
    axes.figure.suptitle(plot.title, x=0.012, ha="left", fontsize=14, fontweight="bold", color=_INK)
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
        axes.annotate(
            f"bound {plot.y_bound:g}",
            (1, plot.y_bound),
            xycoords=("axes fraction", "data"),
            xytext=(-4, 4),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=8.5,
            color=_OUTSIDE,
        )
    if plot.x_bound is not None:
        axes.axvline(plot.x_bound, **style)
        axes.annotate(
            f"bound {plot.x_bound:g}",
            (plot.x_bound, 0),
            xycoords=("data", "axes fraction"),
            xytext=(4, 6),
            textcoords="offset points",
            fontsize=8.5,
            color=_OUTSIDE,
        )


def _points(axes: Axes, points: Sequence[Point]) -> None:
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
    axes.legend(loc="upper right", bbox_to_anchor=(1, 1.09), ncols=2, frameon=False, fontsize=9, handletextpad=0.2)


def _labels(axes: Axes, canvas: FigureCanvasAgg, points: Sequence[Point]) -> None:
    """Write each name at the first spot beside its point that covers neither a point nor another name."""
    renderer = canvas.get_renderer()
    places = [tuple(axes.transData.transform((point.x, point.y))) for point in points]
    taken: list[Any] = [text.get_window_extent(renderer) for text in axes.texts]
    frame = axes.get_window_extent(renderer)
    for point, place in zip(points, places, strict=True):
        best, least, found = None, None, None
        for dx, dy, across, up in _SPOTS:
            text = axes.annotate(
                point.name,
                (point.x, point.y),
                xytext=(dx, dy),
                textcoords="offset points",
                ha=across,
                va=up,
                fontsize=9,
                color=_INK if point.is_within else _SOFT,
                arrowprops={"arrowstyle": "-", "color": _SOFT, "linewidth": 0.6, "shrinkB": 4} if abs(dy) > 9 else None,
                zorder=4,
            )
            extent = _text_extent(text, renderer)
            cost = sum(extent.overlaps(other) for other in taken)
            cost += sum(extent.padded(3).contains(*other) for other in places if other != place)
            cost += 0 if frame.x0 <= extent.x0 and extent.x1 <= frame.x1 + 40 else 2
            cost += 0 if frame.y0 <= extent.y0 and extent.y1 <= frame.y1 else 2
            if least is None or cost < least:
                if best is not None:
                    best.remove()
                best, least, found = text, cost, extent
            else:
                text.remove()
            if least == 0:
                break
        taken.append(found)


def _text_extent(text: Any, renderer: Any) -> Any:  # noqa: ANN401 (matplotlib ships no types)
    """Return where the words stand, without the line to the point."""
    from matplotlib.text import Text

    text.update_positions(renderer)
    return Text.get_window_extent(text, renderer)
