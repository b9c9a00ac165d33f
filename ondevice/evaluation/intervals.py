"""How sure a number is. One user's questions are not independent of each other, so users vary, not questions.

A metric's interval is Student's: each user is left out once. Means over many things, or over people, of whom the
values have narrow bounds, have percentile intervals instead: things are drawn anew.

Source: Efron & Stein 1981, the spread by leaving out; Efron & Tibshirani 1993, percentile intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ondevice.evaluation.metrics import Metric
from ondevice.evaluation.statistics.estimates import CONFIDENCE, Estimate, from_left_out
from ondevice.evaluation.statistics.ratios import relative_gain

N_RESAMPLES = 2000
SEED = 20240


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


class UserSums:
    """One metric's contributions, summed by user: all that leaving users out, or drawing them anew, needs."""

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

    def left_out(self) -> NDArray[np.float64]:
        """Return the metric without each of the users: float64[users], no number for a single one."""
        n = len(self.users)
        return np.full(1, np.nan) if n == 1 else self.resampled(1.0 - np.eye(n))

    def estimate(self) -> Estimate:
        """Return the metric over all questions, with what is known of its spread over users."""
        return from_left_out(self.value, self.left_out())

    def gain_over(self, reference: UserSums) -> Estimate | None:
        """Return the relative gain over a run of the same users; ``None`` where that scores 0.

        Raises:
            ValueError: If the runs have other users.
        """
        if self.users != reference.users:
            raise ValueError("the two runs do not have the same users")
        return relative_gain(
            self.value,
            reference.value,
            values=self.left_out(),
            references=reference.left_out(),
            higher_is_better=self._metric.higher_is_better,
        )

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


def draw(n_users: int, *, n_resamples: int = N_RESAMPLES, seed: int = SEED) -> NDArray[np.float64]:
    """Return how often each user is drawn in each resample: float64[resamples, users], each row summing to users."""
    random = np.random.default_rng(seed)
    return random.multinomial(n_users, np.full(n_users, 1 / n_users), size=n_resamples).astype(np.float64)


def ends(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return both ends of the 95 % percentile interval of resampled values, float64[n]."""
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
