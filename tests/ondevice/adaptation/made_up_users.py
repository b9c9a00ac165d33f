"""Users whose loss is known at every recipe, so that a search can be judged against the best there is."""

import math
from collections.abc import Callable

import numpy as np

from ondevice.adaptation.recipes.front import hypervolume
from ondevice.adaptation.recipes.recipe import LoraRecipe, ModelShape
from ondevice.adaptation.recipes.space import N_LORAS, RANKS, Point, SearchSpace

SHAPE = ModelShape(
    architecture="llama", n_blocks=30, dim=576, n_heads=9, n_kv_heads=3, head_dim=64, ffn_dim=1536, vocabulary=49152
)
SPACE = SearchSpace(SHAPE)
WITHOUT = 2.5


class MadeUpUser:
    """A loss that falls with what is adapted, each part mattering more or less, and rises where there is too much.

    A short training reaches part of the gain, and every number carries a little noise, always the same for a recipe.
    """

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        group_weights = random.dirichlet(np.full(SPACE.n_groups, 0.7))
        feed_forward, attention = random.uniform(0.3, 1), random.uniform(0.1, 0.8)
        rank_scale, gain = random.uniform(0.5, 2.5), random.uniform(0.05, 0.5)
        enough, excess = random.uniform(15, 20), random.uniform(0.002, 0.02)
        n_points = len(SPACE.points)
        levels = np.array([0, 0.7, 1])
        groups = np.array([point.groups for point in SPACE.points]) @ group_weights
        parts = (
            feed_forward * levels[[point.feed_forward for point in SPACE.points]]
            + attention * levels[[point.attention for point in SPACE.points]]
        )
        rank = np.log2([point.rank * point.n_loras for point in SPACE.points])
        reach = groups**0.7 * (1 - np.exp(-2 * parts)) * (1 - np.exp(-rank / rank_scale))
        too_much = excess * np.maximum(0, np.log2(SPACE.n_parameters) - enough) ** 2
        noise = random.normal(0, 0.006, size=(2, n_points))
        self.full = WITHOUT - gain * reach + too_much + noise[0]
        self._short = WITHOUT - 0.5 * gain * reach + 0.3 * too_much + noise[1]
        self._places = {SPACE.recipe(point): place for place, point in enumerate(SPACE.points)}
        self.calls: list[tuple[LoraRecipe | None, float]] = []

    def evaluate(self, recipe: LoraRecipe | None, fraction: float) -> tuple[float, int]:
        self.calls.append((recipe, fraction))
        if recipe is None:
            return WITHOUT, 0
        losses = self.full if fraction == 1 else self._short
        return float(losses[self._places[recipe]]), recipe.n_parameters(SHAPE)

    def loss(self, recipe: LoraRecipe | None) -> float:
        return WITHOUT if recipe is None else float(self.full[self._places[recipe]])

    @property
    def best(self) -> float:
        return min(WITHOUT, float(self.full.min()))

    @property
    def whole_hypervolume(self) -> float:
        """The area that a search of the whole space would dominate."""
        sizes = np.log2(1.0 + SPACE.n_parameters)
        pairs = list(zip(self.full.tolist(), sizes.tolist(), strict=True))
        return hypervolume(pairs, (WITHOUT, float(sizes.max()) + 1))


class SteadyTrial:
    """A loss without noise, given by a formula of the point; a short training shows the same, nearer to nothing."""

    def __init__(self, loss: Callable[[Point], float]) -> None:
        self._losses = {SPACE.recipe(point): loss(point) for point in SPACE.points}
        self.calls: list[tuple[LoraRecipe | None, float]] = []

    def evaluate(self, recipe: LoraRecipe | None, fraction: float) -> tuple[float, int]:
        self.calls.append((recipe, fraction))
        if recipe is None:
            return WITHOUT, 0
        return WITHOUT + math.sqrt(fraction) * (self._losses[recipe] - WITHOUT), recipe.n_parameters(SHAPE)


def drawn_points(seed: int, count: int) -> list[Point]:
    """Return different points drawn blindly: given as a prior of the right length, they make a random search."""
    random = np.random.default_rng(seed)
    return [SPACE.points[place] for place in random.choice(len(SPACE.points), size=count, replace=False)]


def a_point(feed_forward: int = 2, attention: int = 0, rank: int = RANKS[1], n_loras: int = N_LORAS[0]) -> Point:
    groups = (True,) * SPACE.n_groups
    return Point(groups=groups, feed_forward=feed_forward, attention=attention, rank=rank, n_loras=n_loras)
