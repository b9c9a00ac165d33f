"""Comparing by two numbers at once: the loss, and the size of the adapter that reaches it; less of both is better."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

Pair = tuple[float, float]
"""A loss and a size."""


def front(pairs: Sequence[Pair]) -> list[int]:
    """Return the places of the pairs that no other beats in one number without losing in the other, smallest first.

    Of equal pairs the first stands for all.
    """
    places = sorted(range(len(pairs)), key=lambda place: (pairs[place][1], pairs[place][0], place))
    kept: list[int] = []
    for place in places:
        if not kept or pairs[place][0] < pairs[kept[-1]][0]:
            kept.append(place)
    return kept


def hypervolume(pairs: Sequence[Pair], reference: Pair) -> float:
    """Return the area between the front of some pairs and a reference: the larger, the better the front.

    Args:
        pairs: In any order; those that are not better than the reference in both numbers add nothing.
        reference: The loss and the size beyond which nothing counts.

    Source: Zitzler & Thiele 1998.
    """
    inside = [pair for pair in pairs if pair[0] < reference[0] and pair[1] < reference[1]]
    steps = [*(inside[place] for place in front(inside)), reference]
    return sum((reference[0] - loss) * (end - size) for (loss, size), (_, end) in itertools.pairwise(steps))


def widest(pairs: Sequence[Pair], count: int, reference: Pair) -> list[int]:
    """Return the places of the pairs that together span the largest area, the lowest loss before all others.

    Each next one adds the most area to those before it; where none adds any, the lower loss comes first.
    """
    remaining = sorted(range(len(pairs)), key=lambda place: (*pairs[place], place))
    kept = remaining[:1] if count > 0 else []
    remaining = remaining[len(kept) :]
    while remaining and len(kept) < count:
        held = [pairs[place] for place in kept]
        # max() keeps the first of equals, and the remaining ones are in order of their loss.
        best = max(remaining, key=lambda place: hypervolume([*held, pairs[place]], reference))
        kept.append(best)
        remaining.remove(best)
    return kept
