"""What the search may choose: which blocks, which projections, what rank, and how many LoRAs lie side by side.

Blocks are taken in groups of neighbours, because neighbours learn much the same and a user's history pays for a dozen
trainings, not for hundreds. That leaves under a thousand recipes: few enough to weigh every one of them.

Source: Zhang et al. 2024, arXiv:2404.03565 (MiLP): several LoRAs, first of all in the feed-forward layers.
Deviation: n LoRAs of rank r on the same projection are trained as one of rank ``n * r`` and n times the alpha, which
computes the same; so their number decides the update's scale at a given total rank, and costs no second adapter.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.recipes.recipe import LoraRecipe, ModelShape

FEED_FORWARD: tuple[tuple[str, ...], ...] = ((), ("down_proj",), ("gate_proj", "up_proj", "down_proj"))
ATTENTION: tuple[tuple[str, ...], ...] = ((), ("q_proj", "v_proj"), ("q_proj", "k_proj", "v_proj", "o_proj"))
"""What level 0, 1 and 2 of a point's ``feed_forward`` and ``attention`` stand for."""

RANKS = (2, 4, 8, 16)
N_LORAS = (1, 2)
ALPHA = 16.0
"""Of each LoRA, as in the default recipe."""

N_GROUPS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One place in the space.

    Args:
        groups: Whether each group of blocks gets matrices, first blocks first; at least one does.
        feed_forward: Level of :data:`FEED_FORWARD`.
        attention: Level of :data:`ATTENTION`; not 0 where the other is.
        rank: Of one LoRA, of :data:`RANKS`.
        n_loras: How many lie side by side, of :data:`N_LORAS`.
    """

    groups: tuple[bool, ...]
    feed_forward: int
    attention: int
    rank: int
    n_loras: int = 1

    def __post_init__(self) -> None:
        """Refuse a point outside the space."""
        if not any(self.groups):
            raise ValueError("a point needs at least one group of blocks")
        if self.feed_forward not in range(len(FEED_FORWARD)) or self.attention not in range(len(ATTENTION)):
            raise ValueError(f"levels {self.feed_forward} and {self.attention} must be 0, 1 or 2")
        if not self.feed_forward and not self.attention:
            raise ValueError("a point needs projections: feed_forward and attention cannot both be 0")
        if self.rank not in RANKS or self.n_loras not in N_LORAS:
            raise ValueError(f"rank {self.rank} must be of {RANKS}, n_loras {self.n_loras} of {N_LORAS}")


class SearchSpace:
    """All points for one shape of model."""

    def __init__(self, shape: ModelShape, *, max_parameters: int | None = None) -> None:
        """Lay out every point whose adapter has at most ``max_parameters`` numbers.

        Raises:
            ValueError: If none is so small.
        """
        self.shape = shape
        self.n_groups = min(N_GROUPS, shape.n_blocks)
        self._groups = [tuple(map(int, part)) for part in np.array_split(np.arange(shape.n_blocks), self.n_groups)]
        points = [point for point in self._all() if self._fits(point, max_parameters)]
        if not points:
            raise ValueError(f"no adapter of this model has at most {max_parameters} parameters")
        self.points: tuple[Point, ...] = tuple(points)
        self.n_parameters: NDArray[np.int64] = np.array([self.recipe(point).n_parameters(shape) for point in points])

    def recipe(self, point: Point) -> LoraRecipe:
        """Return the recipe a point stands for.

        Raises:
            ValueError: If the point has another number of groups than this model.
        """
        if len(point.groups) != self.n_groups:
            raise ValueError(f"the point has {len(point.groups)} groups of blocks, the model {self.n_groups}")
        blocks = itertools.chain.from_iterable(itertools.compress(self._groups, point.groups))
        return LoraRecipe(
            blocks=None if all(point.groups) else tuple(blocks),
            projections=(*FEED_FORWARD[point.feed_forward], *ATTENTION[point.attention]),
            rank=point.rank * point.n_loras,
            alpha=ALPHA * point.n_loras,
        )

    def features(self, points: Sequence[Point] | None = None) -> NDArray[np.float64]:
        """Return points, or all of the space, as numbers between 0 and 1, neighbours in meaning being neighbours.

        Shapes: float64[n_points, n_groups + 4].
        """
        rows = [
            (
                *point.groups,
                point.feed_forward / (len(FEED_FORWARD) - 1),
                point.attention / (len(ATTENTION) - 1),
                RANKS.index(point.rank) / (len(RANKS) - 1),
                N_LORAS.index(point.n_loras) / (len(N_LORAS) - 1),
            )
            for point in (self.points if points is None else points)
        ]
        return np.array(rows, dtype=np.float64)

    def _all(self) -> list[Point]:
        return [
            Point(groups=groups, feed_forward=feed_forward, attention=attention, rank=rank, n_loras=n_loras)
            for groups in itertools.product((True, False), repeat=self.n_groups)
            for feed_forward, attention in itertools.product(range(len(FEED_FORWARD)), range(len(ATTENTION)))
            for rank, n_loras in itertools.product(RANKS, N_LORAS)
            if any(groups) and (feed_forward or attention)
        ]

    def _fits(self, point: Point, max_parameters: int | None) -> bool:
        return max_parameters is None or self.recipe(point).n_parameters(self.shape) <= max_parameters
