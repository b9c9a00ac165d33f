"""From the answers of a run to its table: every metric of every cell, with intervals, gains and baselines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ondevice.evaluation.best_none import best_none
from ondevice.evaluation.conditions import NO_PERSONALIZATION, Condition, label_of
from ondevice.evaluation.histories import majority_answers
from ondevice.evaluation.intervals import UserSums
from ondevice.evaluation.label_priors import Frame, LabelPrior
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.learned import KeptLearning, count_adapters
from ondevice.evaluation.metrics import LEAD_METRICS, Metric, metrics_for
from ondevice.evaluation.persona_likeness import AskedPersona
from ondevice.evaluation.scores import scores_of, span_of, users_of
from ondevice.evaluation.statistics.sign_flips import sign_flip_p
from ondevice.evaluation.statistics.user_means import user_means

ORACLE = "oracle"
ADAPTERS = "adapters used / trained / histories"


@dataclass(frozen=True, kw_only=True, slots=True)
class CellOutcome:
    """What one cell answered to every question of a split, in the split's order.

    Args:
        answers: The texts.
        seconds: What each answer takes a device that holds the profile already: retrieve, prompt, read, generate.
        parts_ms: Where the time of a question goes, in the mean; ``store`` is the making of its profile.
        learned: What was learned before the questions, where the strategy learns.
        choices: The retriever chosen for each question, where a selector chose.
        likelihoods: How likely the model found each user's own answer (nats, lower is better; see
            :mod:`ondevice.evaluation.likelihoods`); empty where that was not measured.
        personas: The persona of each question, where the strategy has one.
        priors: What the labels are worth anyway, by what the model read (:attr:`LabelPrior.frame`), where their scores
            are told less that.
    """

    condition: Condition
    answers: Sequence[str] = field(repr=False)
    seconds: Sequence[float] = field(default=(), repr=False)
    parts_ms: Mapping[str, float] = field(default_factory=dict)
    learned: Sequence[KeptLearning] = field(default=(), repr=False)
    choices: Sequence[str] = field(default=(), repr=False)
    likelihoods: Sequence[float] = field(default=(), repr=False)
    personas: Sequence[AskedPersona] = field(default=(), repr=False)
    priors: Mapping[Frame, LabelPrior] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the table.

    Args:
        low: The lower end of the value's 95 % interval over users; ``None`` for one user, or users who are all alike.
        high: The upper end.
        gain: Relative to the same decoding without personalization, in the metric's good direction; 0.1 is 10 %.
        gain_low: The lower end of the gain's interval, which varies users in both runs together.
        gain_high: Its upper end.
        p: Two-sided, for the users' mean differences from that run, by sign flips; in the lead metric alone, and
            exploratory. ``None`` for one user.
        choices: How many questions each retriever was chosen for, where a selector chose.
        likelihood: The mean of the cell's likelihoods (nats, lower is better).
        best_none: The metric without personalization in the decoding in which that is best.
        best_none_decoding: That decoding.
        adapters: How many adapters were ``used`` and ``trained``, of how many ``histories``, where the strategy learns.
    """

    task: str
    split: str
    strategy: str
    k: int
    decoding: str
    history: str
    n: int
    n_users: int
    metric: str
    value: float
    low: float | None
    high: float | None
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    p: float | None
    seconds_per_question: float | None
    parts_ms: Mapping[str, float] = field(default_factory=dict)
    choices: Mapping[str, int] = field(default_factory=dict)
    likelihood: float | None = None
    best_none: float | None = None
    best_none_decoding: str | None = None
    adapters: Mapping[str, int] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The row's name in a table or a plot, such as ``bm25 k=2, shuffled``."""
        return label_of(self.strategy, self.k, self.history)

    @property
    def further(self) -> dict[str, str]:
        """What tables show beside the gain, by column; empty where it was not measured."""
        none = "" if self.gain is None or self.best_none is None else f"{self.best_none:.3f} {self.best_none_decoding}"
        nats = "" if self.likelihood is None else f"{self.likelihood:.3f}"
        return {"none at best": none, "nats": nats, ADAPTERS: adapter_words(self.adapters)}


@dataclass(frozen=True, kw_only=True, slots=True)
class SizeBin:
    """The lead metric of one cell over the questions whose history has between ``least`` and ``most`` items."""

    task: str
    strategy: str
    k: int
    decoding: str
    history: str
    metric: str
    least: int
    most: int
    n: int
    value: float
    none: float


def adapter_words(adapters: Mapping[str, int]) -> str:
    """Return how many adapters were used and trained, and of how many histories; empty where nothing is learned."""
    return " / ".join(str(adapters[name]) for name in ("used", "trained", "histories")) if adapters else ""


def further_columns(rows: Sequence[Row]) -> list[str]:
    """Return the columns of :attr:`Row.further` that hold something in these rows."""
    return [name for name in rows[0].further if any(row.further[name] for row in rows)]


def rows_of(split: LampSplit, outcomes: Sequence[CellOutcome]) -> list[Row]:
    """Return the rows of one task: its baselines, each cell, and each decoding's oracle over the cells tried.

    Raises:
        ValueError: If a decoding lacks its run without personalization.
    """
    rows = [*_baseline_rows(split)]
    best = best_none(split, outcomes)
    for decoding in dict.fromkeys(outcome.condition.decoding for outcome in outcomes):
        cells = [outcome for outcome in outcomes if outcome.condition.decoding == decoding]
        none = none_of(cells)
        for metric in metrics_for(split.task):
            reference = sums_of(metric, split, none.answers)
            for cell in cells:
                rows.append(_row(split, metric, cell, none, reference, best))
            rows.append(_oracle_row(split, metric, cells, decoding))
    return rows


def size_bins(
    split: LampSplit, outcomes: Sequence[CellOutcome], sizes: Sequence[int], n_bins: int = 3
) -> list[SizeBin]:
    """Return each cell's lead metric by quantile of the history's size, beside the run without personalization.

    Source: the effect of profile size in Salemi & Zamani 2024, arXiv:2409.09510.
    """
    metric = metrics_for(split.task)[0]
    values = np.asarray(sizes)
    edges = np.unique(np.quantile(values, np.arange(1, n_bins) / n_bins, method="closest_observation"))
    bins = np.searchsorted(edges, values, side="left")
    found = []
    for inside in ([int(place) for place in np.flatnonzero(bins == each)] for each in np.unique(bins)):
        for cell in outcomes:
            if not cell.condition.is_personal:
                continue
            none = none_of([each for each in outcomes if each.condition.decoding == cell.condition.decoding])
            golds = [split.golds[place] for place in inside]
            found.append(
                SizeBin(
                    task=split.name,
                    strategy=cell.condition.strategy,
                    k=cell.condition.k,
                    decoding=cell.condition.decoding,
                    history=cell.condition.history,
                    metric=metric.name,
                    least=int(values[inside].min()),
                    most=int(values[inside].max()),
                    n=len(inside),
                    value=metric.value([cell.answers[place] for place in inside], golds),
                    none=metric.value([none.answers[place] for place in inside], golds),
                )
            )
    return found


def _row(
    split: LampSplit, metric: Metric, cell: CellOutcome, none: CellOutcome, reference: UserSums, best: CellOutcome
) -> Row:
    plain = _plain_row(split, metric, cell.condition.strategy, cell.condition.decoding, cell.answers)
    measured = replace(
        plain,
        k=cell.condition.k,
        history=cell.condition.history,
        seconds_per_question=float(np.mean(cell.seconds)) if cell.seconds else None,
        parts_ms=dict(cell.parts_ms),
        choices=dict(Counter(cell.choices).most_common()),
        likelihood=float(np.mean(cell.likelihoods)) if cell.likelihoods else None,
        best_none=metric.value(best.answers, split.golds),
        best_none_decoding=best.condition.decoding,
        adapters=count_adapters(cell.learned),
    )
    if cell is none:
        return measured
    if metric.name in LEAD_METRICS:
        gaps = scores_of(metric, split, cell.answers) - scores_of(metric, split, none.answers)
        measured = replace(measured, p=sign_flip_p(user_means(gaps, users_of(split))))
    gain = sums_of(metric, split, cell.answers).gain_over(reference)
    if gain is None:
        return measured
    low, high = gain.interval()
    return replace(measured, gain=gain.value, gain_low=low, gain_high=high)


def _baseline_rows(split: LampSplit) -> Iterator[Row]:
    for name, answers in (majority_answers(split) or {}).items():
        for metric in metrics_for(split.task):
            yield _plain_row(split, metric, name, "none", answers)


def _oracle_row(split: LampSplit, metric: Metric, cells: Sequence[CellOutcome], decoding: str) -> Row:
    """Score the best answer per question that any cell with the user's own history gave, by the lead metric."""
    lead = metrics_for(split.task)[0]
    own = [cell for cell in cells if cell.condition.history == "own"]
    scores: NDArray[np.float64] = np.stack([lead.contributions(cell.answers, split.golds)[:, 0] for cell in own])
    best = scores.argmax(axis=0) if lead.higher_is_better else scores.argmin(axis=0)
    answers = [own[choice].answers[place] for place, choice in enumerate(best)]
    return _plain_row(split, metric, ORACLE, decoding, answers)


def _plain_row(split: LampSplit, metric: Metric, name: str, decoding: str, answers: Sequence[str]) -> Row:
    sums = sums_of(metric, split, answers)
    low, high = sums.estimate().interval()
    return Row(
        task=split.name,
        split=split.split,
        strategy=name,
        k=0,
        decoding=decoding,
        history="own",
        n=len(answers),
        n_users=len(sums.users),
        metric=metric.name,
        value=sums.value,
        low=None if low is None else max(0.0, low),  # no metric is below 0, or above its span
        high=None if high is None else min(span_of(metric), high),
        gain=None,
        gain_low=None,
        gain_high=None,
        p=None,
        seconds_per_question=None,
    )


def sums_of(metric: Metric, split: LampSplit, answers: Sequence[str]) -> UserSums:
    """Sum one cell's contributions to a metric by user."""
    return UserSums(metric, metric.contributions(answers, split.golds), users_of(split))


def none_of(cells: Sequence[CellOutcome]) -> CellOutcome:
    """Return the run without personalization among the cells of one decoding.

    Raises:
        ValueError: If there is not exactly one.
    """
    found = [cell for cell in cells if cell.condition.strategy == NO_PERSONALIZATION]
    if len(found) != 1:
        raise ValueError(f"there must be one run without personalization, not {len(found)}")
    return found[0]
