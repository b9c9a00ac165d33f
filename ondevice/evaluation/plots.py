"""The pictures of a run, as SVG text: values with their intervals, change by profile size, quality against time.

Each has a panel for every task and decoding. A strategy keeps its colour and a k its mark through all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import TYPE_CHECKING, TypeVar

from ondevice.evaluation.conditions import NO_PERSONALIZATION, STRATEGIES
from ondevice.evaluation.metrics import LEAD_METRICS
from ondevice.evaluation.panels import COLORS, GREY, MARKS, figure, legend, svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ondevice.evaluation.table import Row, SizeBin

Cell = TypeVar("Cell", "Row", "SizeBin")
Panel = tuple[str, str]
"""A task and a decoding."""
COLUMNS = 2
CONTROL_MARKS = {"other": "x", "shuffled": "+"}


def value_plot(rows: Sequence[Row]) -> str:
    """Draw the lead metric of every cell with its interval, beside none's, and its relative gain in percent.

    Grey crosses are the controls: another user's history (x), the user's own with shuffled labels (+). A dotted line
    is each user's most frequent label.
    """
    drawn = _drawn(rows)
    majority = {row.task: row.value for row in rows if row.strategy == "user-majority" and row.metric in LEAD_METRICS}

    def panel(axis: Axes, inside: Sequence[Row], colors: dict[str, str]) -> None:
        _value_panel(axis, inside, colors)
        if inside[0].task in majority:
            axis.axvline(majority[inside[0].task], color=GREY, linewidth=1, linestyle=":")

    n_rows = max((len([row for row in drawn if _panel(row) == each]) for each in _panels(drawn)), default=1)
    return _draw(drawn, panel, height=0.9 + 0.13 * n_rows, has_legend=False)


def size_plot(bins: Sequence[SizeBin]) -> str:
    """Draw the lead metric's change against no personalization by the number of items in the history.

    Each strategy that retrieves with its largest k, which has the most of the history in the prompt.
    """
    own = [each for each in bins if each.history == "own"]
    largest = max((each.k for each in own), default=0)
    return _draw([each for each in own if each.k in (0, largest)], _size_panel, height=2.0)


def time_plot(rows: Sequence[Row]) -> str:
    """Draw the lead metric against the seconds that an answer takes."""
    own = [row for row in _drawn(rows) if row.history == "own"]
    return _draw(own, _time_panel, height=2.0)


def _value_panel(axis: Axes, rows: Sequence[Row], colors: dict[str, str]) -> None:
    none = next(row for row in rows if row.strategy == NO_PERSONALIZATION)
    axis.axvline(none.value, color=GREY, linewidth=0.8)
    if none.low is not None and none.high is not None:
        axis.axvspan(none.low, none.high, color=GREY, alpha=0.12, linewidth=0)
    own = [row for row in rows if row.history == "own"]
    for place, row in enumerate(own):
        axis.errorbar(
            row.value,
            place,
            xerr=_error_of(row),
            color=colors[row.strategy],
            marker="o",
            markersize=4,
            linewidth=1,
        )
        if row.gain is not None:
            axis.text(1.01, place, f"{row.gain:+.0%}", transform=axis.get_yaxis_transform(), fontsize=7, va="center")
    places = {(row.strategy, row.k): place for place, row in enumerate(own)}
    for row in (row for row in rows if row.history != "own"):
        mark = CONTROL_MARKS[row.history]
        axis.plot(row.value, places[row.strategy, row.k], marker=mark, markersize=5, color=GREY, linestyle="none")
    axis.set_yticks(range(len(own)), [row.label for row in own], fontsize=7)
    axis.invert_yaxis()


def _error_of(row: Row) -> list[list[float]] | None:
    """Return how far the bar reaches to the left and to the right, or nothing where there is no interval."""
    if row.low is None or row.high is None:
        return None
    return [[max(0.0, row.value - row.low)], [max(0.0, row.high - row.value)]]


def _size_panel(axis: Axes, bins: Sequence[SizeBin], colors: dict[str, str]) -> None:
    axis.axhline(0, color=GREY, linewidth=0.8)
    axis.set_ylabel(f"change at k={max(each.k for each in bins)}", fontsize=7)
    for strategy in dict.fromkeys(each.strategy for each in bins):
        line = [each for each in bins if each.strategy == strategy]
        names = [f"{each.least} to {each.most}" for each in line]
        changes = [each.value - each.none for each in line]
        axis.plot(names, changes, marker="o", markersize=3, color=colors[strategy])


def _time_panel(axis: Axes, rows: Sequence[Row], colors: dict[str, str]) -> None:
    for strategy in dict.fromkeys(row.strategy for row in rows):
        line = sorted((row for row in rows if row.strategy == strategy), key=lambda row: row.k)
        seconds = [row.seconds_per_question or 0.0 for row in line]
        axis.plot(seconds, [row.value for row in line], color=colors[strategy], linewidth=0.8)
        for row, x in zip(line, seconds, strict=True):
            mark = _mark_of(row.k, rows)
            axis.plot(x, row.value, marker=mark, markersize=4, color=colors[strategy], linestyle="none")
    axis.set_xlabel("seconds a question", fontsize=7)


def _draw(
    cells: Sequence[Cell],
    draw: Callable[[Axes, Sequence[Cell], dict[str, str]], None],
    *,
    height: float,
    has_legend: bool = True,
) -> str:
    panels = _panels(cells)
    drawn: set[str] = {cell.strategy for cell in cells}
    known = [*STRATEGIES, *sorted(drawn - STRATEGIES.keys())]
    places = {name: place for place, name in enumerate(known) if name in drawn}
    colors = {name: COLORS[place % len(COLORS)] for name, place in places.items()}
    n_columns = min(COLUMNS, max(1, len(panels)))
    with figure(rows=ceil(len(panels) / n_columns), columns=n_columns, height=height) as (drawing, axes):
        for axis, panel in zip(axes, panels, strict=False):
            inside = [cell for cell in cells if _panel(cell) == panel]
            draw(axis, inside, colors)
            arrow = "lower is better" if inside[0].metric == "mae" else "higher is better"
            axis.set_title(f"{panel[0]}, {panel[1]}: {inside[0].metric} ({arrow})", loc="left", fontsize=8)
        for axis in axes[len(panels) :]:
            axis.set_axis_off()
        if has_legend:
            marks = {f"k={k}": _mark_of(k, cells) for k in sorted({cell.k for cell in cells if cell.k})}
            legend(drawing, colors, marks if len(marks) > 1 else {})
        return svg(drawing)


def _mark_of(k: int, cells: Sequence[Cell]) -> str:
    return MARKS[sorted({0, *(cell.k for cell in cells)}).index(k) % len(MARKS)]


def _drawn(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.seconds_per_question is not None and row.metric in LEAD_METRICS]


def _panels(cells: Sequence[Cell]) -> list[Panel]:
    return list(dict.fromkeys(_panel(cell) for cell in cells))


def _panel(cell: Row | SizeBin) -> Panel:
    return cell.task, cell.decoding
