"""How alike the personas of different users are: where all are one, it is a prompt of the task and tells of nobody.

A persona depends on the request too, and each user is asked something else. So the cosine is a lower bound of how alike
two users' rows would be behind the same request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SMALLEST_NORM = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedPersona:
    """The persona that one question was answered with.

    Args:
        n_items: Items that have a part in it.
        likeness: The mean cosine between its rows and those of other users, each row with the one in its place;
            ``None`` where there are no items, no rows of the user, or no other user who has both.
    """

    n_items: int
    likeness: float | None = None


def asked_personas(
    rows: Sequence[NDArray[np.float32]], n_items: Sequence[int], users: Sequence[str]
) -> list[AskedPersona]:
    """Return the personas of a cell, in the order of its questions.

    Other users count alike, however many questions they ask. Who has no items is left out: their rows are nobody's.

    Args:
        rows: Each question's rows that tell of the user.
        n_items: The items that have a part in them.
        users: Who asked.

    Shapes: each of ``rows`` float32[rows, embedding size], all alike.
    """
    places = [place for place, n in enumerate(n_items) if n and len(rows[place])]
    likeness: dict[int, float] = {}
    asked = [users[place] for place in places]
    names = list(dict.fromkeys(asked))
    if len(names) > 1:
        units = np.stack([_unit(rows[place]) for place in places])
        whose = np.array([names.index(user) for user in asked])
        means = np.stack([units[whose == number].mean(axis=0) for number in range(len(names))])
        others = (means.sum(axis=0) - means[whose]) / (len(names) - 1)
        likeness = dict(zip(places, (units * others).sum(axis=1).tolist(), strict=True))
    return [AskedPersona(n_items=n, likeness=likeness.get(place)) for place, n in enumerate(n_items)]


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the rows behind one another, so that the product of two is the mean cosine of their rows."""
    wide = rows.astype(np.float64)
    norms = np.maximum(np.sqrt((wide * wide).sum(axis=1, keepdims=True)), _SMALLEST_NORM)
    unit: NDArray[np.float64] = (wide / norms).ravel() / np.sqrt(len(wide))
    return unit
