"""How likely the model finds the user's own answer, beside what its written answer scores.

Every question tells something here, where a score of answers is often the same for two ways of answering. For free
text it is the mean of -ln p over the answer's tokens and the end of the turn, in nats; where a task has labels, -ln of
the right one's share among them, their priors taken off. Lower is better.

Whether the two agree is no matter of course, so their rank correlation stands beside them.
Source: Spearman 1904, with mean ranks for ties.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ondevice.errors import InputError
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.metrics import metrics_for
from ondevice.evaluation.table import CellOutcome, none_of
from ondevice.generation.label_prior import log_shares


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """How far likelihood and the lead metric rank alike, in one task and decoding; 1 is wholly, -1 the other way round.

    Args:
        n: Questions times cells with the user's own history.
        rho: Rank correlation of both values, better with better; ``None`` where one of them never varies.
        n_gains: The same without the run without personalization.
        rho_of_gains: Rank correlation of what each question gains over that run.
    """

    task: str
    decoding: str
    metric: str
    n: int
    rho: float | None
    n_gains: int
    rho_of_gains: float | None


def surprise_at(gold: str, scores: Mapping[str, float]) -> float:
    """Return -ln of a label's share among all (nats).

    Raises:
        InputError: If it is none of them.
    """
    if gold not in scores:
        raise InputError("the answer of a question is none of its task's labels")
    return -log_shares(scores)[gold] + 0.0


def agreements_of(split: LampSplit, outcomes: Sequence[CellOutcome]) -> list[Agreement]:
    """Return how far the cells' likelihoods agree with the task's lead metric; empty where there are none."""
    metric = metrics_for(split.task)[0]
    sign = 1 if metric.higher_is_better else -1
    found = []
    for decoding in dict.fromkeys(outcome.condition.decoding for outcome in outcomes):
        alike = [outcome for outcome in outcomes if outcome.condition.decoding == decoding]
        own = [outcome for outcome in alike if outcome.condition.history == "own"]
        if not all(outcome.likelihoods for outcome in own):
            continue
        none = none_of(own)
        personal = [outcome for outcome in own if outcome is not none]

        def scores(cells: Sequence[CellOutcome]) -> NDArray[np.float64]:
            return np.array([sign * metric.contributions(cell.answers, split.golds)[:, 0] for cell in cells])

        def likelihoods(cells: Sequence[CellOutcome]) -> NDArray[np.float64]:
            return -np.array([cell.likelihoods for cell in cells])

        gains = [of(personal) - of([none]) for of in (scores, likelihoods)] if personal else [np.empty(0)] * 2
        found.append(
            Agreement(
                task=split.name,
                decoding=decoding,
                metric=metric.name,
                n=scores(own).size,
                rho=rank_correlation(scores(own).ravel(), likelihoods(own).ravel()),
                n_gains=gains[0].size,
                rho_of_gains=rank_correlation(gains[0].ravel(), gains[1].ravel()),
            )
        )
    return found


def rank_correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float | None:
    """Return Spearman's rho of two float64[n]; ``None`` where one of them never varies."""
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])


def agreement_lines(agreements: Sequence[Agreement]) -> list[str]:
    """Return the rank correlations as Markdown."""
    if not agreements:
        return []
    lines = [
        "## Do likelihood and score agree?",
        "",
        "Spearman's rank correlation over questions and cells with the own history, of the values and of what each "
        "question gains over none; better with better, 1 is wholly.",
        "",
        "| task | decoding | metric | values | n | gains | n |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in agreements:
        rho, gains = ("" if value is None else f"{value:+.2f}" for value in (each.rho, each.rho_of_gains))
        lines.append(f"| {each.task} | {each.decoding} | {each.metric} | {rho} | {each.n} | {gains} | {each.n_gains} |")
    return [*lines, ""]


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each value's rank, equal values their mean rank."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    means: NDArray[np.float64] = last - (counts - 1) / 2
    return means[places]
