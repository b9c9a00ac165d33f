"""What each way of answering gained other users: what one user is taken to gain before much is known of this one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

GAINING_WAYS: Final = ("rag", "adapter", "both", "contrast")
"""The ways of answering that may gain something over none."""

_LARGEST = 100.0
"""Nats an answer's token; no way of answering gains or loses so much."""
_LEAST_VARIANCE = 1e-9
_MOST_USERS = 10**9


@dataclass(frozen=True, kw_only=True, slots=True)
class PopulationGain:
    """How much one way of answering gained other users over none, in nats an item.

    A gain is the difference of the log-likelihoods of a user's own answer, as the planner weighs them.

    Args:
        mean: Over the users.
        mean_error: Standard error of that mean.
        variance: Of the users' true gains around it: what chance did to each user's few items is taken off.
        item_variance: Of the items of one user around that user's gain.
        users: How many were measured.
    """

    mean: float
    mean_error: float
    variance: float
    item_variance: float
    users: int

    def __post_init__(self) -> None:
        """Refuse numbers that no population has.

        Raises:
            ValueError: Then.
        """
        if not abs(self.mean) <= _LARGEST or not 0 <= self.mean_error <= _LARGEST:
            raise ValueError(
                f"the mean gain {self.mean} and its error {self.mean_error} must be within {_LARGEST:g} nats, "
                "and the error not negative"
            )
        if not 0 <= self.variance <= _LARGEST**2 or not _LEAST_VARIANCE <= self.item_variance <= _LARGEST**2:
            raise ValueError(
                f"the variance {self.variance} must be between 0 and {_LARGEST**2:g}, and the item variance "
                f"{self.item_variance} between {_LEAST_VARIANCE:g} and that"
            )
        if self.users < 2:
            raise ValueError(f"the gain of {self.users} users tells of no population: measure 2 or more")
        if self.users > _MOST_USERS:
            raise ValueError(f"no population has more than {_MOST_USERS} users")

    @property
    def spread(self) -> float:
        """Variance of a further user's gain: how users differ, and how little is known of their mean."""
        return self.variance + self.mean_error**2

    @property
    def deviation(self) -> float:
        """Its square root."""
        return math.sqrt(self.spread)


WayGains = Mapping[str, PopulationGain]
"""By the way of answering, for one task."""


def check_gains(gains: WayGains) -> None:
    """Refuse gains of ways that there are not, and gains without those of retrieval.

    Raises:
        ValueError: Then.
    """
    unknown = sorted(set(gains) - set(GAINING_WAYS))
    if unknown:
        raise ValueError(f"there is no way of answering {unknown[0][:64]!r}: choose of {', '.join(GAINING_WAYS)}")
    if "rag" not in gains:
        raise ValueError("the gains of retrieval, 'rag', are missing: they must be told for every task")
