"""The product's search of recipes against Optuna's and a blind one, at the same number of measurements.

On trainings that were recorded for real users (:mod:`benchmarks.recipe_recording`) every recipe of a small space is
known; on made-up users the whole space is. A search is judged by its regret, how far its lowest loss lies above the
lowest there is, and by the area its front dominates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Row, summarize
from benchmarks.recipe_objectives import KnownUser, made_up_users, recorded_users
from benchmarks.recipe_plot import COST, REGRET
from benchmarks.recipe_prior import points_of_others
from benchmarks.recipe_recording import RECORD
from benchmarks.recipe_searches import Found, Search, blind, optuna_search, own
from benchmarks.recipe_table import grid, read_trainings

BUDGETS = (4, 8, 12)
N_MADE_UP = 24
N_SEEDS = 30
_DRAWS = 1000

Floats = NDArray[np.float64]

_SHORT = (0.25, 1.0)

SEARCHES: Mapping[str, Search] = {
    "ours, halving": own(fractions=_SHORT),
    "ours, halving, as long": own(fractions=_SHORT, more=1.75),
    "ours, full trainings only": own(fractions=(1.0,)),
    "Optuna GP, loss": optuna_search("gp", objectives=1),
    "Optuna GP, loss and size": optuna_search("gp", objectives=2),
    "Optuna TPE, loss": optuna_search("tpe", objectives=1),
    "blind": blind,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    """What one search came to on a set of users.

    Shapes: float64[n_users, budgets, seeds].

    Args:
        regrets: How far the lowest loss found lies above the lowest there is, in nats per token.
        areas: What the front dominates, of what all recipes together do.
        costs: Full trainings' worth of what was trained.
        seconds: Time that choosing took.
    """

    regrets: Floats
    areas: Floats
    costs: Floats
    seconds: Floats


def run(models: Path) -> Iterator[Row]:
    """Replay every search on every user, and yield its figures."""
    recorded = list(recorded_users(read_trainings(RECORD))) if RECORD.exists() else []
    yield _count("users with recorded trainings of enough recipes", len(recorded))
    made_up = list(made_up_users(N_MADE_UP))
    prior = own(fractions=_SHORT, prior=lambda user: points_of_others(recorded, user))
    for kind, users, n_seeds, searches in (
        ("recorded", recorded, N_SEEDS, {"ours, halving, prior of the others": prior, **SEARCHES}),
        ("made-up", made_up, 1, SEARCHES),
    ):
        if users:
            replays: dict[str, Replay] = {}
            for name, search in searches.items():
                replays[name] = replayed(search, users, n_seeds)
                yield from figures(f"{kind} · {name}", replays[name])
            yield from _leads(kind, replays)


def replayed(search: Search, users: Sequence[KnownUser], n_seeds: int) -> Replay:
    """Let a search loose on every user, from so many seeds."""
    found = [
        [search(user, BUDGETS, 1000 * number + seed) for seed in range(n_seeds)] for number, user in enumerate(users)
    ]

    def table(value: Callable[[KnownUser, Found], float]) -> Floats:
        rows = [[[value(user, each) for each in run] for run in runs] for user, runs in zip(users, found, strict=True)]
        return np.array(rows).transpose(0, 2, 1)

    return Replay(
        regrets=table(lambda user, each: each.loss - user.best),
        areas=table(lambda user, each: user.area(each.pairs)),
        costs=table(lambda _, each: each.cost),
        seconds=table(lambda _, each: each.choosing_seconds),
    )


def figures(condition: str, replay: Replay) -> Iterator[Row]:
    """Yield the rows of one search on one set of users."""
    for case, values, unit in ((REGRET, replay.regrets, "nats/token"), ("mean area after ", replay.areas, "of all")):
        for place, budget in enumerate(BUDGETS):
            yield _interval(f"{case}{budget}", condition, unit, values[:, place].mean(axis=1))
    for place, budget in enumerate(BUDGETS):
        costs = replay.costs[:, place].ravel().tolist()
        yield summarize(costs, case=f"{COST}{budget}", condition=condition, unit="full trainings")
    seconds = replay.seconds[:, -1].ravel().tolist()
    yield summarize(seconds, case=f"choosing after {BUDGETS[-1]}", condition=condition, unit="s")


def _leads(kind: str, replays: Mapping[str, Replay]) -> Iterator[Row]:
    """Yield by how much our searches' regret is lower than the others', user by user: above 0, ours is better."""
    for ours in [name for name in replays if name.startswith("ours")]:
        for other in [name for name in replays if not name.startswith("ours")]:
            leads = (replays[other].regrets - replays[ours].regrets)[:, -1].mean(axis=1)
            yield _interval(f"regret less after {BUDGETS[-1]}", f"{kind} · {ours}, than {other}", "nats/token", leads)


def _count(case: str, n: int) -> Row:
    return Row(case=case, condition=f"of {len(grid())} recipes", unit="", median=n, low=n, high=n, n=n)


def _interval(case: str, condition: str, unit: str, by_user: Floats) -> Row:
    """Return the mean over users, with the interval that drawing other users like them would give (bootstrap)."""
    random = np.random.default_rng(0)
    draws = np.sort(by_user[random.integers(0, len(by_user), (_DRAWS, len(by_user)))].mean(axis=1))
    low, high = float(draws[_DRAWS // 10]), float(draws[-_DRAWS // 10])
    return Row(
        case=case, condition=condition, unit=unit, median=float(by_user.mean()), low=low, high=high, n=len(by_user)
    )
