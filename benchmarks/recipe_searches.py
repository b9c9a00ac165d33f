"""The searches that are compared, each given the same number of measurements, no adapter and the default among them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.recipe_objectives import KnownUser
from ondevice.adaptation.recipes.front import Pair
from ondevice.adaptation.recipes.search import SearchConfig, _Run
from ondevice.adaptation.recipes.space import Point

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a search of one user knows at its end.

    Args:
        pairs: Loss and doublings of size of what trained in full, no adapter first.
        cost: Full trainings' worth of what was trained.
        choosing_seconds: Time that choosing took; measuring is a look-up here.
    """

    pairs: tuple[Pair, ...]
    cost: float
    choosing_seconds: float

    @property
    def loss(self) -> float:
        """The lowest loss."""
        return min(loss for loss, _ in self.pairs)


Search = Callable[[KnownUser, Sequence[int], int], list[Found]]
"""From a user, numbers of measurements, rising, and a seed: what is known after each."""


PriorOf = Callable[[KnownUser], Sequence[Point]]
"""The points to measure first for a user."""


def own(*, fractions: Sequence[float], prior: PriorOf = lambda _: (), more: float = 1.0) -> Search:
    """Return the product's search, restricted to what is known of a user.

    Args:
        fractions: Parts of the full training.
        prior: Points to measure first; those that are not known of the user are passed over.
        more: So many times as many measurements are allowed; short trainings make up for it in time.
    """

    def once(user: KnownUser, budget: int, seed: int) -> Found:
        began = time.perf_counter()
        config = SearchConfig(max_evaluations=budget, fractions=tuple(fractions), seed=seed)
        search = _Run(user, user.space, config, None, None)
        search.measure(None, 1.0, "none")
        search.measure(config.default, 1.0, "default")
        rungs = [(part, count) for part, count in zip(config.fractions, config.rungs(), strict=True) if count]
        first = [point for point in prior(user) if point in user.space.points]
        explored = search.explore(*rungs[0], first) if rungs else []
        for part, count in rungs[1:]:
            explored = search.promote(explored, part, count)
        done = search.result().evaluations
        full = [(one.nll, float(np.log2(1 + one.n_parameters))) for one in done if one.fraction == 1 and one.nll]
        cost = sum(one.fraction for one in done if one.recipe is not None)
        return Found(pairs=tuple(full), cost=cost, choosing_seconds=time.perf_counter() - began)

    return lambda user, budgets, seed: [once(user, round(more * budget), seed) for budget in budgets]


def blind(user: KnownUser, budgets: Sequence[int], seed: int) -> list[Found]:
    """Train recipes drawn blindly."""
    order = np.random.default_rng(seed).permutation(len(user.space.points))
    places = [user.default, *(int(place) for place in order if place != user.default)]
    return [_found(user, places[: budget - 1], 0.0) for budget in budgets]


def optuna_search(sampler: Literal["gp", "tpe"], *, objectives: Literal[1, 2]) -> Search:
    """Return a search in which Optuna proposes, after the default, which recipe is trained next.

    Its space is a product of whole numbers, which has holes: not every combination is a recipe, or known for a user.
    So the nearest recipe not yet trained is taken, and told to Optuna as what was trained: it never wastes a training.
    """

    def run(user: KnownUser, budgets: Sequence[int], seed: int) -> list[Found]:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        coordinates = _coordinates(user.space.features())
        space: dict[str, optuna.distributions.BaseDistribution] = {
            str(column): optuna.distributions.IntDistribution(0, int(coordinates[:, column].max()))
            for column in range(coordinates.shape[1])
        }
        study = optuna.create_study(directions=["minimize"] * objectives, sampler=_sampler(sampler, seed))
        began = time.perf_counter()
        places: list[int] = []
        seconds: list[float] = []
        while len(places) < budgets[-1] - 1:
            place = user.default if not places else _proposed(study, space, coordinates, places)
            places.append(place)
            seconds.append(time.perf_counter() - began)
            values = [float(user.losses[1.0][place]), float(user.sizes[place])][:objectives]
            parameters = {str(column): int(value) for column, value in enumerate(coordinates[place])}
            study.add_trial(optuna.trial.create_trial(params=parameters, distributions=space, values=values))
        return [_found(user, places[: budget - 1], seconds[budget - 2]) for budget in budgets]

    return run


def _sampler(name: str, seed: int) -> Any:  # noqa: ANN401 - an Optuna sampler
    import optuna

    # The model is asked as soon as there is something to learn from; ten random trainings first would be the budget.
    if name == "gp":
        return optuna.samplers.GPSampler(seed=seed, n_startup_trials=1)
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=4)


def _proposed(study: Any, space: dict[str, Any], coordinates: Floats, places: Sequence[int]) -> int:  # noqa: ANN401
    import optuna

    asked = study.ask(space)
    study.tell(asked, state=optuna.trial.TrialState.FAIL)
    wanted = np.array([asked.params[name] for name in space])
    distance = (((coordinates - wanted) / coordinates.max(axis=0)) ** 2).sum(axis=1)
    distance[list(places)] = np.inf
    return int(distance.argmin())


def _coordinates(features: Floats) -> Floats:
    """Return points as whole numbers: float64[n_points, d], without columns that say nothing new."""
    columns: list[Floats] = []
    for column in features.T:
        level = np.unique(column, return_inverse=True)[1].astype(np.float64)
        if level.max() > 0 and not any(np.array_equal(level, other) for other in columns):
            columns.append(level)
    return np.stack(columns, axis=1)


def _found(user: KnownUser, places: Sequence[int], seconds: float) -> Found:
    trained = [(float(user.losses[1.0][place]), float(user.sizes[place])) for place in places]
    return Found(pairs=((user.without, 0.0), *trained), cost=float(len(places)), choosing_seconds=seconds)
