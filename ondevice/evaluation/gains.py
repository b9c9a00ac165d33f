"""What a strategy is worth over all tasks: its relative gains, averaged, with an interval over the users of each.

The mean of ratios is told because it is the paper's. It weighs a task by how little was known there before, so what a
run has shown is judged by effects in standard deviations instead (``statistics.primary``).

Source: the averaging of Salemi & Zamani 2024, arXiv:2409.09510.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ondevice.evaluation.conditions import DECODINGS, Condition, Decoding
from ondevice.evaluation.histories import History
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.metrics import metrics_for
from ondevice.evaluation.statistics.estimates import Estimate
from ondevice.evaluation.statistics.ratios import mean_gain
from ondevice.evaluation.table import CellOutcome, none_of, sums_of


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskGain:
    """One cell's relative gain in its task's lead metric, over the same decoding without personalization."""

    task: str
    condition: Condition
    has_labels: bool
    gain: Estimate


class _Cell(NamedTuple):
    strategy: str
    k: int
    decoding: Decoding
    history: History


@dataclass(frozen=True, kw_only=True, slots=True)
class MeanGain:
    """One cell's gain averaged over tasks; 0.1 is 10 %.

    Args:
        n_tasks: Over how many tasks. One whose run without personalization scores 0 has no relative gain and is left
            out of that decoding; shuffled labels exist in some tasks only.
        low: The lower end of the 95 % interval; ``None`` where a task's gain has none, such as one of a single user.
        high: The upper end.
    """

    strategy: str
    k: int
    decoding: Decoding
    history: History
    n_tasks: int
    gain: float
    low: float | None
    high: float | None


def task_gains(split: LampSplit, outcomes: Sequence[CellOutcome]) -> list[TaskGain]:
    """Return the gain of every cell of one task; none where the run without personalization scores 0."""
    metric = metrics_for(split.task)[0]
    has_labels = len({outcome.condition.decoding for outcome in outcomes}) > 1
    found = []
    for decoding in dict.fromkeys(outcome.condition.decoding for outcome in outcomes):
        cells = [outcome for outcome in outcomes if outcome.condition.decoding == decoding]
        none = none_of(cells)
        reference = sums_of(metric, split, none.answers)
        for cell in (cell for cell in cells if cell is not none):
            gain = sums_of(metric, split, cell.answers).gain_over(reference)
            if gain is not None:
                found.append(TaskGain(task=split.name, condition=cell.condition, has_labels=has_labels, gain=gain))
    return found


def mean_gains(gains: Sequence[TaskGain]) -> list[MeanGain]:
    """Average each cell over the tasks; a cell that lacks a task which others of its kind have is left out.

    A task without labels has only free decoding; it counts for both decodings, so that both are means over all tasks.
    """
    by_cell: dict[_Cell, dict[str, TaskGain]] = {}
    for gain in gains:
        for cell in _cells_of(gain):
            by_cell.setdefault(cell, {})[gain.task] = gain
    found = []
    for cell, by_task in by_cell.items():
        alike = [tasks for other, tasks in by_cell.items() if other[2:] == cell[2:]]
        if set(by_task) != set().union(*alike):
            continue
        mean = mean_gain([each.gain for each in by_task.values()])
        low, high = mean.interval()
        found.append(
            MeanGain(
                strategy=cell.strategy,
                k=cell.k,
                decoding=cell.decoding,
                history=cell.history,
                n_tasks=len(by_task),
                gain=mean.value,
                low=low,
                high=high,
            )
        )
    return found


def _cells_of(gain: TaskGain) -> Iterator[_Cell]:
    condition = gain.condition
    for decoding in [condition.decoding] if gain.has_labels else DECODINGS:
        yield _Cell(condition.strategy, condition.k, decoding, condition.history)
