"""Search, for one user, where a LoRA should lie and how large it should be, with a dozen trainings at most.

Measured first: no adapter at all and the default recipe, so that the outcome is never worse than either, beyond what
counts as equal. Then recipes train on a part of the time: the prior's, then those from which most is expected by what
was measured so far. The best spread of them trains in full. The loss on held-out items and the adapter's size stay two
objectives until the end; the winner is the smallest adapter whose loss is as good as the best, or none at all where
none gains more than what counts as equal.

Source: Zhang et al. 2024, arXiv:2404.03565 (MiLP); Jamieson & Talwalkar 2016, arXiv:1502.07943 (successive halving).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.recipes.front import Pair, front, hypervolume, widest
from ondevice.adaptation.recipes.outcome import Evaluation, Origin, SearchResult, conclude, front_of
from ondevice.adaptation.recipes.recipe import LoraRecipe, ModelShape
from ondevice.adaptation.recipes.space import FEED_FORWARD, RANKS, Point, SearchSpace
from ondevice.adaptation.recipes.surrogate import Surrogate, expected_gain
from ondevice.errors import AdaptationError, OndeviceError

_SURVIVED = (OndeviceError, RuntimeError, MemoryError, ArithmeticError)
"""What one training may raise without ending the search; torch's lack of memory is a RuntimeError."""


class Evaluator(Protocol):
    """What the search measures with: a training on this user's items, and a look at the held-out ones."""

    def evaluate(self, recipe: LoraRecipe | None, fraction: float) -> tuple[float, int]:
        """Train by a recipe and return the held-out loss and the adapter's size.

        Args:
            recipe: ``None`` for no adapter: nothing is trained, and the size is 0.
            fraction: Part of the full training, more than 0 and at most 1.

        Returns:
            Nats per token of the held-out answers, and the adapter's parameters.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchConfig:
    """How much is tried.

    Args:
        max_evaluations: Trainings, short ones and the one without an adapter included; at least 2.
        fractions: Parts of the full training, rising, the last 1; each step halves the recipes.
        default: The recipe that is measured in any case.
        indifference: Nats per token within which losses count as equal, so that the smaller adapter wins, or none.
        max_parameters: Larger adapters are not tried; ``None`` for no limit. Does not apply to the default.
        seed: Of the surrogate.
    """

    max_evaluations: int = 12
    fractions: tuple[float, ...] = (0.25, 1.0)
    default: LoraRecipe = field(default_factory=LoraRecipe)
    indifference: float = 0.003
    max_parameters: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse settings under which nothing can be found."""
        if self.max_evaluations < 2:
            raise ValueError(
                f"max_evaluations must be 2 or more, for no adapter and the default, not {self.max_evaluations}"
            )
        rising = list(self.fractions) == sorted(set(self.fractions))
        if not self.fractions or not rising or self.fractions[0] <= 0 or self.fractions[-1] != 1:
            raise ValueError(f"fractions must rise from more than 0 to 1, not {self.fractions}")
        if self.indifference < 0:
            raise ValueError(f"indifference must be 0 or more, not {self.indifference}")

    def rungs(self) -> tuple[int, ...]:
        """Return how many recipes are measured at each fraction, besides no adapter and the default."""
        left = self.max_evaluations - 2
        n_rungs = len(self.fractions)
        first = max(n for n in range(left + 1) if sum(n >> rung for rung in range(n_rungs)) <= left)
        sizes = [first >> rung for rung in range(n_rungs)]
        if sizes[-1] == 0:
            # Too few for halving: a recipe that never trains in full could not win.
            return (*[0] * (n_rungs - 1), left)
        sizes[-1] += left - sum(sizes)
        return tuple(sizes)


def search(
    trial: Evaluator,
    shape: ModelShape,
    *,
    prior: Sequence[Point] = (),
    config: SearchConfig | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> SearchResult:
    """Find the recipe that suits one user best, within a budget of trainings.

    A training that fails costs its part of the budget, is told in the result, and its recipe counts as useless.

    Args:
        trial: What measures; must give the same numbers for the same recipe.
        shape: Of the base model.
        prior: Points to measure first; without any, the feed-forward layers of all blocks.
        config: How much is tried.
        on_progress: Called after each measurement with how many are done, and of how many.
        cancelled: Signal between measurements; the result then holds what is known by then.

    Raises:
        ValueError: If the prior is for another number of blocks, or no adapter is small enough.
        AdaptationError: If the loss without an adapter is not finite; whatever the trial raises there goes through.
    """
    config = config or SearchConfig()
    run = _Run(trial, SearchSpace(shape, max_parameters=config.max_parameters), config, on_progress, cancelled)
    run.measure(None, 1.0, "none")
    run.measure(config.default, 1.0, "default")
    rungs = [(fraction, count) for fraction, count in zip(config.fractions, config.rungs(), strict=True) if count]
    explored = run.explore(*rungs[0], prior) if rungs else []
    for fraction, count in rungs[1:]:
        explored = run.promote(explored, fraction, count)
    return run.result()


class _Run:
    """One search under way."""

    def __init__(
        self,
        trial: Evaluator,
        space: SearchSpace,
        config: SearchConfig,
        on_progress: Callable[[int, int], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._trial = trial
        self._space = space
        self._config = config
        self._on_progress = on_progress
        self._cancelled = cancelled
        self._stopped = False
        self._without = math.inf
        self._done: list[Evaluation] = []
        self._features = space.features()
        self._sizes = np.log2(1.0 + space.n_parameters)

    def explore(self, fraction: float, count: int, prior: Sequence[Point]) -> list[Evaluation]:
        """Measure recipes that were not measured before: the prior's first, then the most promising."""
        default = self._config.default
        free = np.array([self._space.recipe(point) != default for point in self._space.points])
        starts = self._starts(prior, free)
        places: list[int] = []
        found: list[Evaluation] = []
        for _ in range(min(count, int(free.sum()))):
            start = next((place for place in starts if free[place]), None)
            place = self._most_promising(places, found, free) if start is None else start
            recipe = self._space.recipe(self._space.points[place])
            evaluation = self.measure(recipe, fraction, "model" if start is None else "prior")
            if evaluation is None:
                break
            free[place] = False
            places.append(place)
            found.append(evaluation)
        return found

    def promote(self, explored: Sequence[Evaluation], fraction: float, count: int) -> list[Evaluation]:
        """Measure those again, with more training, that spread the front the most."""
        able = [(one, one.nll) for one in explored if one.nll is not None]
        pairs = [(nll, math.log2(1 + one.n_parameters)) for one, nll in able]
        kept = widest(pairs, count, self._reference)
        again = [self.measure(able[place][0].recipe, fraction, able[place][0].origin) for place in kept]
        return [one for one in again if one is not None]

    def measure(self, recipe: LoraRecipe | None, fraction: float, origin: Origin) -> Evaluation | None:
        """Measure once; ``None`` if the app has cancelled, because a training cut short says nothing."""
        if self._is_over():
            return None
        began = time.monotonic()
        nll, n_parameters, failure = self._tried(recipe, fraction)
        if self._is_over():
            return None
        if recipe is None:
            if nll is None:
                raise AdaptationError("the held-out loss without an adapter is not finite")
            self._without = nll
        evaluation = Evaluation(
            recipe=recipe,
            fraction=fraction,
            origin=origin,
            nll=nll,
            n_parameters=n_parameters,
            failure=failure,
            seconds=time.monotonic() - began,
        )
        self._done.append(evaluation)
        if self._on_progress is not None:
            self._on_progress(len(self._done), self._config.max_evaluations)
        return evaluation

    def result(self) -> SearchResult:
        """Draw the conclusion."""
        winner, why = conclude(self._done, indifference=self._config.indifference)
        kept = front_of(self._done)
        pairs = [(one.nll, math.log2(1 + one.n_parameters)) for one in kept if one.nll is not None]
        return SearchResult(
            winner=winner,
            why=why,
            front=kept,
            evaluations=tuple(self._done),
            hypervolume=hypervolume(pairs, self._reference),
            stopped="cancelled" if self._stopped else "done",
        )

    @property
    def _reference(self) -> Pair:
        """What no adapter loses, and twice the largest adapter: what is not better than both is no use."""
        return self._without, float(self._sizes.max()) + 1

    def _is_over(self) -> bool:
        self._stopped = self._stopped or (self._cancelled is not None and self._cancelled())
        return self._stopped

    def _tried(self, recipe: LoraRecipe | None, fraction: float) -> tuple[float | None, int, str | None]:
        try:
            nll, n_parameters = self._trial.evaluate(recipe, fraction)
        except _SURVIVED as error:
            if recipe is None:
                raise
            # Only our own messages are known to hold nothing of the user's.
            return None, 0, error.message if isinstance(error, OndeviceError) else type(error).__name__
        if not math.isfinite(nll):
            return None, 0, "the held-out loss is not finite"
        return nll, n_parameters, None

    def _starts(self, prior: Sequence[Point], free: NDArray[np.bool_]) -> list[int]:
        """Return the places of the prior's points; of the feed-forward layers, where there is none that fits."""
        for point in prior:
            self._space.recipe(point)
        all_groups = (True,) * self._space.n_groups
        usual = Point(groups=all_groups, feed_forward=len(FEED_FORWARD) - 1, attention=0, rank=RANKS[1])
        places = {point: place for place, point in enumerate(self._space.points) if free[place]}
        starts = [places[point] for point in prior if point in places]
        return list(dict.fromkeys(starts)) or [places.get(usual, int(np.where(free, self._sizes, 0).argmax()))]

    def _most_promising(self, places: Sequence[int], found: Sequence[Evaluation], free: NDArray[np.bool_]) -> int:
        losses = [one.nll for one in found if one.nll is not None]
        # A failed training teaches the surrogate to keep away: as bad as the worst, and no better than none at all.
        worst = max([self._without, *losses])
        measured = np.array([worst if one.nll is None else one.nll for one in found])
        able = [
            (one.nll, float(self._sizes[place]))
            for place, one in zip(places, found, strict=True)
            if one.nll is not None
        ]
        surrogate = Surrogate(self._features[list(places)], measured, seed=self._config.seed)
        gain = expected_gain(
            surrogate, self._features, self._sizes, [able[place] for place in front(able)], self._reference
        )
        return int(np.where(free, gain, -math.inf).argmax())
