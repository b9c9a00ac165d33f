"""What a strategy is worth over all tasks: its relative gains, averaged, with an interval over the users of each.

Source: the averaging of Salemi & Zamani 2024, arXiv:2409.09510.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ondevice.evaluation.conditions import DECODINGS, Condition, Decoding
from ondevice.evaluation.histories import History
from ondevice.evaluation.intervals import SEED, draw, ends
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.metrics import metrics_for
from ondevice.evaluation.table import CellOutcome, none_of, sums_of


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskGain:
    """One cell's relative gain in its task's lead metric, over the same decoding without personalization.

    Shapes: resamples float64[n_resamples]: the gain of each resampling of the task's users.
    """

    task: str
    condition: Condition
    has_labels: bool
    gain: float
    resamples: NDArray[np.float64] = field(repr=False)


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
    """

    strategy: str
    k: int
    decoding: Decoding
    history: History
    n_tasks: int
    gain: float
    low: float
    high: float


def task_gains(split: LampSplit, outcomes: Sequence[CellOutcome]) -> list[TaskGain]:
    """Return the gain of every cell of one task; none where the run without personalization scores 0."""
    metric = metrics_for(split.task)[0]
    sign = 1 if metric.higher_is_better else -1
    # Each task draws its users by a seed of its own: their chances are independent.
    seed = SEED + crc32(split.name.encode())
    found = []
    for decoding in dict.fromkeys(outcome.condition.decoding for outcome in outcomes):
        cells = [outcome for outcome in outcomes if outcome.condition.decoding == decoding]
        none = none_of(cells)
        reference = sums_of(metric, split, none.answers)
        if reference.value == 0:
            continue
        weights = draw(len(reference.users), seed=seed)
        for cell in (cell for cell in cells if cell is not none):
            sums = sums_of(metric, split, cell.answers)
            gaps = sums.resampled(weights) - reference.resampled(weights)
            found.append(
                TaskGain(
                    task=split.name,
                    condition=cell.condition,
                    has_labels=len({outcome.condition.decoding for outcome in outcomes}) > 1,
                    gain=sign * (sums.value - reference.value) / reference.value + 0.0,
                    resamples=sign * gaps / reference.value,
                )
            )
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
        low, high = ends(np.mean([each.resamples for each in by_task.values()], axis=0))
        value = float(np.mean([each.gain for each in by_task.values()]))
        found.append(
            MeanGain(
                strategy=cell.strategy,
                k=cell.k,
                decoding=cell.decoding,
                history=cell.history,
                n_tasks=len(by_task),
                gain=value,
                low=low,
                high=high,
            )
        )
    return found


def _cells_of(gain: TaskGain) -> Iterator[_Cell]:
    condition = gain.condition
    for decoding in [condition.decoding] if gain.has_labels else DECODINGS:
        yield _Cell(condition.strategy, condition.k, decoding, condition.history)
