"""From scored answers to figures: means over questions, with intervals over the people who asked them.

One person's questions are not independent of each other, so people are resampled, not questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from ondevice.evaluation.intervals import UserSums
from ondevice.evaluation.metrics import Metric
from ondevice.evaluation.note_reading.asking import Scored
from ondevice.evaluation.note_reading.conditions import NoteCondition
from ondevice.evaluation.note_reading.questions import REFUSED

ALL_FOUND, ANY_FOUND = "evidence found, all of it", "evidence found, any"
CITED, SUPPORTED, MADE_UP = "citation right", "support", "made something up"
TOKENS = "tokens of the prompt"

_MEAN = Metric(
    name="mean",
    higher_is_better=True,
    contribute=lambda answer, gold: np.array([float(answer == gold)]),
    finish=lambda sums, counts: np.asarray(sums[..., 0] / counts),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A mean over ``n`` questions of ``n_people``, and its 95 % interval; of one person there is no interval."""

    value: float
    low: float | None
    high: float | None
    n: int
    n_people: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryCount:
    """What the questions of one category gained together: where they are graded, how many were answered rightly."""

    total: float
    n: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionRow:
    """One condition's figures, by name, and its counts by category; ``seconds`` is the median over its questions."""

    condition: NoteCondition
    figures: Mapping[str, Figure]
    categories: Mapping[str, CategoryCount]
    seconds: float


def rows_of(scored: Sequence[Scored], conditions: Iterable[NoteCondition]) -> list[ConditionRow]:
    """Return one row for each condition under which something was asked."""
    rows = []
    for condition in conditions:
        here = [each for each in scored if each.answer.condition == condition]
        if here:
            rows.append(_row(condition, here))
    return rows


def figure_of(values: Sequence[tuple[str, float]]) -> Figure:
    """Return the mean of values, each with the name of the person it is of.

    Raises:
        ValueError: If there are none.
    """
    if not values:
        raise ValueError("a mean needs at least one value")
    sums = UserSums(_MEAN, np.array([[value] for _, value in values]), [name for name, _ in values])
    interval, n_people = sums.interval(), len(sums.users)
    return Figure(
        value=interval.value,
        low=interval.low if n_people > 1 else None,
        high=interval.high if n_people > 1 else None,
        n=len(values),
        n_people=n_people,
    )


def _row(condition: NoteCondition, scored: Sequence[Scored]) -> ConditionRow:
    values: dict[str, list[tuple[str, float]]] = {}
    for each in scored:
        for name, value in {**each.score.values, **_common_values(each)}.items():
            values.setdefault(name, []).append((each.answer.holder, value))
    first = [each for each in scored if not each.answer.is_again]
    categories = {
        name: CategoryCount(
            total=sum(each.score.lead for each in first if each.question.category == name),
            n=sum(each.question.category == name for each in first),
        )
        for name in sorted({each.question.category for each in first})
    }
    return ConditionRow(
        condition=condition,
        figures={name: figure_of(found) for name, found in values.items()},
        categories=categories,
        seconds=median(each.answer.seconds for each in first),
    )


def _common_values(scored: Scored) -> dict[str, float]:
    """Return what is told of every question, however its answer is graded; nothing of those asked again."""
    question, answer = scored.question, scored.answer
    if answer.is_again:
        return {}
    values = {TOKENS: float(answer.n_prompt_tokens)}
    evidence = frozenset(question.evidence)
    has_evidence = question.is_answerable and bool(evidence)
    if has_evidence:
        values[ALL_FOUND] = float(evidence <= set(answer.notes))
        values[ANY_FOUND] = float(not evidence.isdisjoint(answer.notes))
    if answer.support is not None and scored.score.mark != REFUSED:  # a refusal rests on no note
        values[SUPPORTED] = answer.support
        values[MADE_UP] = float(bool(answer.made_up))
        if has_evidence:
            values[CITED] = float(evidence <= set(answer.cited))
    return values
