"""Ways to make a model smaller, tried under bounds: what each came to, and which of those that hold is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, Protocol, TypeVar

from export.errors import ParityError
from export.gate.speed import Speed
from ondevice.bundle import GateResult

Preference = Literal["speed", "size"]

# Trials this near in speed or size are alike in it; then the one nearer to the original is taken.
ALIKE = 0.05
_WORST_IS_LARGEST = ("regret", "score_error")


class Named(Protocol):
    """A way to make a model smaller."""

    @property
    def name(self) -> str:
        """What tables and manifests call it."""


Way = TypeVar("Way", bound=Named)
Pace = TypeVar("Pace")


@dataclass(frozen=True, kw_only=True)  # no slots: made by way of an alias, a generic class wants to note which
class Trial(Generic[Way, Pace]):
    """What one way came to.

    Args:
        recipe: Which.
        path: The file it made.
        n_bytes: The file's size.
        results: What the gate measured, with the bounds it was held to.
        fault: Why it is outside the bounds or could not be made; ``None`` where it is within.
        speed: How fast it was beside the original in the same run; ``None`` where it was not timed.
    """

    recipe: Way
    path: Path
    n_bytes: int = 0
    results: tuple[GateResult, ...] = ()
    fault: str | None = None
    speed: Pace | None = None

    def value(self, measure: str) -> float | None:
        """Return the worst value that a measure had over all data: the largest loss, the smallest of anything else."""
        found = [result.value for result in self.results if result.measure == measure]
        if not found:
            return None
        return max(found) if measure.endswith("_drop") or measure in _WORST_IS_LARGEST else min(found)

    def row(self, measures: Mapping[str, str], speeds: Mapping[str, str]) -> dict[str, str | float | None]:
        """Return the trial as a row of a report.

        Args:
            measures: By the column, which measure stands in it.
            speeds: By the column, which number of the speed stands in it.
        """
        return {
            "recipe": self.recipe.name,
            **{column: self.value(measure) for column, measure in measures.items()},
            **{column: getattr(self.speed, number, None) for column, number in speeds.items()},
            "MB": self.n_bytes / 1e6,
            "fault": self.fault,
        }


def best_within(trials: Sequence[Trial[Way, Speed]], *, nearest_by: str, prefer: Preference) -> Trial[Way, Speed]:
    """Return the fastest (or smallest) trial within the bounds; among those alike in that, the nearest to the original.

    Args:
        trials: What was tried.
        nearest_by: The measure that is the higher, the nearer a trial is to the original.
        prefer: Whether the fastest or the smallest is wanted.

    Raises:
        ParityError: If none is within the bounds; it tells why the nearest is not.
    """

    def nearness(trial: Trial[Way, Speed]) -> float:
        value = trial.value(nearest_by)
        return float("-inf") if value is None else value

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


def _per_s(trial: Trial[Way, Speed]) -> float:
    return trial.speed.per_s if trial.speed else 0.0
