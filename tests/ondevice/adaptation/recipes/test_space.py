import dataclasses

import numpy as np
import pytest

from ondevice.adaptation.recipes.recipe import LoraRecipe, ModelShape
from ondevice.adaptation.recipes.space import N_LORAS, RANKS, SearchSpace
from tests.ondevice.adaptation.made_up_users import SHAPE, SPACE, a_point


def test_holds_every_combination_once() -> None:
    # 15 choices of groups, 8 of projections, of ranks 4 and of numbers 2.
    assert len(SPACE.points) == len(set(SPACE.points)) == 15 * 8 * len(RANKS) * len(N_LORAS)
    assert len({SPACE.recipe(point) for point in SPACE.points}) == len(SPACE.points)


def test_counts_what_the_recipes_count() -> None:
    assert SPACE.n_parameters.tolist() == [SPACE.recipe(point).n_parameters(SHAPE) for point in SPACE.points]


def test_groups_are_neighbouring_blocks_that_cover_the_model() -> None:
    recipes = [
        SPACE.recipe(dataclasses.replace(a_point(), groups=tuple(place == group for place in range(4))))
        for group in range(4)
    ]
    blocks = [recipe.blocks or () for recipe in recipes]
    assert [len(part) for part in blocks] == [8, 8, 7, 7]
    assert sum(blocks, ()) == tuple(range(30))


def test_all_groups_are_all_blocks() -> None:
    assert SPACE.recipe(a_point()).blocks is None


def test_the_default_recipe_is_in_the_space() -> None:
    assert SPACE.recipe(a_point(feed_forward=0, attention=1, rank=8)) == LoraRecipe()


def test_loras_side_by_side_are_one_of_their_ranks_together_with_the_same_scale() -> None:
    one, two = (SPACE.recipe(a_point(rank=4, n_loras=n_loras)) for n_loras in (1, 2))
    assert (two.rank, two.alpha / two.rank) == (2 * one.rank, one.alpha / one.rank)


def test_leaves_out_what_is_too_large() -> None:
    small = SearchSpace(SHAPE, max_parameters=100_000)
    assert 0 < len(small.points) < len(SPACE.points)
    assert small.n_parameters.max() <= 100_000
    with pytest.raises(ValueError, match="no adapter of this model has at most 10 parameters"):
        SearchSpace(SHAPE, max_parameters=10)


@pytest.mark.parametrize("n_blocks", [1, 2, 3])
def test_a_model_of_few_blocks_has_as_many_groups(n_blocks: int) -> None:
    shape: ModelShape = dataclasses.replace(SHAPE, n_blocks=n_blocks)
    space = SearchSpace(shape)
    assert space.n_groups == n_blocks
    with pytest.raises(ValueError, match=f"the point has 4 groups of blocks, the model {n_blocks}"):
        space.recipe(a_point())


def test_features_lie_between_0_and_1_and_tell_points_apart() -> None:
    features = SPACE.features()
    assert features.shape == (960, 8)
    assert (features.min(), features.max()) == (0.0, 1.0)
    assert len(np.unique(features, axis=0)) == 960


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"groups": (False, False)}, "at least one group"),
        ({"feed_forward": 3}, "levels 3 and 0"),
        ({"attention": -1}, "levels 2 and -1"),
        ({"feed_forward": 0}, "cannot both be 0"),
        ({"rank": 3}, "rank 3"),
        ({"n_loras": 3}, "n_loras 3"),
    ],
)
def test_refuses_points_outside_the_space(change: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(a_point(), **change)  # type: ignore[arg-type]
