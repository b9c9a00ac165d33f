"""Take samples, keep the median and the spread, and hold them against an aim."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measured quantity: median and 10th and 90th percentile of ``n`` samples, in ``unit``."""

    case: str
    condition: str
    unit: str
    median: float
    low: float
    high: float
    n: int
    aim: float | None = None
    aim_is_minimum: bool = False

    @property
    def verdict(self) -> str:
        """Return OK or MISSED where there is an aim, else nothing."""
        if self.aim is None:
            return ""
        holds = self.median >= self.aim if self.aim_is_minimum else self.median <= self.aim
        return "OK" if holds else "MISSED"

    def as_json(self) -> dict[str, Any]:
        """Return the row with its verdict, ready for JSON."""
        return {**asdict(self), "verdict": self.verdict}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the row that :meth:`as_json` told."""
        return cls(**{name: value for name, value in values.items() if name != "verdict"})


def time_ms(call: Callable[..., object], *args: object) -> float:
    """Call once with ``args`` and return the wall time in milliseconds."""
    start = time.perf_counter_ns()
    call(*args)
    return (time.perf_counter_ns() - start) / 1e6


def summarize(
    samples: Sequence[float],
    *,
    case: str,
    condition: str,
    unit: str = "ms",
    aim: float | None = None,
    aim_is_minimum: bool = False,
) -> Row:
    """Reduce samples to a row."""
    ordered = sorted(samples)
    last = len(ordered) - 1
    return Row(
        case=case,
        condition=condition,
        unit=unit,
        median=statistics.median(ordered),
        low=ordered[round(0.1 * last)],
        high=ordered[round(0.9 * last)],
        n=len(ordered),
        aim=aim,
        aim_is_minimum=aim_is_minimum,
    )


def alternate(first: Callable[[], float], second: Callable[[], float], *, n: int) -> tuple[list[float], list[float]]:
    """Sample two alternatives in turns, so that the machine's moods fall on both alike."""
    pairs = [(first(), second()) for _ in range(n)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
