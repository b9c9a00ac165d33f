"""Is a difference so small that it does not matter? That a test finds nothing does not show it; this test does.

Both "it is at least the margin worse" and "it is at least the margin better" have to be refused.

Source: Schuirmann 1987, two one-sided tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ondevice.evaluation.statistics.estimates import mean_of, mean_over

MARGIN = 0.02
"""In nats per token; or in shares of a score's span, so .02 of accuracy or ROUGE, and .08 of LaMP-3's four stars."""
ALPHA = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Equivalence:
    """How small a mean difference is, over one or more tasks.

    Args:
        n_users: Users of all tasks.
        better_by: The mean over tasks of the mean over users.
        low: The lower end of the 90 % interval; it lies within the margins exactly where ``p`` is below .05.
        high: The upper end.
        p: The larger of the two one-sided p-values. ``None`` where a task has one user, or no spread between users.
    """

    n_users: int
    better_by: float
    low: float | None
    high: float | None
    p: float | None

    @property
    def is_shown(self) -> bool:
        """Whether the difference is smaller than the margin, beyond chance."""
        return self.p is not None and self.p < ALPHA


def equivalence_of(tasks: Sequence[NDArray[np.float64]], *, margin: float = MARGIN) -> Equivalence:
    """Test whether the mean difference lies between the margin below 0 and the margin above.

    Args:
        tasks: For each task one difference a user, float64[users], all in one unit.
        margin: What does not matter.

    Raises:
        ValueError: If there is no task, or the margin is not above 0.
    """
    if margin <= 0:
        raise ValueError(f"a margin must be above 0, not {margin}")
    mean = mean_over([mean_of(each) for each in tasks])
    low, high = mean.interval(1 - 2 * ALPHA)
    not_worse, not_better = mean.chance_above(-margin), mean.scaled(-1).chance_above(-margin)
    return Equivalence(
        n_users=sum(map(len, tasks)),
        better_by=mean.value,
        low=low,
        high=high,
        p=None if not_worse is None or not_better is None else max(not_worse, not_better),
    )
