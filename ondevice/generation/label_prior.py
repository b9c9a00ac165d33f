"""What a label is worth before anything is known: its prior, which an app measures once and takes off every score.

A model likes some labels whatever it is asked: frequent words, short ones, those that its training held often. Asked
with nothing to go by, it says how much. Source: Zhao et al. 2021, arXiv:2102.09690 (content-free inputs).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def prior_of(given: Mapping[str, float], labels: Sequence[str]) -> dict[str, float]:
    """Return the prior of each of the labels; it may know others, too.

    Args:
        given: ln p of each label (nats), as :meth:`ondevice.Personalizer.label_prior` measures it.
        labels: Those to choose among.

    Raises:
        TypeError: If it is no mapping, or holds anything but numbers.
        ValueError: If it lacks a label, or a number is not finite or above 0, which no logarithm of a probability is.
    """
    if not isinstance(given, Mapping):
        raise TypeError(f"label_prior must map labels to numbers, not be of type {type(given).__name__}")
    n_lacking = sum(label not in given for label in labels)
    if n_lacking:
        raise ValueError(f"label_prior lacks {n_lacking} of the {len(labels)} labels: measure it for all of them")
    for value in given.values():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"label_prior must hold numbers only, not one of type {type(value).__name__}")
        number = _as_fraction(value)
        if not math.isfinite(number) or number > 0:
            raise ValueError(f"label_prior holds logarithms of probabilities, so none is {number:g}")
    return {label: float(given[label]) for label in labels}


def mean_scores(scores: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return each label's mean over several requests; all have the same labels.

    Raises:
        ValueError: If there are none.
    """
    if not scores:
        raise ValueError("a prior needs at least one request to be measured with")
    return {label: math.fsum(each[label] for each in scores) / len(scores) for label in scores[0]}


def log_shares(scores: Mapping[str, float]) -> dict[str, float]:
    """Return ln of each label's share among all, from their scores (nats)."""
    top = max(scores.values())
    whole = top + math.log(math.fsum(math.exp(score - top) for score in scores.values()))
    return {label: score - whole for label, score in scores.items()}


def _as_fraction(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # a whole number, which JSON lets be as long as it likes
        return math.inf if number > 0 else -math.inf
