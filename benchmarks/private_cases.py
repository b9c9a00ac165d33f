"""What differential privacy costs and buys: what an adapter gains, and how well its texts are told, against ε.

Of trainings of real users that were recorded (:mod:`benchmarks.private_recording`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Row, summarize
from benchmarks.private_recording import EPSILONS, RECORD, Outcome, read_outcomes

GAIN, AREA, BASE_AREA, NOISE = "gain on unseen texts", "membership, area", "base alone, area", "noise of a step"


def run(models: Path) -> Iterator[Row]:
    """Yield the figures at each ε, over users."""
    outcomes = read_outcomes(RECORD) if RECORD.exists() else []
    for epsilon in EPSILONS:
        of_it = [outcome for outcome in outcomes if outcome.epsilon == epsilon]
        if of_it:
            yield from _figures(of_it, condition_of(epsilon))


def condition_of(epsilon: float | None) -> str:
    """Return how a bound is called in the table."""
    return "no bound" if epsilon is None else f"ε {epsilon:g}"


def _figures(outcomes: list[Outcome], condition: str) -> Iterator[Row]:
    yield summarize([each.gain for each in outcomes], case=GAIN, condition=condition, unit="nats/token")
    yield summarize(
        [each.learned_gain for each in outcomes], case="gain on learned texts", condition=condition, unit="nats/token"
    )
    yield summarize([each.area for each in outcomes], case=AREA, condition=condition, unit="area")
    yield summarize([each.base_area for each in outcomes], case=BASE_AREA, condition=condition, unit="area")
    noise = [each.noise for each in outcomes if each.noise is not None]
    if noise:
        yield summarize(noise, case=NOISE, condition=condition, unit="largest gradients")
    yield summarize([each.seconds for each in outcomes], case="training", condition=condition, unit="s")
