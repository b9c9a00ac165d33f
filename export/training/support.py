"""How far answers from notes may be relied on: a logistic regression over graded answers of invented people.

An answer is known by two numbers: the mean ln p of its tokens, and how much of it stands in the notes that it names.
What is fitted says how often such answers were right, and from which support on they are worth giving.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from export.errors import DatasetError
from ondevice.bundle.specs import SupportSpec
from ondevice.evaluation.people import GradedAnswer

MOST_LOST = 0.02
"""So many of the right answers may be withheld for want of support: what else is withheld was wrong."""

_STEPS = 50
_RIDGE = 1e-2
_STEP = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class FittedSupport:
    """What was fitted, and on how much.

    Args:
        spec: The weights, and the least support.
        n_answers: Answers that were graded, refusals included.
        brier: The mean squared error of the support as a forecast of right answers, 0 to 1.
        refused_wrongly: The part of the answerable questions that is refused with it.
        refused_rightly: The part of the others that is refused with it.
        right: The part of the answerable questions that is answered rightly with it.
    """

    spec: SupportSpec
    n_answers: int
    brier: float
    refused_wrongly: float
    refused_rightly: float
    right: float


def fit_support(answers: Sequence[GradedAnswer], *, most_lost: float = MOST_LOST) -> FittedSupport:
    """Fit the support, and the largest least support with which not too many right answers are withheld.

    Raises:
        DatasetError: If not both right and wrong answers are among them, or not both kinds of questions.
        ValueError: If ``most_lost`` is not between 0 and 1.
    """
    if not 0 < most_lost < 1:
        raise ValueError(f"most_lost must be between 0 and 1, not {most_lost}")
    given = [answer for answer in answers if answer.grade != "refused"]
    features = np.array([[1.0, each.log_likelihood, each.overlap] for each in given]).reshape(-1, 3)
    is_right = np.array([each.grade == "right" for each in given], dtype=float)
    n_right, n_answerable = int(is_right.sum()), sum(answer.is_answerable for answer in answers)
    if not (0 < n_right < len(given) and 0 < n_answerable < len(answers)):
        raise DatasetError(
            f"right answers cannot be told from wrong ones: of {len(answers)} questions the notes answer "
            f"{n_answerable}, and of {len(given)} answers {n_right} are right",
            hint="ask more people; a model that is never right, or never wrong, has no support to learn",
        )
    weights = _logistic(features, is_right)
    free = SupportSpec(intercept=weights[0], likelihood=weights[1], overlap=weights[2], least=0.0)
    of_right = [free.of(each.log_likelihood, each.overlap) for each in given if each.grade == "right"]
    allowed = [least for least in np.arange(0.0, 1.0, _STEP) if np.mean(np.less(of_right, least)) <= most_lost]
    spec = replace(free, least=round(float(allowed[-1]), 2))
    forecasts = np.array([spec.of(each.log_likelihood, each.overlap) for each in given])
    answerable = [each for each in answers if each.is_answerable]
    return FittedSupport(
        spec=spec,
        n_answers=len(answers),
        brier=float(np.mean((forecasts - is_right) ** 2)),
        refused_wrongly=_refused(answers, spec, is_answerable=True),
        refused_rightly=_refused(answers, spec, is_answerable=False),
        right=sum(each.grade == "right" and not _is_refused(each, spec) for each in answerable) / len(answerable),
    )


def _refused(answers: Sequence[GradedAnswer], spec: SupportSpec, *, is_answerable: bool) -> float:
    """Return the part of one kind of questions that is refused."""
    asked = [each for each in answers if each.is_answerable == is_answerable]
    return sum(_is_refused(each, spec) for each in asked) / len(asked)


def _is_refused(answer: GradedAnswer, spec: SupportSpec) -> bool:
    return answer.grade == "refused" or spec.of(answer.log_likelihood, answer.overlap) < spec.least


def _logistic(features: NDArray[np.float64], is_right: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the weights that make these outcomes likeliest, a little drawn to 0, by Newton's method."""
    weights = np.zeros(features.shape[1])
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ (is_right - share) - _RIDGE * weights
        bend = (features * (share * (1 - share))[:, None]).T @ features + _RIDGE * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-10:
            break
    intercept, likelihood, overlap = (round(float(weight), 3) for weight in weights)
    return intercept, likelihood, overlap
