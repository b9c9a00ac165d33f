"""Student's t distribution, for any number of degrees of freedom above 0: its tail and its quantiles.

Source: Abramowitz & Stegun 1964, 26.5.8 (the incomplete beta function as a continued fraction) and 26.7.1 (t's tail).
"""

from __future__ import annotations

import math
from functools import lru_cache

_PRECISION = 1e-15
_MOST_TERMS = 20_000
"""Of the continued fraction. It needs about the square root of the degrees of freedom."""
_TINY = 1e-300


def upper_tail(t: float, df: float) -> float:
    """Return the chance that a t with ``df`` degrees of freedom is at least ``t``.

    Raises:
        ValueError: If there are no degrees of freedom, or ``t`` is no number.
    """
    if not df > 0 or math.isnan(t):
        raise ValueError(f"Student's t needs a number and degrees of freedom above 0, not {t} and {df}")
    if math.isinf(t):
        return 0.0 if t > 0 else 1.0
    # P(|T| >= t) is the incomplete beta function at df / (df + t²); its complement is taken for the exact small part.
    both = _incomplete_beta(df / 2, 0.5, df / (df + t * t), t * t / (df + t * t))
    return both / 2 if t >= 0 else 1 - both / 2


@lru_cache(maxsize=1024)
def quantile(p: float, df: float) -> float:
    """Return the t below which a share ``p`` of the distribution lies.

    Raises:
        ValueError: If ``p`` does not lie between 0 and 1, or there are no degrees of freedom.
    """
    if not 0 < p < 1:
        raise ValueError(f"a share must lie between 0 and 1, not at {p}")
    if p < 0.5:
        return -quantile(1 - p, df)
    low, high = 0.0, 1.0
    while upper_tail(high, df) > 1 - p:
        low, high = high, 2 * high
    while high - low > 1e-10 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if upper_tail(middle, df) > 1 - p else (low, middle)
    return (low + high) / 2


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """Return the regularized incomplete beta function at ``x``; ``rest`` is 1 - x, without its rounding."""
    if x <= 0 or rest <= 0:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side
        return 1 - _incomplete_beta(b, a, rest, x)
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest)
    return math.exp(logarithm) * _continued_fraction(a, b, x) / a


def _continued_fraction(a: float, b: float, x: float) -> float:
    """Evaluate the fraction from its front, as Lentz does: each step multiplies what there is."""
    numerator, denominator = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = denominator
    for term in range(1, _MOST_TERMS):
        even = term * (b - term) * x / ((a + 2 * term - 1) * (a + 2 * term))
        odd = -(a + term) * (a + b + term) * x / ((a + 2 * term) * (a + 2 * term + 1))
        change = 1.0
        for coefficient in (even, odd):
            denominator = 1 / _away_from_zero(1 + coefficient * denominator)
            numerator = _away_from_zero(1 + coefficient / numerator)
            change = numerator * denominator
            value *= change
        if abs(change - 1) < _PRECISION:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
