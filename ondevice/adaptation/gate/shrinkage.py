"""The gate where other users' gains are known: a user's own gains, drawn towards the population's.

A few held-out items say little of a user, and many users say much of the next one. So each way's gain over answering
without personalization is estimated from both. Users' gains are normal around the population's mean; the mean of a
user's items is normal around that user's gain. The posterior mean lies between the two, each weighed by its precision:
without items of the user's own the population decides, and with many these do.

A way is taken only if its gain is above zero with a given chance. So what harms most users is not tried on the next
one, retrieval included, until this user's items speak for it.

The standard error of a few items is itself a guess: three that are alike by chance would count as certain. So the
variance of a user's items is drawn towards that of other users' items, which counts like ``_COMMON_ITEMS`` items more.

Source: empirical Bayes and its shrinkage: James & Stein 1961; Efron & Morris 1973, doi:10.1080/01621459.1973.10481350.
Variances drawn together: Smyth 2004, doi:10.2202/1544-6115.1027.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.gate.choosing import GateConfig
from ondevice.adaptation.gate.standing import (
    Posterior,
    Standing,
    Strategy,
    StrategyChoice,
    Verdict,
    cheapest_of_the_best,
    checked_scores,
    standing_of,
)
from ondevice.bundle.gains import PopulationGain, WayGains, check_gains

_REFERENCE: Strategy = "none"
_COMMON_ITEMS = 8


def choose_by_population(
    scores: Mapping[Strategy, NDArray[np.float64]],
    gains: WayGains,
    *,
    profile_size: int,
    config: GateConfig | None = None,
) -> StrategyChoice:
    """Choose among strategies by their scores on a user's held-out items and by what other users gained.

    Taken is the largest posterior mean of those whose gain over none is above zero with the config's ``least_chance``,
    or a cheaper way that has nearly all of it; none where no way is. Any number of items will do, also 0. Ways that
    the population does not tell of are not considered.

    Shapes: every array float64[n_held_out], the same item at the same place.

    Args:
        scores: By strategy; ``none`` and ``rag`` must be among them, the others where they exist.
        gains: What each way gained other users of the same task and model; in the unit of the scores.
        profile_size: Items of the whole profile.
        config: How sure a gain must be.

    Raises:
        ValueError: If ``none`` or ``rag`` is missing, a strategy unknown, or the scores are not finite or not of one
            length; if the gains are of no way, or not of retrieval.
    """
    config = config or GateConfig()
    ordered = checked_scores(scores)
    if _REFERENCE not in ordered:
        raise ValueError("other users' gains are over 'none': the gate needs its scores to compare with")
    check_gains(gains)
    rows = [_standing(name, ordered, gains.get(name), config) for name in ordered]
    # What is compared is the posterior gain over none; the table tells the gain over retrieval, as it always does.
    told = [(row, row.posterior.mean) for row in rows if row.posterior is not None]
    best = cheapest_of_the_best(told, config.shortfall)
    return StrategyChoice(
        strategy=_REFERENCE if best is None else best.strategy,
        why=_reasons(best, rows, gains, len(ordered[_REFERENCE]), config),
        table=tuple(rows),
        n_held_out=len(ordered[_REFERENCE]),
        profile_size=profile_size,
    )


def posterior_of(items: NDArray[np.float64], population: PopulationGain) -> Posterior:
    """Return what a user gains, from the user's own items and the population.

    Args:
        items: Gain of each of the user's items, float64[n]; n may be 0.
        population: What other users gained.
    """
    n, spread = len(items), population.spread
    weight, mean = 0.0, population.mean
    if n:
        own = float(np.mean(items))
        noise = _item_variance(items, population) / n
        weight = spread / (spread + noise)
        mean += weight * (own - mean)
    deviation = math.sqrt(spread * (1 - weight))
    return Posterior(mean=mean, deviation=deviation, chance=_chance_above_zero(mean, deviation))


def _item_variance(items: NDArray[np.float64], population: PopulationGain) -> float:
    squares = float(((items - items.mean()) ** 2).sum())
    return (_COMMON_ITEMS * population.item_variance + squares) / (_COMMON_ITEMS + len(items) - 1)


def _chance_above_zero(mean: float, deviation: float) -> float:
    if deviation == 0:
        return float(mean > 0)
    return 0.5 * math.erfc(-mean / (deviation * math.sqrt(2)))


def _standing(
    name: Strategy,
    scores: Mapping[Strategy, NDArray[np.float64]],
    population: PopulationGain | None,
    config: GateConfig,
) -> Standing:
    row = standing_of(name, scores)
    if name == _REFERENCE:
        return replace(row, verdict="baseline")
    if population is None:
        return row
    posterior = posterior_of(scores[name] - scores[_REFERENCE], population)
    verdict: Verdict = "better" if posterior.mean > 0 and posterior.chance >= config.least_chance else "not shown"
    return replace(row, posterior=posterior, verdict=verdict)


def _reasons(
    chosen: Standing | None, rows: Sequence[Standing], gains: WayGains, n_held_out: int, config: GateConfig
) -> tuple[str, ...]:
    if chosen is None:
        outcome = f"none is chosen: no way gains over it with a chance of {config.least_chance:.0%}"
    else:
        outcome = f"{chosen.strategy} is chosen: it gains over none, for other users and by the items of this one"
    lines = [
        f"{row.strategy}: {row.posterior.mean:+.4f} ± {row.posterior.deviation:.4f} an item over none, above 0 with a "
        f"chance of {row.posterior.chance:.0%}; {_own(row, n_held_out)}, {gains[row.strategy].users} other users "
        f"{gains[row.strategy].mean:+.4f} ± {gains[row.strategy].deviation:.4f}: {row.verdict}"
        for row in sorted(rows, key=lambda row: row is not chosen)
        if row.posterior is not None
    ]
    unknown = ", ".join(row.strategy for row in rows if row.verdict == "not considered")
    if unknown:
        lines.append(f"{unknown}: nothing is known of what other users gained, so it is not considered")
    return (outcome, *lines)


def _own(row: Standing, n_held_out: int) -> str:
    return "no held-out items" if row.over_none is None else f"{n_held_out} held-out items {row.over_none.mean:+.4f}"
