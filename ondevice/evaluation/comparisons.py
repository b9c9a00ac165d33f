"""Which of two cells is better, over the same users: strategies against each other, a history against its controls.

Every pair is tested, in every task, so some come out small by chance. They are exploratory: they say what to ask next.
What a run is judged by stands in ``statistics.primary``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from ondevice.evaluation.conditions import Condition
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.metrics import metrics_for
from ondevice.evaluation.scores import scores_of, users_of
from ondevice.evaluation.statistics.estimates import mean_of
from ondevice.evaluation.statistics.primary import holm_of_some
from ondevice.evaluation.statistics.sign_flips import sign_flip_p
from ondevice.evaluation.statistics.user_means import user_means
from ondevice.evaluation.table import CellOutcome

Question = Literal["control", "strategy"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """How much better ``first`` is than ``second`` in the task's lead metric; positive is better for every metric.

    Args:
        question: ``control``: does it have to be the user's own history? ``strategy``: which way, at the same k?
        better_by: The mean over users of each one's mean difference.
        low: The lower end of its 95 % interval; ``None`` for one user, or where all users differ alike.
        high: The upper end.
        p: Two-sided, by sign flips over users; ``None`` for one user.
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
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None


def comparisons_of(split: LampSplit, outcomes: Sequence[CellOutcome]) -> list[Comparison]:
    """Compare the cells of one task in pairs that differ in one thing: whose history, or which strategy."""
    metric = metrics_for(split.task)[0]
    users = users_of(split)
    scores = {outcome.condition: scores_of(metric, split, outcome.answers) for outcome in outcomes}
    found = []
    for question, first, second in _pairs(outcomes):
        differences = user_means(scores[first.condition] - scores[second.condition], users)
        mean = mean_of(differences)
        low, high = mean.interval()
        found.append(
            Comparison(
                task=split.name,
                split=split.split,
                metric=metric.name,
                decoding=first.condition.decoding,
                question=question,
                first=first.condition.label,
                second=second.condition.label,
                n_users=len(differences),
                better_by=mean.value,
                low=low,
                high=high,
                p=sign_flip_p(differences),
                p_holm=None,
            )
        )
    adjusted = holm_of_some([each.p for each in found])
    return [replace(each, p_holm=p) for each, p in zip(found, adjusted, strict=True)]


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
