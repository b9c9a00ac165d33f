"""What searches of recipes are compared on: users whose loss is known at every recipe that may be chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.recipe_table import DEFAULT, FRACTIONS, Training, grid
from ondevice.adaptation.recipes.front import Pair, hypervolume
from ondevice.adaptation.recipes.recipe import LoraRecipe, ModelShape
from ondevice.adaptation.recipes.space import Point, SearchSpace

SHAPE = ModelShape(
    architecture="llama", n_blocks=30, dim=576, n_heads=9, n_kv_heads=3, head_dim=64, ffn_dim=1536, vocabulary=49152
)
"""Of the default generator, on which the trainings were recorded."""

_WITHOUT = 2.5
_NOISE = 0.006


class PartOfSpace(SearchSpace):
    """The points of a space that are known for a user."""

    def __init__(self, points: Sequence[Point]) -> None:
        """Keep these points only."""
        super().__init__(SHAPE)
        self.points = tuple(points)
        self.n_parameters = np.array([self.recipe(point).n_parameters(SHAPE) for point in points])


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class KnownUser:
    """One user's losses, known before any search: an ``Evaluator`` that looks them up.

    Shapes: losses float64[n_points] by fraction.

    Args:
        name: Told in the results.
        space: What may be chosen.
        without: The loss without an adapter.
        losses: After a part of the training, and after all of it.
        places: Where a recipe stands among the points.
    """

    name: str
    space: SearchSpace
    without: float
    losses: dict[float, NDArray[np.float64]]
    places: dict[LoraRecipe, int] = field(repr=False)

    def evaluate(self, recipe: LoraRecipe | None, fraction: float) -> tuple[float, int]:
        """Return the loss that a training would come to, and the adapter's size."""
        if recipe is None:
            return self.without, 0
        place = self.places[recipe]
        return float(self.losses[fraction][place]), int(self.space.n_parameters[place])

    @property
    def default(self) -> int:
        """Where the default recipe stands among the points."""
        return self.space.points.index(DEFAULT)

    @property
    def sizes(self) -> NDArray[np.float64]:
        """Doublings of size: float64[n_points]."""
        doublings: NDArray[np.float64] = np.log2(1.0 + self.space.n_parameters)
        return doublings

    @property
    def best(self) -> float:
        """The lowest loss that any search could find."""
        return min(self.without, float(self.losses[1.0].min()))

    def area(self, pairs: Sequence[Pair]) -> float:
        """Return the area that some measurements dominate, as a part of what all recipes together dominate."""
        reference = (self.without, float(self.sizes.max()) + 1)
        whole = hypervolume(list(zip(self.losses[1.0].tolist(), self.sizes.tolist(), strict=True)), reference)
        return hypervolume(pairs, reference) / whole if whole > 0 else 1.0


def recorded_users(trainings: Sequence[Training], *, minimum: int = len(grid()) // 2) -> Iterator[KnownUser]:
    """Yield the users of a record for whom enough recipes were trained, the default among them."""
    for name in dict.fromkeys(training.user for training in trainings):
        own = {(each.point, each.fraction): each.nll for each in trainings if each.user == name}
        points = [point for point in grid() if all((point, fraction) in own for fraction in FRACTIONS)]
        if len(points) >= minimum and DEFAULT in points:
            losses = {fraction: np.array([own[point, fraction] for point in points]) for fraction in FRACTIONS}
            yield _known(name, PartOfSpace(points), own[None, 1.0], losses)


def made_up_users(count: int) -> Iterator[KnownUser]:
    """Yield users made by a formula over the whole space: what matters differs, and too much of it does harm.

    The gain grows with each part of the model that is adapted, less and less, one part making up for another; a large
    adapter overfits; a short training reaches a part of the gain and overfits less. Every number carries noise.
    """
    space = SearchSpace(SHAPE)
    levels = np.array([0.0, 0.7, 1.0])
    groups = np.array([point.groups for point in space.points], dtype=np.float64)
    projections = np.array([(levels[point.feed_forward], levels[point.attention]) for point in space.points])
    ranks = np.log2([point.rank * point.n_loras for point in space.points])
    for number in range(count):
        random = np.random.default_rng([11, number])
        place = groups @ random.dirichlet(np.full(space.n_groups, 0.7))
        part = 1 - np.exp(-2.5 * projections @ random.dirichlet((1.0, 1.0)))
        capacity = 1 - np.exp(-ranks / random.uniform(0.5, 3.0))
        gain = random.uniform(0.05, 0.5) * place**0.7 * part * capacity
        excess = random.uniform(0.001, 0.02) * np.maximum(0, np.log2(space.n_parameters) - random.uniform(14, 20)) ** 2
        noise = random.normal(0, _NOISE, size=(2, len(space.points)))
        losses = {
            0.25: _WITHOUT - random.uniform(0.3, 0.7) * gain + random.uniform(0.1, 0.6) * excess + noise[0],
            1.0: _WITHOUT - gain + excess + noise[1],
        }
        yield _known(f"made up/{number + 1}", space, _WITHOUT, losses)


def _known(name: str, space: SearchSpace, without: float, losses: dict[float, NDArray[np.float64]]) -> KnownUser:
    places = {space.recipe(point): place for place, point in enumerate(space.points)}
    return KnownUser(name=name, space=space, without=without, losses=losses, places=places)
