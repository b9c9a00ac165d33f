"""What a search measured, which recipe that makes the winner, and the reasons in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ondevice.adaptation.recipes.front import Pair, front
from ondevice.adaptation.recipes.recipe import LoraRecipe

Origin = Literal["none", "default", "prior", "model"]
"""Why a recipe was measured; ``model``: the surrogate expected the most of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """One measurement.

    Args:
        recipe: ``None`` for no adapter.
        fraction: Part of the full training.
        origin: Why it was measured.
        nll: Held-out loss in nats per token; ``None`` where the training failed.
        n_parameters: Of the adapter; 0 where the training failed.
        failure: What went wrong, if anything did.
        seconds: What it took.
    """

    recipe: LoraRecipe | None
    fraction: float
    origin: Origin
    nll: float | None
    n_parameters: int
    failure: str | None = None
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchResult:
    """The winner, why it is, and all that was measured.

    Args:
        winner: The recipe to train by; ``None`` if no adapter is best.
        why: Sentences with their numbers, the most important first.
        front: Full trainings of which none is beaten in loss and size at once, smallest first.
        evaluations: In order of measurement.
        hypervolume: The area that the front dominates below the loss without an adapter, in nats per token times
            doublings of size, up to one doubling more than the space's largest adapter.
        stopped: Whether the search came to its end.
    """

    winner: LoraRecipe | None
    why: tuple[str, ...]
    front: tuple[Evaluation, ...]
    evaluations: tuple[Evaluation, ...]
    hypervolume: float
    stopped: Literal["done", "cancelled"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Full:
    """A measurement that succeeded with the whole training, so that it may win."""

    evaluation: Evaluation
    nll: float

    @property
    def pair(self) -> Pair:
        """Loss and size."""
        return self.nll, self.evaluation.n_parameters


def full_ones(evaluations: Sequence[Evaluation]) -> list[Full]:
    """Return the measurements that may win, in order."""
    return [Full(evaluation=one, nll=one.nll) for one in evaluations if one.fraction == 1 and one.nll is not None]


def front_of(evaluations: Sequence[Evaluation]) -> tuple[Evaluation, ...]:
    """Return the full trainings of which none is beaten in loss and size at once, smallest first."""
    full = full_ones(evaluations)
    return tuple(full[place].evaluation for place in front([one.pair for one in full]))


def conclude(evaluations: Sequence[Evaluation], *, indifference: float) -> tuple[LoraRecipe | None, tuple[str, ...]]:
    """Return the winner and the reasons: the smallest as good as the best, and no worse than what is always measured.

    An adapter costs memory and time, so it must gain more over no adapter than what counts as equal. Where none does,
    no adapter wins, even where the default's loss is a little lower.

    Args:
        evaluations: All, in order of measurement.
        indifference: Nats per token within which losses count as equal.
    """
    full = full_ones(evaluations)
    if not full:
        return None, ("nothing was measured, so no adapter is used",)
    best = min(full, key=lambda one: one.pair)
    fixed = [one for one in full if one.evaluation.origin in ("none", "default")]
    winner = _winner(full, best, fixed, indifference)
    reasons = [_headline(winner, fixed)]
    if winner is not best:
        reasons.append(
            f"the lowest loss, {best.nll:.4f} of {described(best.evaluation.recipe)}, is no more than {indifference:g} "
            f"lower and takes {best.evaluation.n_parameters} parameters"
        )
    return winner.evaluation.recipe, (*reasons, _effort(evaluations), *_failures(evaluations))


def _winner(full: Sequence[Full], best: Full, fixed: Sequence[Full], indifference: float) -> Full:
    without = next((one.nll for one in full if one.evaluation.recipe is None), math.inf)
    ceiling = min([best.nll + indifference, *(one.nll for one in fixed)])
    able = [one for one in full if one.nll <= ceiling and without - one.nll > indifference]
    # Where even the best gains too little over no adapter, no adapter is the smallest of equals.
    return min(able or [one for one in full if one.evaluation.recipe is None], key=lambda one: one.pair[::-1])


def described(recipe: LoraRecipe | None) -> str:
    """Return a recipe in words."""
    if recipe is None:
        return "no adapter"
    blocks = "all blocks" if recipe.blocks is None else f"{len(recipe.blocks)} blocks from {recipe.blocks[0]} on"
    return f"rank {recipe.rank}, alpha {recipe.alpha:g} on {', '.join(recipe.projections)} of {blocks}"


def _headline(winner: Full, fixed: Sequence[Full]) -> str:
    compared = [
        f"{abs(one.nll - winner.nll):.4f} {'below' if winner.nll <= one.nll else 'above'} "
        f"{'the default' if one.evaluation.origin == 'default' else 'no adapter'}"
        for one in fixed
        if one is not winner
    ]
    size = winner.evaluation.n_parameters
    lead = f", {' and '.join(compared)}" if compared else ""
    return f"{described(winner.evaluation.recipe)}: {winner.nll:.4f} nats per token{lead}, with {size} parameters"


def _effort(evaluations: Sequence[Evaluation]) -> str:
    fractions = sorted({one.fraction for one in evaluations if one.recipe is not None})
    counts = ", ".join(
        f"{sum(one.fraction == fraction for one in evaluations if one.recipe is not None)} with {fraction:.0%}"
        for fraction in fractions
    )
    spent = sum(one.fraction for one in evaluations if one.recipe is not None)
    return f"measured: no adapter, and of the full training {counts or 'nothing'}; {spent:g} full trainings' worth"


def _failures(evaluations: Sequence[Evaluation]) -> list[str]:
    return [
        f"failed with {one.fraction:.0%} of the training: {described(one.recipe)}: {one.failure}"
        for one in evaluations
        if one.failure is not None
    ]
