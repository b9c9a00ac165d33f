"""How well a score tells two groups apart, and how sure that is.

The area under the curve is the chance that a member scores higher than another text; 0.5 is guessing. Its interval is
the score interval of Newcombe 2006 (Statistics in Medicine 25, part 2, method 5): as Wilson's for a share, it keeps its
width where a few texts are told apart without an error, which those of DeLong and of the bootstrap do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST = 10
"""With fewer texts than this in either group nothing is said: the interval would be too wide to mean anything."""

FALSE_ALARMS = 0.05
"""The share of other texts that may be taken for members where it is asked how many members are found."""
LEAST_FOR_ALARMS = 20

_Z = 1.959964
_STEPS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Area:
    """An area under the curve with its 95 % interval.

    Args:
        value: The area, 0 to 1.
        low: The interval's lower end.
        high: Its upper end.
        found: The share of members that are found while no more than :data:`FALSE_ALARMS` of the others are taken for
            one; ``None`` with fewer than :data:`LEAST_FOR_ALARMS` others.
    """

    value: float
    low: float
    high: float
    found: float | None


def area_of(members: NDArray[np.float64], others: NDArray[np.float64]) -> Area | None:
    """Return the area for the scores of members, float64[m], and of others, float64[n]; ``None`` with too few."""
    m, n = len(members), len(others)
    if min(m, n) < LEAST:
        return None
    higher = (members[:, None] > others).sum() + 0.5 * (members[:, None] == others).sum()
    value = float(higher / (m * n))
    return Area(
        value=value,
        low=_end(value, 0.0, lambda area: value - area > _Z * _spread(area, m, n)),
        high=_end(value, 1.0, lambda area: area - value > _Z * _spread(area, m, n)),
        found=_found(members, others),
    )


def _spread(area: float, m: int, n: int) -> float:
    """Return the standard error of an area, if this is the true one (Hanley & McNeil 1982, with both groups' mean)."""
    half = (m + n) / 2 - 1
    variance = area * (1 - area) * (1 + half * (1 - area) / (2 - area) + half * area / (1 + area)) / (m * n)
    return float(np.sqrt(variance))


def _end(inside: float, outside: float, is_too_far: Callable[[float], bool]) -> float:
    """Return where, between a value and a bound, a true area becomes too far from the value to be believed."""
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        if is_too_far(middle):
            outside = middle
        else:
            inside = middle
    return inside


def _found(members: NDArray[np.float64], others: NDArray[np.float64]) -> float | None:
    if len(others) < LEAST_FOR_ALARMS:
        return None
    n_alarms = int(FALSE_ALARMS * len(others))
    highest_allowed = np.sort(others)[len(others) - n_alarms - 1]
    return float((members > highest_allowed).mean())
