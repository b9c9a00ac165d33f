"""Recorded trainings: what every recipe of a small space came to for a few users, so that searches can be replayed.

The space is a part of the product's whose every combination was trained: three places in the model, eight sets of
projections, two ranks. A search that is replayed on it meets losses of real trainings, with their noise.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ondevice.adaptation.recipes.space import ATTENTION, FEED_FORWARD, Point

FRACTIONS = (0.25, 1.0)
RANKS = (2, 8)
PLACES = ((True, True, True, True), (True, True, False, False), (False, False, True, True))
DEFAULT = Point(groups=PLACES[0], feed_forward=0, attention=1, rank=8)
"""The product's default recipe, as a point."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """One recorded training.

    Args:
        user: Task and number.
        point: What was trained; ``None`` for no adapter.
        fraction: Part of the full training.
        nll: Held-out loss in nats per token.
        n_parameters: Of the adapter.
        cpu_seconds: Processor time, with the evaluations before and after.
    """

    user: str
    point: Point | None
    fraction: float
    nll: float
    n_parameters: int
    cpu_seconds: float

    def to_line(self) -> str:
        """Return the training as a line of JSON."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_line(cls, line: str) -> Training:
        """Return the training that :meth:`to_line` wrote."""
        values = json.loads(line)
        point = values.pop("point")
        return cls(point=None if point is None else Point(**{**point, "groups": tuple(point["groups"])}), **values)


def grid() -> list[Point]:
    """Return every point of the recorded space: 48."""
    return [
        Point(groups=groups, feed_forward=feed_forward, attention=attention, rank=rank)
        for groups, feed_forward, attention, rank in itertools.product(
            PLACES, range(len(FEED_FORWARD)), range(len(ATTENTION)), RANKS
        )
        if feed_forward or attention
    ]


def read_trainings(path: Path) -> list[Training]:
    """Return the recorded trainings, in the order of the file."""
    return [Training.from_line(line) for line in path.read_text("utf-8").splitlines()]
