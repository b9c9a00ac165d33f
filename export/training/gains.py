"""What a population gains by each way of answering: the mean, and how far users differ, by the method of moments.

Each user's measured gain is off by chance, as it comes from a few items. The spread of the measured gains is therefore
larger than that of the true ones; what the items' own spread explains is taken off.

Source: DerSimonian & Laird 1986, doi:10.1016/0197-2456(86)90046-2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from export.errors import DatasetError
from ondevice.bundle.gains import GAINING_WAYS, PopulationGain
from ondevice.evaluation.user_gains import UserGains

MIN_USERS = 8
"""How users differ is not told by fewer."""

_LEAST_VARIANCE = 1e-6
_DIGITS = 6


def fit_gains(users: Sequence[UserGains]) -> dict[str, dict[str, PopulationGain]]:
    """Return by task and way what the users gain.

    A task whose retrieval was measured on too few users is left out, and so is another way where it was.

    Raises:
        DatasetError: If no task is left, or what was measured is beyond what a bundle may tell.
    """
    fitted: dict[str, dict[str, PopulationGain]] = {}
    for task in dict.fromkeys(user.task for user in users):
        of_task = [user for user in users if user.task == task]
        ways = {way: fit for way in GAINING_WAYS if (fit := _fit_way(of_task, way)) is not None}
        if "rag" in ways:
            fitted[task] = ways
    if not fitted:
        raise DatasetError(
            f"none of the tasks has {MIN_USERS} users with items to judge by, and two items of some of them",
            hint="take more users, or users with longer histories",
        )
    return fitted


def _fit_way(users: Sequence[UserGains], way: str) -> PopulationGain | None:
    """Return what the users gain by one way; ``None`` where too little is known."""
    told = [(user.items, user.ways[way]) for user in users if user.items and way in user.ways]
    n_free = sum(items - 1 for items, _ in told)
    if len(told) < MIN_USERS or n_free == 0:
        return None
    squares = sum((items - 1) * (gain.variance or 0.0) for items, gain in told)
    item_variance = max(_LEAST_VARIANCE, squares / n_free)
    means, noise = np.array([gain.mean for _, gain in told]), item_variance / np.array([items for items, _ in told])
    weights = 1 / noise
    centre = np.average(means, weights=weights)
    excess = float((weights * (means - centre) ** 2).sum()) - (len(told) - 1)
    variance = max(0.0, excess / float(weights.sum() - (weights**2).sum() / weights.sum()))
    weights = 1 / (variance + noise)
    try:
        return PopulationGain(
            mean=round(float(np.average(means, weights=weights)), _DIGITS),
            mean_error=round(math.sqrt(1 / weights.sum()), _DIGITS),
            variance=round(variance, _DIGITS),
            item_variance=round(item_variance, _DIGITS),
            users=len(told),
        )
    except ValueError as error:
        raise DatasetError(f"what users gain by {way!r} cannot be told: {error}") from None


def gains_lines(fitted: dict[str, dict[str, PopulationGain]]) -> list[str]:
    """Return a sentence for each task and way."""
    return [
        f"{task}, {way}: {gain.mean:+.3f} ± {gain.mean_error:.3f} nats over none for {gain.users} users, who differ by "
        f"{math.sqrt(gain.variance):.3f}"
        for task, ways in fitted.items()
        for way, gain in ways.items()
    ]
