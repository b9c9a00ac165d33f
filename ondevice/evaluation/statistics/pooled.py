"""One figure over tasks whose scores have different units: each task's mean difference in standard deviations.

An effect of 0.3 says: the mean user gains three tenths of what users differ by. Tasks count alike, however many users
they have.

Source: Cohen 1988 (d of paired differences); Hedges & Olkin 1985 for its variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ondevice.evaluation.statistics.estimates import Estimate, are_alike, estimate, mean_over
from ondevice.evaluation.statistics.sign_flips import pooled_sign_flip_p


@dataclass(frozen=True, kw_only=True, slots=True)
class PooledEffect:
    """What a difference is over all tasks.

    Args:
        n_tasks: Tasks with at least two users; one with a single user tells nothing and is left out.
        n_users: Their users.
        effect: The mean effect in standard deviations. ``None`` where no task has one.
        low: The lower end of its 95 % interval.
        high: The upper end.
        p: Two-sided, by flips of whole users within tasks.
    """

    n_tasks: int
    n_users: int
    effect: float | None
    low: float | None
    high: float | None
    p: float | None


def pooled_effect(tasks: Sequence[NDArray[np.float64]]) -> PooledEffect:
    """Return the effect over tasks, each given as one difference a user, float64[users]."""
    usable = [each for each in tasks if len(each) > 1]
    effects = [effect for each in usable if (effect := standardized(each)) is not None]
    whole = mean_over(effects) if effects else None
    low, high = (None, None) if whole is None else whole.interval()
    return PooledEffect(
        n_tasks=len(usable),
        n_users=sum(len(each) for each in usable),
        effect=None if whole is None else whole.value,
        low=low,
        high=high,
        p=pooled_sign_flip_p(usable),
    )


def standardized(differences: NDArray[np.float64]) -> Estimate | None:
    """Return the mean of one task's differences over their standard deviation, with its uncertainty.

    Where all users differ alike there is no deviation to divide by: ``None``, or an effect of 0 where they differ not
    at all.

    Shapes: float64[users], at least two.
    """
    n = len(differences)
    if not are_alike(differences):
        effect = float(differences.mean() / differences.std(ddof=1))
    elif are_alike(np.append(differences, 0.0)):
        effect = 0.0
    else:
        return None
    return estimate(effect, 1 / n + effect**2 / (2 * (n - 1)), n - 1)
