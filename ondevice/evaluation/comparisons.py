"""Which of two cells is better, over the same users: strategies against each other, a history against its controls.

Every pair is tested, so p-values are also given as Holm adjusts them for the number of pairs of the task.

Source: Holm 1979, a simple sequentially rejective multiple test procedure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from ondevice.evaluation.conditions import Condition
from ondevice.evaluation.intervals import difference
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.metrics import metrics_for
from ondevice.evaluation.table import CellOutcome, sums_of

Question = Literal["control", "strategy"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """How much better ``first`` is than ``second`` in the task's lead metric; positive is better for every metric.

    Args:
        question: ``control``: does it have to be the user's own history? ``strategy``: which way, at the same k?
        p: Two-sided, resampling users in pairs.
        p_holm: The same, adjusted for all comparisons of the task.
    """

    task: str
    split: str
    metric: str
    decoding: str
    question: Question
    first: str
    second: str
    n_users: int
    better_by: float
    low: float
    high: float
    p: float
    p_holm: float


def comparisons_of(split: LampSplit, outcomes: Sequence[CellOutcome]) -> list[Comparison]:
    """Compare the cells of one task in pairs that differ in one thing: whose history, or which strategy."""
    metric = metrics_for(split.task)[0]
    sign = 1 if metric.higher_is_better else -1
    sums = {outcome.condition: sums_of(metric, split, outcome.answers) for outcome in outcomes}
    found = []
    for question, first, second in _pairs(outcomes):
        gap = difference(sums[second.condition], sums[first.condition])
        low, high = sorted((sign * gap.low + 0.0, sign * gap.high + 0.0))  # + 0.0: an error that is the same is no -0.0
        found.append(
            Comparison(
                task=split.name,
                split=split.split,
                metric=metric.name,
                decoding=first.condition.decoding,
                question=question,
                first=first.condition.label,
                second=second.condition.label,
                n_users=len(sums[first.condition].users),
                better_by=sign * gap.value + 0.0,
                low=low,
                high=high,
                p=gap.p,
                p_holm=1.0,
            )
        )
    adjusted = holm([each.p for each in found])
    return [replace(each, p_holm=p) for each, p in zip(found, adjusted, strict=True)]


def holm(ps: Sequence[float]) -> list[float]:
    """Return the p-values adjusted for their number, in the same order."""
    order = sorted(range(len(ps)), key=ps.__getitem__)
    adjusted, highest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = highest
    return adjusted


def _pairs(outcomes: Sequence[CellOutcome]) -> Iterator[tuple[Question, CellOutcome, CellOutcome]]:
    cells = [outcome for outcome in outcomes if outcome.condition.is_personal]
    own = [cell for cell in cells if cell.condition.history == "own"]
    for control in (cell for cell in cells if cell.condition.history != "own"):
        for cell in own:
            if replace(control.condition, history="own") == cell.condition:
                yield "control", cell, control
    for first, second in combinations(own, 2):
        if first.condition.decoding == second.condition.decoding and _are_level(first.condition, second.condition):
            yield "strategy", first, second


def _are_level(first: Condition, second: Condition) -> bool:
    """Say whether two strategies are comparable: with as many items, or one of them without any."""
    return first.strategy != second.strategy and (first.k == second.k or not first.k or not second.k)
