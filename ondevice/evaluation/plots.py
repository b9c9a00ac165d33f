"""The pictures of a run, as SVG text: gains with their intervals, gains by profile size, quality against time."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ondevice.evaluation.metrics import LEAD_METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ondevice.evaluation.table import Row, SizeBin

COLORS = ("#1b6ca8", "#e07a1f", "#3a8f5c", "#a8434f", "#6b5ca5", "#7a7a7a")
_STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "svg.hashsalt": "ondevice",
    "svg.fonttype": "none",
}


def gain_plot(rows: Sequence[Row]) -> str:
    """Draw each strategy's relative gain by task, with its interval: one panel a decoding."""
    drawn = [row for row in rows if row.gain is not None and row.metric in LEAD_METRICS and row.history == "own"]
    decodings = list(dict.fromkeys(row.decoding for row in drawn))
    with _figure(n_panels=len(decodings), height=3.4) as (figure, axes):
        for axis, decoding in zip(axes, decodings, strict=True):
            shown = [row for row in drawn if row.decoding == decoding]
            tasks, names = (list(dict.fromkeys(values)) for values in (map(_task, shown), (row.label for row in shown)))
            width = 0.8 / len(names)
            for place, name in enumerate(names):
                for row in (row for row in shown if row.label == name):
                    x = tasks.index(row.task) + (place - (len(names) - 1) / 2) * width
                    ends = [[_share(row.gain, row.gain_low)], [_share(row.gain_high, row.gain)]]
                    color = COLORS[place % len(COLORS)]
                    label = name if row.task == shown[0].task else None
                    axis.bar(x, 100 * (row.gain or 0), width, color=color, label=label, alpha=0.85)
                    axis.errorbar(x, 100 * (row.gain or 0), yerr=ends, color="#333333", linewidth=0.8)
            axis.axhline(0, color="#333333", linewidth=0.8)
            axis.set_xticks(range(len(tasks)), tasks, rotation=20, ha="right")
            axis.set_ylabel("gain over none, %")
            axis.set_title(f"decoding: {decoding}", loc="left")
            axis.legend(ncols=4, fontsize=7, frameon=False)
        return _svg(figure)


def size_plot(bins: Sequence[SizeBin]) -> str:
    """Draw the lead metric's change against no personalization by the number of items in the history."""
    own = [each for each in bins if each.history == "own"]
    tasks = list(dict.fromkeys(each.task for each in own))
    with _figure(n_panels=len(tasks), height=2.0) as (figure, axes):
        for axis, task in zip(axes, tasks, strict=True):
            of_task = [each for each in own if each.task == task]
            lines = list(dict.fromkeys((each.strategy, each.k, each.decoding) for each in of_task))
            for place, (strategy, k, decoding) in enumerate(lines):
                line = [each for each in of_task if (each.strategy, each.k, each.decoding) == (strategy, k, decoding)]
                axis.plot(
                    [f"{each.least} to {each.most}" for each in line],
                    [each.value - each.none for each in line],
                    marker="o",
                    markersize=3,
                    linestyle="-" if decoding == "free" else "--",
                    color=COLORS[place % len(COLORS)],
                    label=f"{strategy} k={k}, {decoding}",
                )
            axis.axhline(0, color="#333333", linewidth=0.8)
            axis.set_title(f"{task}: {of_task[0].metric} minus none's, by items in the history", loc="left")
            axis.legend(ncols=4, fontsize=6, frameon=False)
        return _svg(figure)


def time_plot(rows: Sequence[Row]) -> str:
    """Draw the lead metric against the seconds an answer takes, one panel a task."""
    drawn = [row for row in rows if row.seconds_per_question is not None and row.metric in LEAD_METRICS]
    drawn = [row for row in drawn if row.history == "own"]
    tasks = list(dict.fromkeys(map(_task, drawn)))
    with _figure(n_panels=len(tasks), height=2.2) as (figure, axes):
        for axis, task in zip(axes, tasks, strict=True):
            for row in (row for row in drawn if row.task == task):
                filled = COLORS[0] if row.decoding == "free" else "white"
                axis.scatter(row.seconds_per_question or 0, row.value, s=22, edgecolors=COLORS[0], facecolors=filled)
                axis.annotate(
                    row.label,
                    (row.seconds_per_question or 0, row.value),
                    xytext=(4, 2),
                    textcoords="offset points",
                    fontsize=6,
                )
            metric = next(row.metric for row in drawn if row.task == task)
            lower = " (lower is better)" if metric == "mae" else ""
            axis.set_title(f"{task}: {metric}{lower} against seconds a question; hollow: labels", loc="left")
        return _svg(figure)


@contextmanager
def _figure(*, n_panels: int, height: float) -> Iterator[tuple[Figure, list[Axes]]]:
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("the plots need matplotlib; run: pip install 'ondevice-sdk[evaluate]'") from error
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(8.5, height * max(1, n_panels)), layout="constrained")
        yield figure, [figure.add_subplot(max(1, n_panels), 1, place + 1) for place in range(n_panels)]


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _task(row: Row) -> str:
    return row.task


def _share(more: float | None, less: float | None) -> float:
    return max(0.0, 100 * ((more or 0.0) - (less or 0.0)))
