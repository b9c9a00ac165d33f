"""How fast things are beside each other, on a machine whose clock is noisy."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from export.gate.cpu import cpu_class
from ondevice.bundle import GateResult


@dataclass(frozen=True, kw_only=True, slots=True)
class Speed:
    """How fast one thing was, in the same run as its baseline.

    Args:
        name: Which thing.
        baseline: Which thing it is compared with.
        n_items: Texts (or tokens) that one call works on.
        rounds_s: Seconds of each round.
        per_s: Items a second, by the median round.
        spread: Half the distance between the quartiles of the rounds, over their median.
        ratio: Times as fast as the baseline: the median of the rounds' own ratios, so that a slow minute, which hits
            both, cancels.
        ratio_low: The lower quartile of the rounds' ratios.
        ratio_high: The upper quartile.
    """

    name: str
    baseline: str
    n_items: int
    rounds_s: tuple[float, ...]
    per_s: float
    spread: float
    ratio: float
    ratio_low: float
    ratio_high: float

    def results(self, *, data: str, unit: str = "texts", cpu: str | None = None) -> tuple[GateResult, ...]:
        """Return ``texts_per_s`` and ``speed_ratio`` as a manifest holds them; n is the number of rounds."""
        return tuple(
            GateResult(measure=name, value=value, bound=None, data=data, n=len(self.rounds_s), cpu=cpu or cpu_class())
            for name, value in ((f"{unit}_per_s", self.per_s), ("speed_ratio", self.ratio))
        )


def measure_speed(
    calls: Mapping[str, Callable[[], object]],
    *,
    baseline: str,
    n_items: int,
    n_rounds: int = 7,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[Speed, ...]:
    """Time the calls in interleaved rounds, after one round that does not count.

    Every round runs each call once, beginning with another one each time, so that none always profits from what ran
    before it.

    Args:
        calls: By name, what does the whole work once.
        baseline: The name that ratios refer to.
        n_items: Texts (or tokens) that each call works on.
        n_rounds: Rounds that count.
        on_progress: Called with (done, total) after each call.
    """
    if baseline not in calls:
        raise ValueError(f"the baseline {baseline!r} is none of the {len(calls)} calls")
    if n_items < 1 or n_rounds < 1:
        raise ValueError(f"n_items {n_items} and n_rounds {n_rounds} must be 1 or more")
    names = list(calls)
    seconds = np.zeros((n_rounds + 1, len(names)))
    for number in range(n_rounds + 1):
        for step in range(len(names)):
            index = (number + step) % len(names)
            start = time.perf_counter()
            calls[names[index]]()
            seconds[number, index] = time.perf_counter() - start
            if on_progress is not None:
                on_progress(number * len(names) + step + 1, (n_rounds + 1) * len(names))
    counted = np.maximum(seconds[1:], 1e-9)  # a clock too coarse for the call must not divide by zero
    base = counted[:, names.index(baseline)]
    return tuple(_speed(name, baseline, n_items, counted[:, index], base) for index, name in enumerate(names))


def _speed(name: str, baseline: str, n_items: int, rounds: np.ndarray, base: np.ndarray) -> Speed:
    low, median, high = np.percentile(rounds, [25, 50, 75])
    ratio_low, ratio, ratio_high = np.percentile(base / rounds, [25, 50, 75])
    return Speed(
        name=name,
        baseline=baseline,
        n_items=n_items,
        rounds_s=tuple(float(each) for each in rounds),
        per_s=float(n_items / median),
        spread=float((high - low) / 2 / median),
        ratio=float(ratio),
        ratio_low=float(ratio_low),
        ratio_high=float(ratio_high),
    )
