"""A number with its 95 % interval over users, by Student's t; where nothing can be said of its spread, without one.

There is no interval over one user, and none where all users are alike: a spread of 0 among a few says nothing about
the others, and an interval of no width would claim certainty.

Source: Efron & Stein 1981 for the spread by leaving out one user at a time; Welch 1947 for the degrees of freedom of
a sum of means over different users.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ondevice.evaluation.statistics.student import quantile, upper_tail

CONFIDENCE = 0.95
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A value, how far it may be off, and by how many degrees of freedom that is known.

    Args:
        error: The standard error; ``None`` where there is one user, or no spread between users.
        df: Degrees of freedom, 0 where there is no error.
    """

    value: float
    error: float | None
    df: float

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float | None, float | None]:
        """Return both ends, or ``None`` for both where there is no error."""
        if self.error is None:
            return None, None
        half = quantile((1 + confidence) / 2, self.df) * self.error
        return self.value - half, self.value + half

    def chance_above(self, least: float) -> float | None:
        """Return the one-sided p-value of "the truth is ``least`` or below", or ``None`` where there is no error."""
        return None if self.error is None else upper_tail((self.value - least) / self.error, self.df)

    def scaled(self, factor: float) -> Estimate:
        """Return the estimate in another unit, or with its sign turned."""
        error = None if self.error is None else abs(factor) * self.error
        return Estimate(value=factor * self.value + 0.0, error=error, df=self.df)  # + 0.0: a zero has no sign


def estimate(value: float, variance: float, df: float) -> Estimate:
    """Return the estimate of that variance; without one where the variance is 0 or no number."""
    if not (df > 0 and math.isfinite(variance) and variance > 0):
        return Estimate(value=value, error=None, df=0.0)
    return Estimate(value=value, error=math.sqrt(variance), df=df)


def mean_of(values: NDArray[np.float64]) -> Estimate:
    """Return the mean of one number a user.

    Shapes: float64[users], at least one.
    """
    n, value = len(values), float(values.mean())
    return estimate(value, 0.0 if are_alike(values) else float(values.var(ddof=1)) / n, n - 1)


def from_left_out(value: float, left_out: NDArray[np.float64]) -> Estimate:
    """Return the estimate of any statistic, from what it is without each of the users.

    For a mean over users with as many questions each this is :func:`mean_of`.

    Shapes: left_out float64[users]; what is no finite number takes the interval away.
    """
    n = len(left_out)
    if not np.isfinite(left_out).all() or are_alike(left_out):
        return estimate(value, 0.0, n - 1)
    deviations = left_out - left_out.mean()
    return estimate(value, (n - 1) / n * float(deviations @ deviations), n - 1)


def are_alike(values: NDArray[np.float64]) -> bool:
    """Say whether all values are the same, but for the rounding of sums; one value is.

    Shapes: float64[n], n at least 1, finite.
    """
    return bool(np.ptp(values) <= _ROUNDING * max(1.0, float(np.abs(values).max())))


def mean_over(parts: Sequence[Estimate]) -> Estimate:
    """Return the mean of estimates over different users, such as one a task.

    A part without error takes the error of the whole away, because the whole is no surer than its parts.

    Raises:
        ValueError: If there is none.
    """
    if not parts:
        raise ValueError("a mean needs at least one estimate")
    value = math.fsum(part.value for part in parts) / len(parts)
    variances = [0.0 if part.error is None else part.error**2 for part in parts]
    if not all(variances):
        return Estimate(value=value, error=None, df=0.0)
    whole = math.fsum(variances)
    df = whole**2 / math.fsum(each**2 / part.df for each, part in zip(variances, parts, strict=True))
    return estimate(value, whole / len(parts) ** 2, df)
