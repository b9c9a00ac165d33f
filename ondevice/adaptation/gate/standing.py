"""The ways of answering, and how each did on a user's held-out items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Strategy = Literal["none", "rag", "adapter", "both", "contrast"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
"""Neither, retrieval, the adapter, both, and both contrasted with the base's own next word; cheapest first."""

BASELINE: Strategy = "rag"
WITH_ITEMS: frozenset[Strategy] = frozenset({"rag", "both", "contrast"})
"""Those with retrieved items in the prompt."""

WITH_ADAPTER: frozenset[Strategy] = frozenset({"adapter", "both", "contrast"})
"""Those that answer with what the user's items have taught."""

Verdict = Literal["baseline", "better", "not shown", "fragile", "not considered"]
"""``fragile``: one more item, at worst, would undo the lead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnGain:
    """What a user's own held-out items say of a strategy's gain over none.

    Args:
        mean: Over the items.
        variance: Of the items, unbiased; ``None`` of a single one.
    """

    mean: float
    variance: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Posterior:
    """What is believed of a user's gain over none, from other users and the own items.

    Args:
        mean: The gain that is expected.
        deviation: How far it may be off, one standard deviation.
        chance: That it is above 0.
    """

    mean: float
    deviation: float
    chance: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How one strategy did on the held-out items.

    Args:
        strategy: Its name.
        score: Mean over the items.
        gain: Mean difference to retrieval on the same items.
        p: Chance that luck alone gives any strategy such a lead; ``None`` where it was not tested.
        verdict: What that came to.
        over_none: Its gain over none on the same items; ``None`` without items, or where none was not scored.
        posterior: That gain with other users' taken in; ``None`` where theirs are not known.
    """

    strategy: Strategy
    score: float
    gain: float
    p: float | None
    verdict: Verdict
    over_none: OwnGain | None = None
    posterior: Posterior | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StrategyChoice:
    """The strategy that answers this user, why, and the numbers of all of them.

    Args:
        strategy: The chosen one.
        why: Sentences with their numbers, the most important first.
        table: One row a strategy, cheapest first.
        n_held_out: Items the numbers come from.
        profile_size: Items of the profile.
    """

    strategy: Strategy
    why: tuple[str, ...]
    table: tuple[Standing, ...]
    n_held_out: int
    profile_size: int


def checked_scores(scores: Mapping[Strategy, NDArray[np.float64]]) -> dict[Strategy, NDArray[np.float64]]:
    """Return the scores, cheapest strategy first.

    Raises:
        ValueError: If retrieval is missing, a strategy unknown, or the scores are not finite or not of one length.
    """
    unknown = sorted(set(scores) - set(STRATEGIES))
    if unknown:
        raise ValueError(f"unknown strategies {', '.join(unknown)}: choose of {', '.join(STRATEGIES)}")
    if BASELINE not in scores:
        raise ValueError("the gate needs the scores of retrieval alone, 'rag', to compare with")
    ordered = {name: np.asarray(scores[name], dtype=np.float64) for name in STRATEGIES if name in scores}
    shape = ordered[BASELINE].shape
    for name, values in ordered.items():
        if values.ndim != 1 or values.shape != shape:
            raise ValueError(f"the scores of {name!r} have the shape {values.shape}, those of 'rag' {shape}")
        if not np.isfinite(values).all():
            raise ValueError(f"{int((~np.isfinite(values)).sum())} scores of {name!r} are not finite")
    return ordered


def standing_of(strategy: Strategy, scores: Mapping[Strategy, NDArray[np.float64]]) -> Standing:
    """Return how a strategy did, before anything was concluded from it."""
    own, none = scores[strategy], scores.get("none")
    if not len(own):  # an empty mean is not a number; nothing is compared, and every score reads 0
        return Standing(strategy=strategy, score=0.0, gain=0.0, p=None, verdict="not considered")
    return Standing(
        strategy=strategy,
        score=float(own.mean()),
        gain=float((own - scores[BASELINE]).mean()),
        p=None,
        verdict="not considered",
        over_none=None if none is None else _own_gain(own - none),
    )


def cheapest_of_the_best(rows: Sequence[tuple[Standing, float]], shortfall: float) -> Standing | None:
    """Return the first, so the cheapest, of those shown to be better whose lead comes close to the largest.

    Args:
        rows: Each with its lead, cheapest first.
        shortfall: Part of the largest lead that it may lack.
    """
    shown = [(row, lead) for row, lead in rows if row.verdict == "better"]
    enough = (1 - shortfall) * max((lead for _, lead in shown), default=0.0)
    return next((row for row, lead in shown if lead >= enough), None)


def _own_gain(items: NDArray[np.float64]) -> OwnGain:
    return OwnGain(mean=float(items.mean()), variance=float(items.var(ddof=1)) if len(items) > 1 else None)
