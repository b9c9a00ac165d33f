"""Whether a converted selector chooses what the original chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from export.errors import ConversionError
from export.gate.candidate_groups import CandidateGroups
from export.gate.cpu import cpu_class
from ondevice.bundle import GateResult
from ondevice.errors import BundleError

Scores = NDArray[np.float64]


class PairScorer(Protocol):
    """What scores pairs of texts; :class:`ondevice.retrieval.encoding.selector.CrossEncoder` is one."""

    def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Return float32[n] for n pairs; higher is better."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """How alike two selectors choose and score.

    Args:
        data: The name of the groups.
        n: Groups.
        n_pairs: Pairs in them.
        agreement: Share of the groups in which the candidate's first choice is one of the reference's best.
        regret: What the candidate's choices cost, mean over groups: the reference's best score minus its score of the
            candidate's choice, in ``group_deviation``. Small where they differ between near equals only.
        spearman: Rank correlation over all pairs.
        kendall: Kendall's tau-b over every two candidates of the same group.
        score_error: The largest absolute difference between the two scores of a pair.
        score_deviation: The standard deviation of the reference's scores.
        group_deviation: Their standard deviation from their own group's mean, which is what a choice is made by.
    """

    data: str
    n: int
    n_pairs: int
    agreement: float
    regret: float
    spearman: float
    kendall: float
    score_error: float
    score_deviation: float
    group_deviation: float

    def results(self, *, cpu: str | None = None) -> tuple[GateResult, ...]:
        """Return the numbers as a manifest holds them, for this CPU's class unless another is named."""
        return tuple(
            GateResult(measure=name, value=value, bound=None, data=self.data, n=n, cpu=cpu or cpu_class())
            for name, value, n in (
                ("agreement", self.agreement, self.n),
                ("regret", self.regret, self.n),
                ("spearman", self.spearman, self.n_pairs),
                ("kendall", self.kendall, self.n_pairs),
                ("score_error", self.score_error, self.n_pairs),
                ("score_deviation", self.score_deviation, self.n_pairs),
                ("group_deviation", self.group_deviation, self.n_pairs),
            )
        )


def measure_agreement(
    reference: PairScorer,
    candidate: PairScorer,
    data: CandidateGroups,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Agreement:
    """Let both score every group, and compare their choices.

    Raises:
        ConversionError: If a score of either is missing or not finite, or the reference tells no candidates apart.
    """
    truth = score_groups(reference, data, "the reference")
    return compare_scores(truth, score_groups(candidate, data, "the converted model", on_progress=on_progress), data)


def compare_scores(truth: Sequence[Scores], found: Sequence[Scores], data: CandidateGroups) -> Agreement:
    """Compare two selectors' scores of the same groups, float64[candidates] a group.

    Raises:
        ConversionError: If the reference scores all candidates of every group alike.
    """
    if all(float(np.ptp(group)) == 0.0 for group in truth):
        raise ConversionError(
            "the reference scores all candidates of a group alike, so no choice can be compared",
            hint="the head may never have been trained",
        )
    flat_truth, flat_found = np.concatenate(truth), np.concatenate(found)
    deviation = float(np.concatenate([group - group.mean() for group in truth]).std())
    losses = np.array([want.max() - want[got.argmax()] for want, got in zip(truth, found, strict=True)])
    return Agreement(
        data=data.name,
        n=len(truth),
        n_pairs=len(flat_truth),
        agreement=float(np.mean(losses == 0.0)),
        regret=float(losses.mean() / deviation),
        spearman=spearman(flat_truth, flat_found),
        kendall=kendall(truth, found),
        score_error=float(np.abs(flat_truth - flat_found).max()),
        score_deviation=float(flat_truth.std()),
        group_deviation=deviation,
    )


def score_groups(
    scorer: PairScorer,
    data: CandidateGroups,
    who: str,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Scores]:
    """Score the groups one by one, as a device meets them: float64[candidates] a group.

    Raises:
        ConversionError: If a score is missing or not finite.
    """
    out: list[Scores] = []
    for number, group in enumerate(data.groups, start=1):
        try:
            scores = np.asarray(scorer.score(group), dtype=np.float64)
        except BundleError as error:
            raise ConversionError(f"{who} cannot score: {error.message}", hint=error.hint) from None
        if scores.shape != (len(group),):
            raise ConversionError(f"{who} gave an output of the shape {scores.shape} for {len(group)} pairs")
        if not np.isfinite(scores).all():
            raise ConversionError(f"{who} gave scores that are not finite (NaN or infinite)")
        out.append(scores)
        if on_progress is not None:
            on_progress(number, len(data.groups))
    return out


def spearman(truth: Scores, found: Scores) -> float:
    """Return the correlation of the ranks, equal scores sharing their mean rank; 0 where one is constant."""
    first, second = _ranks(truth), _ranks(found)
    if float(np.ptp(first)) == 0.0 or float(np.ptp(second)) == 0.0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def kendall(truth: Sequence[Scores], found: Sequence[Scores]) -> float:
    """Return tau-b over every two candidates of the same group, all groups together; 0 where one never tells apart."""
    agreeing = told_by_truth = told_by_found = 0.0
    for want, got in zip(truth, found, strict=True):
        upper = np.triu_indices(len(want), 1)
        signs = [np.sign(np.subtract.outer(each, each))[upper] for each in (want, got)]
        agreeing += float((signs[0] * signs[1]).sum())
        told_by_truth += float(np.abs(signs[0]).sum())
        told_by_found += float(np.abs(signs[1]).sum())
    if not told_by_truth or not told_by_found:
        return 0.0
    return agreeing / float(np.sqrt(told_by_truth * told_by_found))


def _ranks(values: Scores) -> Scores:
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(values))
    ranks[order] = np.arange(len(values))
    edges = [0, *(np.flatnonzero(np.diff(values[order])) + 1), len(values)]
    for start, end in pairwise(edges):
        ranks[order[start:end]] = (start + end - 1) / 2
    return ranks
