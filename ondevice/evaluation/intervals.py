"""How sure a number is: bootstrap over users, because one user's questions are not independent of each other.

Source: Efron & Tibshirani 1993, percentile intervals; paired by user for differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ondevice.evaluation.metrics import Metric

N_RESAMPLES = 2000
CONFIDENCE = 0.95
SEED = 20240


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A paired difference (second minus first) and how often a resampling of users has the other sign.

    Args:
        p: Two-sided, from the share of resamples on the other side of 0; never below 1 / (resamples + 1).
    """

    value: float
    low: float
    high: float
    p: float


class UserSums:
    """One metric's contributions, summed by user: all that resampling users needs."""

    def __init__(self, metric: Metric, contributions: NDArray[np.float64], users: Sequence[str]) -> None:
        """Sum ``contributions`` float64[n, c] by the n questions' users.

        Raises:
            ValueError: If there are not as many users as contributions.
        """
        if len(users) != len(contributions):
            raise ValueError(f"{len(users)} users do not fit {len(contributions)} contributions")
        self.users = tuple(sorted(set(users)))
        places = {user: place for place, user in enumerate(self.users)}
        rows = np.array([places[user] for user in users])
        self._metric = metric
        self._sums = np.zeros((len(self.users), contributions.shape[1]))
        np.add.at(self._sums, rows, contributions)
        self._counts = np.bincount(rows, minlength=len(self.users)).astype(np.float64)

    @property
    def value(self) -> float:
        """The metric over all questions."""
        return float(self._metric.finish(self._sums.sum(axis=0), self._counts.sum()))

    def resampled(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the metric for each row of user weights.

        Shapes: weights float64[resamples, users] → float64[resamples].
        """
        return self._metric.finish(weights @ self._sums, weights @ self._counts)

    def interval(self) -> Interval:
        """Return the value with its percentile interval over users."""
        values = self.resampled(draw(len(self.users)))
        low, high = ends(values)
        return Interval(value=self.value, low=low, high=high)


def mean_interval(values: NDArray[np.float64]) -> Interval:
    """Return the mean of values that are independent of each other, with its percentile interval.

    Shapes: float64[n], n at least 1.
    """
    low, high = ends(draw(len(values)) @ values / len(values))
    return Interval(value=float(values.mean()), low=low, high=high)


def difference(first: UserSums, second: UserSums) -> Difference:
    """Compare two runs over the same users, resampling both with the same users.

    Raises:
        ValueError: If the runs have other users.
    """
    if first.users != second.users:
        raise ValueError("the two runs do not have the same users")
    weights = draw(len(first.users))
    gaps = second.resampled(weights) - first.resampled(weights)
    low, high = ends(gaps)
    n_other = min(int((gaps <= 0).sum()), int((gaps >= 0).sum()))
    p = min(1.0, 2 * (n_other + 1) / (len(gaps) + 1))
    return Difference(value=second.value - first.value, low=low, high=high, p=p)


def draw(n_users: int, *, n_resamples: int = N_RESAMPLES, seed: int = SEED) -> NDArray[np.float64]:
    """Return how often each user is drawn in each resample: float64[resamples, users], each row summing to users."""
    random = np.random.default_rng(seed)
    return random.multinomial(n_users, np.full(n_users, 1 / n_users), size=n_resamples).astype(np.float64)


def ends(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return both ends of the 95 % percentile interval of resampled values, float64[n]."""
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
