"""Which of the recipes tried becomes the bundle: the fastest or the smallest that holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeVar

from export.conversion.onnx.recipes import Recipe
from export.errors import ParityError
from export.gate.speed import Speed

Preference = Literal["speed", "size"]

# Recipes this near in speed or size are alike in it; then the one nearer to the original is taken.
ALIKE = 0.05


class Tried(Protocol):
    """A recipe that was tried: how large it came out, how fast, and what is wrong with it."""

    @property
    def recipe(self) -> Recipe:
        """What was tried."""

    @property
    def fault(self) -> str | None:
        """Why it cannot be taken, or ``None``."""

    @property
    def n_bytes(self) -> int:
        """The graph's size."""

    @property
    def speed(self) -> Speed | None:
        """How fast it was, where it was timed."""


T = TypeVar("T", bound=Tried)


def best_within(trials: Sequence[T], nearness: Callable[[T], float], *, prefer: Preference) -> T:
    """Return the fastest (or smallest) trial within the bounds; among those alike in that, the nearest to the original.

    Raises:
        ParityError: If none is within the bounds; it tells why the nearest is not.
    """
    within = [trial for trial in trials if trial.fault is None]
    if not within:
        nearest = max(trials, key=nearness)
        raise ParityError(
            f"none of {len(trials)} recipes holds; the nearest, {nearest.recipe.name!r}: {nearest.fault}",
            hint="choose other bounds if the loss is acceptable",
        )
    if prefer == "size":
        smallest = min(trial.n_bytes for trial in within)
        return max((trial for trial in within if trial.n_bytes <= smallest * (1 + ALIKE)), key=nearness)
    fastest = max(_per_s(trial) for trial in within)
    return max((trial for trial in within if _per_s(trial) >= fastest * (1 - ALIKE)), key=nearness)


def _per_s(trial: Tried) -> float:
    return trial.speed.per_s if trial.speed else 0.0
