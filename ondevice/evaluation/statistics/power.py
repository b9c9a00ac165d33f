"""How small an effect could this many users have shown? Where none is seen, this says whether one could have been.

Source: Cohen 1988, for a paired t-test; sign flips have its power.
"""

from __future__ import annotations

import math

from ondevice.evaluation.statistics.student import quantile

POWER = 0.8
ALPHA = 0.05


def smallest_effect(spread: float, n_users: int, *, power: float = POWER, alpha: float = ALPHA) -> float | None:
    """Return the mean difference that a two-sided test finds with that power.

    Args:
        spread: The standard deviation of the users' differences.
        n_users: How many users.
        power: The share of runs that would find it.
        alpha: The share of runs that would find something where nothing is; for one test alone.

    Returns:
        The difference, in the spread's unit; ``None`` for one user, or without a spread.

    Raises:
        ValueError: If the power or the level is no share, or the spread is below 0.
    """
    if spread < 0:
        raise ValueError(f"a standard deviation is not below 0, as {spread} is")
    df = n_users - 1
    if df < 1 or spread == 0:
        return None
    return (quantile(1 - alpha / 2, df) + quantile(power, df)) * spread / math.sqrt(n_users)
