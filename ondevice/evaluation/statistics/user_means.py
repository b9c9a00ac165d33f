"""From scores of questions to one number a user: the mean over that user's questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Cell(NamedTuple):
    """A strategy, and whose history it reads, such as ``("bm25", "own")``."""

    strategy: str
    history: str = "own"


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskScores:
    """One task's scores in one measure, question by question, at one number of items and in one decoding.

    Args:
        task: Its name.
        measure: What is scored.
        span: How far apart the worst and the best score can be, in which a margin can be told; 1 for nats.
        users: Who asked each question.
        cells: Each cell's scores in the questions' order; more is better, whatever the measure.
    """

    task: str
    measure: str
    span: float = 1.0
    users: Sequence[str] = field(repr=False)
    cells: Mapping[Cell, NDArray[np.float64]] = field(repr=False)

    def has(self, *cells: Cell) -> bool:
        """Say whether all these cells were measured."""
        return all(cell in self.cells for cell in cells)

    def differences(self, first: Cell, second: Cell) -> NDArray[np.float64]:
        """Return how much better ``first`` is than ``second``: one mean of paired differences a user.

        Shapes: → float64[users].

        Raises:
            KeyError: If one of them was not measured.
        """
        return user_means(self.cells[first] - self.cells[second], self.users)


def user_means(values: NDArray[np.float64], users: Sequence[str]) -> NDArray[np.float64]:
    """Return each user's mean, the users in the order in which they ask first.

    Shapes: values float64[n], users n names → float64[different users].

    Raises:
        ValueError: If there are not as many users as values, or none.
    """
    if len(users) != len(values) or not len(values):
        raise ValueError(f"{len(users)} users do not fit {len(values)} values")
    places = {user: place for place, user in enumerate(dict.fromkeys(users))}
    rows = [places[user] for user in users]
    sums = np.bincount(rows, weights=values, minlength=len(places))
    return np.asarray(sums / np.bincount(rows, minlength=len(places)))
