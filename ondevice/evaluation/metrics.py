"""LaMP's metrics, each as per-question contributions and a rule that turns their sums into the published number.

Written this way, the same code gives the value over all questions and over any resampling of users: macro-F1 and RMSE
are no means of per-question scores, so an interval for them needs their sums.

Source: Salemi et al. 2023, arXiv:2304.11406, and the rules of its evaluation script.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ondevice.evaluation.rouge import rouge_1, rouge_l
from ondevice.generation.prompts.prompt import labels_for

LEAD_METRICS = frozenset({"accuracy", "mae", "rouge-1"})
"""Each task's first metric, the one its gains are told by."""
LOWEST, HIGHEST = 1.0, 5.0
"""The ends of LaMP-3's scale."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One number over a set of answers.

    Args:
        name: As LaMP calls it, in lowercase.
        higher_is_better: Whether more is better.
        contribute: (answer, gold) → this question's contribution, float64[c].
        finish: (sums float64[..., c], counts float64[...]) → the metric's value, float64[...].
    """

    name: str
    higher_is_better: bool
    contribute: Callable[[str, str], NDArray[np.float64]]
    finish: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]

    def contributions(self, answers: Sequence[str], golds: Sequence[str]) -> NDArray[np.float64]:
        """Return each question's contribution.

        Shapes: n answers, n golds → float64[n, c].

        Raises:
            ValueError: If there are not as many answers as golds, or none.
        """
        if len(answers) != len(golds) or not golds:
            raise ValueError(f"{len(answers)} answers do not fit {len(golds)} golds")
        pairs = zip(answers, golds, strict=True)
        return np.stack([self.contribute(answer.strip(), gold.strip()) for answer, gold in pairs])

    def value(self, answers: Sequence[str], golds: Sequence[str]) -> float:
        """Return the metric over all questions."""
        parts = self.contributions(answers, golds)
        return float(self.finish(parts.sum(axis=0), np.asarray(float(len(parts)))))


def metrics_for(task: str) -> tuple[Metric, ...]:
    """Return the metrics of a LaMP task, the one that leads its tables first.

    Raises:
        ValueError: If there is no such task.
    """
    if task == "LaMP_3":
        return (_mean("mae", _error, higher=False), _root_mean("rmse", _squared_error))
    labels = labels_for(task)
    if labels is None:
        return (_mean("rouge-1", rouge_1), _mean("rouge-l", rouge_l))
    accuracy = _mean("accuracy", lambda answer, gold: float(answer == gold))
    return (accuracy,) if task == "LaMP_1" else (accuracy, macro_f1(labels))


def macro_f1(labels: Sequence[str]) -> Metric:
    """Build the unweighted mean of the labels' F1 scores.

    An answer outside the list counts as a miss of the gold label. A label that neither occurs nor is answered scores
    0 and stays in the mean, as in LaMP's script.
    """
    places = {label: place for place, label in enumerate(labels)}

    def contribute(answer: str, gold: str) -> NDArray[np.float64]:
        hits, answered, wanted = np.zeros((3, len(places)))
        if answer in places:
            answered[places[answer]] = 1
        if gold in places:
            wanted[places[gold]] = 1
        hits[:] = answered * wanted
        return np.concatenate([hits, answered, wanted])

    def finish(sums: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
        hits, answered, wanted = np.split(sums, 3, axis=-1)
        each = np.divide(2 * hits, answered + wanted, out=np.zeros_like(hits), where=answered + wanted > 0)
        return np.asarray(each.mean(axis=-1))

    return Metric(name="macro-f1", higher_is_better=True, contribute=contribute, finish=finish)


def score_of(answer: str, gold: float) -> float:
    """Read a LaMP-3 answer as a number; what is none counts as the end of the scale farthest from the gold.

    Deviation: LaMP's script takes "nan" and "inf" for numbers, which would make the mean over all questions neither
    finite nor comparable; here they are no numbers.
    """
    try:
        value = float(answer)
    except ValueError:
        value = math.nan
    if math.isfinite(value):
        return value
    return LOWEST if abs(LOWEST - gold) > abs(HIGHEST - gold) else HIGHEST


def _error(answer: str, gold: str) -> float:
    return abs(score_of(answer, float(gold)) - float(gold))


def _squared_error(answer: str, gold: str) -> float:
    return _error(answer, gold) ** 2


def _mean(name: str, score: Callable[[str, str], float], *, higher: bool = True) -> Metric:
    return Metric(
        name=name,
        higher_is_better=higher,
        contribute=lambda answer, gold: np.array([score(answer, gold)]),
        finish=lambda sums, counts: np.asarray(sums[..., 0] / counts),
    )


def _root_mean(name: str, score: Callable[[str, str], float]) -> Metric:
    return Metric(
        name=name,
        higher_is_better=False,
        contribute=lambda answer, gold: np.array([score(answer, gold)]),
        finish=lambda sums, counts: np.asarray(np.sqrt(sums[..., 0] / counts)),
    )
