"""The gate: which way of personalizing answers this user best, judged on the user's own held-out items.

Retrieval is the default, because it hardly ever hurts and works from the first item on. Another strategy takes its
place only where its lead over retrieval on the same items is larger than luck explains. The lead is tested by flipping
signs: if two strategies are equally good for this user, each item's difference could as well have had the other sign.
One flip serves all strategies of an item together, and a strategy must beat the best lead of every flipped world: so
the chance of leaving retrieval without reason is bounded for the whole choice, however many strategies are compared.
Flips say nothing about harm that is rare and has not been seen yet; so the lead must also outlast one more item on
which the strategy loses as much as it ever won or lost on one, or as much as a good item differs from a bad one (the
middle four fifths of retrieval's scores), whichever is more.

This is the rule where nothing is known of a task. Where other users' gains are known,
:mod:`ondevice.adaptation.gate.shrinkage` takes its place: then retrieval is no default, and a small profile may get
more than retrieval. Without them a user's dozen items would decide alone; the best of five ways is then seldom the
best for this user, and retrieval is what helps on average in most of LaMP's tasks.

Source: Salemi & Zamani 2024, arXiv:2409.09510 (what adapters add grows with the profile; retrieval for a cold start);
Westfall & Young 1993 (the largest statistic over all comparisons).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.gate.standing import (
    BASELINE,
    WITH_ADAPTER,
    Standing,
    Strategy,
    StrategyChoice,
    Verdict,
    cheapest_of_the_best,
    checked_scores,
    standing_of,
)

_MOST_EXACT_ITEMS = 12
"""Up to so many items every flip is tried; 4096 of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GateConfig:
    """How much evidence the gate asks for.

    Args:
        error: The chance of leaving retrieval for something that is no better, more than 0 and at most 0.5.
        trusting_size: Profiles of so many items get the whole ``error``; smaller ones their part of it.
        smallest_profile: Items below which nothing learned is considered.
        fewest_held_out: Held-out items below which retrieval stays.
        shortfall: Part of the best lead that a cheaper strategy may lack and still be taken, at least 0 and below 1.
        n_flips: Sign flips drawn where not all can be tried.
        seed: Of those draws.
        least_chance: Where other users' gains are known: how likely a way must gain over none to be taken, at least
            0.5 and below 1. The limits above are then not asked for, but for ``shortfall``.
    """

    error: float = 0.05
    trusting_size: int = 200
    smallest_profile: int = 50
    fewest_held_out: int = 8
    shortfall: float = 0.05
    n_flips: int = 4000
    seed: int = 0
    least_chance: float = 0.8

    def __post_init__(self) -> None:
        """Refuse numbers under which the gate has no meaning."""
        if not 0 < self.error <= 0.5:
            raise ValueError(f"error must be more than 0 and at most 0.5, not {self.error}")
        if not 0 <= self.shortfall < 1:
            raise ValueError(f"shortfall must be at least 0 and below 1, not {self.shortfall}")
        if not 0.5 <= self.least_chance < 1:
            raise ValueError(f"least_chance must be at least 0.5 and below 1, not {self.least_chance}")
        for name in ("trusting_size", "smallest_profile", "fewest_held_out", "n_flips"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, not {getattr(self, name)}")

    def error_for(self, profile_size: int) -> float:
        """Return the chance of error that a profile of this size is given."""
        return self.error * min(1.0, profile_size / self.trusting_size)


def choose(
    scores: Mapping[Strategy, NDArray[np.float64]], *, profile_size: int, config: GateConfig | None = None
) -> StrategyChoice:
    """Choose among strategies by their scores on the same held-out items; retrieval stays unless clearly beaten.

    Of those that beat it the one with the largest lead is taken, or a cheaper one that has nearly all of that lead.

    The items must be ones that neither the adapter nor its search has seen. Any score will do in which more is
    better and which adds up over items: a hit or a miss, ROUGE, the negative error, the log-likelihood of the answer.

    Shapes: every array float64[n_held_out], the same item at the same place.

    Args:
        scores: By strategy; retrieval (``rag``) must be among them, the others where they exist.
        profile_size: Items of the whole profile.
        config: How much evidence is asked for.

    Raises:
        ValueError: If retrieval is missing, a strategy unknown, or the scores are not finite or not of one length.
    """
    config = config or GateConfig()
    ordered = checked_scores(scores)
    n_held_out = len(ordered[BASELINE])
    considered = tuple(name for name in ordered if _is_considered(name, n_held_out, profile_size, config))
    gains = {name: values - ordered[BASELINE] for name, values in ordered.items()}
    p = dict(zip(considered, _chances([gains[name] for name in considered], config), strict=True))
    allowed = config.error_for(profile_size)
    table = tuple(
        replace(standing_of(name, ordered), p=p.get(name), verdict=_verdict(ordered, name, p.get(name), allowed))
        for name in ordered
    )
    chosen = cheapest_of_the_best([(row, row.gain) for row in table], config.shortfall)
    return StrategyChoice(
        strategy=BASELINE if chosen is None else chosen.strategy,
        why=_reasons(chosen, table, allowed, n_held_out, profile_size, config),
        table=table,
        n_held_out=n_held_out,
        profile_size=profile_size,
    )


def _is_considered(strategy: Strategy, n_held_out: int, profile_size: int, config: GateConfig) -> bool:
    if strategy == BASELINE or n_held_out < config.fewest_held_out:
        return False
    return strategy not in WITH_ADAPTER or profile_size >= config.smallest_profile


def _chances(gains: list[NDArray[np.float64]], config: GateConfig) -> list[float]:
    """Return for each strategy how often a world without differences shows a lead as large as its own."""
    if not gains:
        return []
    by_strategy = np.stack(gains)
    # A strategy that equals retrieval on every item has no spread, and a lead of 0.
    spread = np.maximum(np.sqrt((by_strategy**2).sum(axis=1)), np.finfo(np.float64).tiny)
    leads = by_strategy.sum(axis=1) / spread
    flips = _flips(by_strategy.shape[1], config)
    largest = ((flips @ by_strategy.T) / spread).max(axis=1)
    # Sums of the same numbers in another order differ in their last bits; equal leads must count as equal.
    at_least = (largest[:, None] >= leads[None, :] - 1e-9).sum(axis=0)
    if by_strategy.shape[1] <= _MOST_EXACT_ITEMS:
        return [float(count) / len(flips) for count in at_least]
    return [(float(count) + 1) / (len(flips) + 1) for count in at_least]


def _flips(n_items: int, config: GateConfig) -> NDArray[np.float64]:
    if n_items <= _MOST_EXACT_ITEMS:
        patterns = np.arange(2**n_items)[:, None] >> np.arange(n_items)[None, :]
        return (patterns & 1).astype(np.float64) * 2 - 1
    random = np.random.default_rng(config.seed)
    return random.integers(0, 2, size=(config.n_flips, n_items)).astype(np.float64) * 2 - 1


def _verdict(
    scores: Mapping[Strategy, NDArray[np.float64]], strategy: Strategy, p: float | None, allowed: float
) -> Verdict:
    if strategy == BASELINE:
        return "baseline"
    if p is None:
        return "not considered"
    gains = scores[strategy] - scores[BASELINE]
    if p > allowed or gains.sum() <= 0:
        return "not shown"
    return "better" if gains.sum() > _worst_loss(scores[BASELINE], gains) else "fragile"


def _worst_loss(baseline: NDArray[np.float64], gains: NDArray[np.float64]) -> float:
    """Return what one more item may cost at worst, as far as the items seen tell.

    The whole range of the scores would be too much to ask of a likelihood, where one item in many is far out for every
    strategy alike; their middle part alone too little of right and wrong, where it may be 0.
    """
    upper, lower = np.quantile(baseline, [0.9, 0.1])
    return max(float(upper - lower), float(np.abs(gains).max()))


def _reasons(
    chosen: Standing | None,
    table: tuple[Standing, ...],
    allowed: float,
    n_held_out: int,
    profile_size: int,
    config: GateConfig,
) -> tuple[str, ...]:
    tested = [row for row in table if row.p is not None]
    shown = [row for row in tested if row.verdict == "better"]
    outcome = "rag stays: nothing was shown to be better" if chosen is None else f"{chosen.strategy} is chosen"
    best = max(shown, key=lambda row: row.gain, default=None)
    if chosen is not None and best is not None and chosen is not best:
        outcome += f": it costs less than {best.strategy} and has {chosen.gain / best.gain:.0%} of its lead"
    elif len(shown) > 1:
        outcome += f", the largest lead of the {len(shown)} shown to be better than rag"
    lines = [
        f"{row.strategy}: {row.gain:+.4f} an item on rag's {row.score - row.gain:.4f} over {n_held_out} held-out "
        f"items; luck alone leads so far with a chance of {row.p:.2%}, a profile of {profile_size} items is allowed "
        f"{allowed:.2%}: {row.verdict}"
        for row in sorted(tested, key=lambda row: row is not chosen)
    ]
    left_out = ", ".join(row.strategy for row in table if row.verdict == "not considered")
    if n_held_out < config.fewest_held_out:
        lines.append(f"{n_held_out} held-out items are too few to compare by: {config.fewest_held_out} are needed")
    elif left_out:
        lines.append(
            f"{left_out}: a profile of {profile_size} items is too small, {config.smallest_profile} are needed"
        )
    return (outcome, *lines)
