"""The picture of what a run has shown: every comparison's effect over all tasks, and in each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ondevice.evaluation.interval_words import p_words
from ondevice.evaluation.panels import COLORS, GREY, figure, svg
from ondevice.evaluation.statistics.findings import Findings
from ondevice.evaluation.statistics.primary import PooledComparison, TaskComparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE_INCHES = 0.19
_OVER_ALL, _IN_TASK = COLORS[1], GREY


def effect_plot(findings: Findings) -> str:
    """Draw the primary comparisons in the measure that counts; empty where the run has none with an effect.

    Effects are in standard deviations of the users' differences, so that tasks of different units share an axis. Right
    of the line the first way is better. Bars are 95 % intervals over users.
    """
    pooled = [each for each in findings.pooled if each.standing == "primary" and each.effect is not None]
    if not pooled:
        return ""
    lines = [(each, _tasks_of(findings, each)) for each in pooled]
    n_lines = sum(2 + len(tasks) for _, tasks in lines)
    with figure(rows=1, columns=1, height=0.6 + _LINE_INCHES * n_lines) as (drawing, axes):
        _draw(axes[0], lines)
        return svg(drawing)


def _tasks_of(findings: Findings, pooled: PooledComparison) -> list[TaskComparison]:
    return [
        each
        for each in findings.by_task
        if each.comparison == pooled.comparison and each.measure in pooled.measure.split(" and ") and each.spread
    ]


def _draw(axis: Axes, lines: Sequence[tuple[PooledComparison, Sequence[TaskComparison]]]) -> None:
    axis.axvline(0, color=GREY, linewidth=0.8)
    names: list[str] = []
    for pooled, tasks in lines:
        place = len(names)
        names.append(f"{pooled.comparison} ({pooled.n_users} users)")
        _bar(axis, place, (pooled.effect or 0.0, pooled.low, pooled.high), color=_OVER_ALL, is_over_all=True)
        text = f"{pooled.effect:+.2f}, p {p_words(pooled.p_holm)}"
        axis.text(1.01, place, text, transform=axis.get_yaxis_transform(), fontsize=7, va="center")
        for task in tasks:
            spread = task.spread or 1.0
            low, high = (None if end is None else end / spread for end in (task.low, task.high))
            _bar(axis, len(names), (task.better_by / spread, low, high), color=_IN_TASK, is_over_all=False)
            names.append(task.task)
        names.append("")
    axis.set_yticks(range(len(names)), names, fontsize=7)
    axis.invert_yaxis()
    axis.set_xlabel(
        "effect in standard deviations of the users' differences; right: the first way is better", fontsize=7
    )


def _bar(
    axis: Axes, place: int, values: tuple[float, float | None, float | None], *, color: str, is_over_all: bool
) -> None:
    middle, low, high = values
    error = None if low is None or high is None else [[max(0.0, middle - low)], [max(0.0, high - middle)]]
    axis.errorbar(
        middle,
        place,
        xerr=error,
        color=color,
        marker="D" if is_over_all else "o",
        markersize=5 if is_over_all else 3,
        linewidth=1.8 if is_over_all else 0.9,
    )
