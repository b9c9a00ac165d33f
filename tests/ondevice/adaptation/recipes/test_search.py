"""The search, on users whose best recipe is known."""

import math

import numpy as np
import pytest

from ondevice.adaptation.recipes.outcome import SearchResult
from ondevice.adaptation.recipes.recipe import LoraRecipe
from ondevice.adaptation.recipes.search import SearchConfig, search
from ondevice.adaptation.recipes.space import Point
from ondevice.errors import AdaptationError
from tests.ondevice.adaptation.made_up_users import (
    SHAPE,
    SPACE,
    WITHOUT,
    MadeUpUser,
    SteadyTrial,
    a_point,
    drawn_points,
)

PRIOR = (
    Point(groups=(True, True, True, True), feed_forward=2, attention=0, rank=4),
    Point(groups=(False, False, True, True), feed_forward=2, attention=1, rank=8),
    Point(groups=(False, True, True, False), feed_forward=1, attention=0, rank=8),
)
"""Some starting points; which ones a model ships with is another matter."""
SECRET = "the user's own words"


def how_steep(point: Point) -> float:
    """Best with the feed-forward layers of the last blocks alone, at rank 16."""
    parts = sum(weight for on, weight in zip(point.groups, (-0.02, -0.01, 0.1, 0.2), strict=True) if on)
    return WITHOUT - 0.5 * parts - 0.05 * point.feed_forward + 0.04 * point.attention - 0.002 * point.rank


class FailingTrial(SteadyTrial):
    """Fails in some way wherever attention gets matrices."""

    def __init__(self, failure: Exception | float) -> None:
        super().__init__(how_steep)
        self._failure = failure

    def evaluate(self, recipe: LoraRecipe | None, fraction: float) -> tuple[float, int]:
        nll, n_parameters = super().evaluate(recipe, fraction)
        if recipe is not None and "v_proj" in recipe.projections:
            if isinstance(self._failure, Exception):
                raise self._failure
            return self._failure, n_parameters
        return nll, n_parameters


def shares(user: MadeUpUser, result: SearchResult) -> tuple[float, float]:
    """How much of the possible gain the winner has, and of the possible area the front."""
    possible = max(WITHOUT - user.best, 1e-9)
    return (WITHOUT - user.loss(result.winner)) / possible, result.hypervolume / max(user.whole_hypervolume, 1e-9)


def test_beats_a_random_search_of_the_same_budget() -> None:
    found, blind = [], []
    for seed in range(16):
        user = MadeUpUser(seed)
        found.append(shares(user, search(user, SHAPE, prior=PRIOR)))
        blind.append(shares(user, search(user, SHAPE, prior=drawn_points(seed, 7))))
        assert len(user.calls) == 2 * 12
    leads = np.array(found) - np.array(blind)
    assert (leads.mean(axis=0) > 2 * leads.std(axis=0) / math.sqrt(len(leads))).all()


def test_never_returns_worse_than_no_adapter_or_the_default() -> None:
    kept = 0
    for seed in range(12):
        user = MadeUpUser(seed)
        result = search(user, SHAPE, config=SearchConfig(max_evaluations=6, seed=seed, indifference=0.05))
        if result.winner is None:
            assert user.loss(LoraRecipe()) >= WITHOUT - 0.05
        else:
            kept += 1
            assert user.loss(result.winner) <= user.loss(LoraRecipe())
            assert user.loss(result.winner) < WITHOUT - 0.05
    assert 0 < kept < 12


@pytest.mark.parametrize("gain", [0.0, 2e-6, 0.003])
def test_keeps_no_adapter_that_is_as_good_as_none(gain: float) -> None:
    result = search(SteadyTrial(lambda _: WITHOUT - gain), SHAPE, prior=PRIOR, config=SearchConfig(indifference=0.004))
    assert result.winner is None
    assert result.why[0].startswith(f"no adapter: 2.5000 nats per token, {gain:.4f} {'above' if gain else 'below'}")


def test_a_small_adapter_within_the_indifference_of_none_gives_way_to_a_larger_one_beyond_it() -> None:
    trial = SteadyTrial(lambda point: WITHOUT - (0.005 if point.rank == 16 else 0.002))
    result = search(trial, SHAPE, prior=[a_point(rank=16), *PRIOR], config=SearchConfig(indifference=0.004))
    assert result.winner is not None
    assert result.winner.rank == 16


def test_finds_the_best_there_is_given_the_budget() -> None:
    trial = SteadyTrial(how_steep)
    result = search(trial, SHAPE, prior=PRIOR, config=SearchConfig(max_evaluations=40, indifference=0.0))
    assert result.winner is not None
    best = min(map(how_steep, SPACE.points))
    assert min(one.nll for one in result.front if one.nll is not None) == pytest.approx(best)
    assert set(result.winner.projections) == {"gate_proj", "up_proj", "down_proj"}
    assert result.winner.blocks == tuple(range(16, 30))


def test_no_adapter_wins_where_every_adapter_does_harm() -> None:
    result = search(SteadyTrial(lambda point: WITHOUT + 0.1 + 0.01 * point.rank), SHAPE, prior=PRIOR)
    assert result.winner is None
    assert result.why[0] == "no adapter: 2.5000 nats per token, 0.1800 below the default, with 0 parameters"
    assert [one.origin for one in result.front] == ["none"]
    assert result.hypervolume == 0


def test_the_default_wins_where_it_is_best() -> None:
    default = a_point(feed_forward=0, attention=1, rank=8)
    result = search(SteadyTrial(lambda point: WITHOUT - (0.2 if point == default else 0.1)), SHAPE, prior=PRIOR)
    assert result.winner == LoraRecipe()


def test_takes_the_smallest_of_those_as_good_as_the_best() -> None:
    trial = SteadyTrial(lambda point: WITHOUT - 0.2 - 0.0001 * point.rank * sum(point.groups))
    result = search(trial, SHAPE, prior=PRIOR, config=SearchConfig(indifference=0.01))
    full = [one for one in result.evaluations if one.fraction == 1 and one.recipe is not None]
    smallest = min(full, key=lambda one: one.n_parameters)
    assert smallest.nll is not None
    default = next(one for one in full if one.origin == "default")
    assert default.nll is not None
    allowed = [one for one in full if one.nll is not None and one.nll <= default.nll]
    assert result.winner == min(allowed, key=lambda one: one.n_parameters).recipe


@pytest.mark.parametrize(
    ("max_evaluations", "fractions"),
    [
        *((number, (0.25, 1.0)) for number in (2, 3, 4, 5, 7, 20)),
        *((number, fractions) for number in (2, 3, 12) for fractions in ((1.0,), (0.1, 0.5, 1.0))),
    ],
)
def test_keeps_the_budget_and_measures_nothing_twice(max_evaluations: int, fractions: tuple[float, ...]) -> None:
    trial = SteadyTrial(how_steep)
    told: list[tuple[int, int]] = []
    result = search(
        trial,
        SHAPE,
        prior=PRIOR,
        config=SearchConfig(max_evaluations=max_evaluations, fractions=fractions),
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert len(trial.calls) == len(set(trial.calls)) == len(result.evaluations) <= max_evaluations
    assert trial.calls[:2] == [(None, 1.0), (LoraRecipe(), 1.0)]
    assert told == [(done, max_evaluations) for done in range(1, len(trial.calls) + 1)]
    if max_evaluations > 2:
        assert [one.origin for one in result.evaluations if one.fraction == 1].count("none") == 1
        assert any(one.fraction == 1 and one.origin in ("prior", "model") for one in result.evaluations)


def test_halves_at_each_step() -> None:
    assert SearchConfig().rungs() == (7, 3)
    assert SearchConfig(fractions=(0.25, 0.5, 1.0)).rungs() == (6, 3, 1)
    assert SearchConfig(max_evaluations=4).rungs() == (0, 2)
    assert SearchConfig(fractions=(1.0,)).rungs() == (10,)
    assert SearchConfig(max_evaluations=2).rungs() == (0, 0)


def test_measures_the_prior_before_anything_of_its_own() -> None:
    trial = SteadyTrial(how_steep)
    result = search(trial, SHAPE, prior=PRIOR)
    assert [recipe for recipe, _ in trial.calls[2:5]] == [SPACE.recipe(point) for point in PRIOR]
    assert [one.origin for one in result.evaluations[:6]] == ["none", "default", "prior", "prior", "prior", "model"]


def test_starts_with_the_feed_forward_layers_where_there_is_no_prior() -> None:
    trial = SteadyTrial(how_steep)
    search(trial, SHAPE)
    first = trial.calls[2][0]
    assert first is not None
    assert (first.blocks, first.projections) == (None, ("gate_proj", "up_proj", "down_proj"))


def test_a_prior_of_nothing_new_is_no_trouble() -> None:
    trial = SteadyTrial(how_steep)
    search(trial, SHAPE, prior=[a_point(feed_forward=0, attention=1, rank=8)])
    assert len(set(trial.calls)) == 12


def test_tries_nothing_larger_than_allowed() -> None:
    result = search(MadeUpUser(1), SHAPE, prior=PRIOR, config=SearchConfig(max_parameters=60_000))
    assert all(one.n_parameters <= 60_000 for one in result.evaluations if one.origin != "default")
    assert len(result.evaluations) == 12


def test_ends_when_there_is_nothing_left_to_try() -> None:
    config = SearchConfig(max_parameters=30_000, max_evaluations=200)
    result = search(MadeUpUser(1), SHAPE, config=config)
    assert result.stopped == "done"
    assert len(result.evaluations) < 200


def test_finds_the_same_every_time() -> None:
    assert search(MadeUpUser(5), SHAPE, prior=PRIOR) == search(MadeUpUser(5), SHAPE, prior=PRIOR)


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (RuntimeError(SECRET), "RuntimeError"),
        (MemoryError(), "MemoryError"),
        (AdaptationError("the loss is no longer a number"), "the loss is no longer a number"),
        (math.nan, "the held-out loss is not finite"),
        (math.inf, "the held-out loss is not finite"),
    ],
)
def test_survives_and_reports_trainings_that_fail(failure: Exception | float, told: str) -> None:
    result = search(FailingTrial(failure), SHAPE, prior=PRIOR)
    failed = [one for one in result.evaluations if one.failure is not None]
    # The default is among them.
    assert failed[0].recipe == LoraRecipe()
    assert {(one.failure, one.nll, one.n_parameters) for one in failed} == {(told, None, 0)}
    assert sum(line.startswith("failed with") for line in result.why) == len(failed)
    assert SECRET not in repr(result)
    assert result.winner is not None
    assert "v_proj" not in result.winner.projections
    assert len(result.evaluations) == 12


def test_keeps_away_from_what_failed() -> None:
    origins = [one for one in search(FailingTrial(MemoryError()), SHAPE, prior=PRIOR).evaluations if one.fraction < 1]
    model = [one for one in origins if one.origin == "model"]
    assert sum(one.failure is not None for one in model) < len(model) / 2


def test_survives_that_nothing_can_be_trained() -> None:
    class Hopeless(SteadyTrial):
        def evaluate(self, recipe: LoraRecipe | None, fraction: float) -> tuple[float, int]:
            if recipe is not None:
                raise MemoryError
            return super().evaluate(recipe, fraction)

    result = search(Hopeless(how_steep), SHAPE, prior=PRIOR)
    assert result.winner is None
    assert sum(one.failure == "MemoryError" for one in result.evaluations) == len(result.evaluations) - 1


def test_mistakes_of_the_program_go_through() -> None:
    with pytest.raises(TypeError):
        search(FailingTrial(TypeError("wrong call")), SHAPE, prior=PRIOR)


def test_needs_the_loss_without_an_adapter() -> None:
    class Broken(SteadyTrial):
        def evaluate(self, recipe: LoraRecipe | None, fraction: float) -> tuple[float, int]:
            return math.nan, 0

    with pytest.raises(AdaptationError, match="without an adapter is not finite"):
        search(Broken(how_steep), SHAPE)


@pytest.mark.parametrize("after", [0, 1, 2, 5, 10])
def test_a_cancelled_search_tells_what_it_knows(after: int) -> None:
    trial = SteadyTrial(how_steep)
    result = search(trial, SHAPE, prior=PRIOR, cancelled=lambda: len(trial.calls) > after)
    assert result.stopped == "cancelled"
    # The measurement during which the app cancelled was cut short, and does not count.
    assert (len(trial.calls), len(result.evaluations)) == (after + 1, after)
    assert (result.winner is None) == (after < 2)


def test_explains_itself_in_numbers() -> None:
    result = search(SteadyTrial(how_steep), SHAPE, prior=PRIOR)
    assert "nats per token" in result.why[0]
    assert "below no adapter" in result.why[0]
    assert "below the default" in result.why[0]
    assert any("7 with 25%, 4 with 100%; 5.75 full trainings' worth" in line for line in result.why)


def test_refuses_a_prior_for_another_number_of_blocks() -> None:
    point = Point(groups=(True, True), feed_forward=2, attention=0, rank=4)
    with pytest.raises(ValueError, match="the point has 2 groups of blocks, the model 4"):
        search(SteadyTrial(how_steep), SHAPE, prior=[point])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_evaluations", 1),
        ("fractions", ()),
        ("fractions", (0.5,)),
        ("fractions", (1.0, 0.5)),
        ("fractions", (0.0, 1.0)),
        ("fractions", (0.5, 0.5, 1.0)),
        ("indifference", -0.1),
    ],
)
def test_refuses_settings_under_which_nothing_can_be_found(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        SearchConfig(**{name: value})  # type: ignore[arg-type]
