"""From a run's answers to the scores that are compared: more is better, whatever the measure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ondevice.evaluation.conditions import Decoding
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.metrics import HIGHEST, LOWEST, Metric, metrics_for
from ondevice.evaluation.statistics.user_means import Cell, TaskScores

if TYPE_CHECKING:
    from ondevice.evaluation.table import CellOutcome

LIKELIHOOD = "nats"
"""How likely the model finds the user's own answer, in nats; of labels, the share of the right one."""


def lead_scores(split: LampSplit, outcomes: Sequence[CellOutcome]) -> TaskScores:
    """Return the scores of one task in its lead metric, which is a mean over questions in every task."""
    lead = metrics_for(split.task)[0]
    return TaskScores(
        task=split.name,
        measure=lead.name,
        span=span_of(lead),
        users=users_of(split),
        cells={_cell(each): scores_of(lead, split, each.answers) for each in _compared(outcomes)},
    )


def likelihood_scores(split: LampSplit, outcomes: Sequence[CellOutcome]) -> TaskScores | None:
    """Return the scores of one task in the likelihood of the users' own answers, or nothing where it was not taken."""
    cells = {_cell(each): -np.asarray(each.likelihoods) for each in _compared(outcomes) if each.likelihoods}
    return TaskScores(task=split.name, measure=LIKELIHOOD, users=users_of(split), cells=cells) if cells else None


def span_of(metric: Metric) -> float:
    """Return how far apart a metric's best and worst values are; one of them is 0."""
    return HIGHEST - LOWEST if metric.name in ("mae", "rmse") else 1.0


def scores_of(metric: Metric, split: LampSplit, answers: Sequence[str]) -> NDArray[np.float64]:
    """Return each question's score in a metric that is a mean over questions; more is better.

    Shapes: n answers → float64[n].
    """
    sign = 1.0 if metric.higher_is_better else -1.0
    return sign * metric.contributions(answers, split.golds)[:, 0]


def users_of(split: LampSplit) -> list[str]:
    """Return who asked each question."""
    return [question.user for question in split.questions]


def _compared(outcomes: Sequence[CellOutcome]) -> Iterable[CellOutcome]:
    """Yield the cells that the run's comparisons are about, one a strategy and history.

    As fixed as the comparisons are: the largest number of items measured, and the choice among labels where the task
    has them and the run made it.
    """
    decodings = {outcome.condition.decoding for outcome in outcomes}
    decoding: Decoding = "labels" if "labels" in decodings else "free"
    inside = [outcome for outcome in outcomes if outcome.condition.decoding == decoding]
    largest = max((outcome.condition.k for outcome in inside), default=0)
    return [outcome for outcome in inside if outcome.condition.k in (0, largest)]


def _cell(outcome: CellOutcome) -> Cell:
    return Cell(outcome.condition.strategy, outcome.condition.history)
