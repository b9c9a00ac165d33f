"""Make the search's prior from the recorded users: ``python -m benchmarks.recipe_prior``.

It names the recipes of which, beside the default, one or another did well for everybody.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

import numpy as np

from benchmarks.recipe_objectives import SHAPE, KnownUser, recorded_users
from benchmarks.recipe_recording import RECORD
from benchmarks.recipe_table import DEFAULT, grid, read_trainings
from ondevice.adaptation.recipes.prior import read_prior
from ondevice.adaptation.recipes.space import Point
from ondevice.config import DEFAULT_GENERATOR

N_POINTS = 3
"""As many as a search of twelve evaluations measures first."""


def chosen_points(users: Sequence[KnownUser], count: int = N_POINTS) -> tuple[Point, ...]:
    """Return the points that, one after the other, lower the mean over users of the best loss the most.

    The default counts as measured. Only points that are known for every user are considered; what lowers nothing
    is not named.
    """
    known = [point for point in grid() if point != DEFAULT and all(point in user.space.points for user in users)]
    losses = np.array([[user.losses[1.0][user.space.points.index(point)] for point in known] for user in users])
    best = np.array([min(user.without, user.losses[1.0][user.default]) for user in users])
    chosen: list[Point] = []
    for _ in range(count):
        means = np.minimum(losses, best[:, None]).mean(axis=0)
        place = int(means.argmin())
        if means[place] >= best.mean():
            break
        chosen.append(known[place])
        best = np.minimum(best, losses[:, place])
        losses[:, place] = np.inf
    return tuple(chosen)


def points_of_others(users: Sequence[KnownUser], user: KnownUser) -> tuple[Point, ...]:
    """Return what the prior would be without a user, as a new user meets it."""
    return chosen_points([other for other in users if other.name != user.name])


def prior_text(users: Sequence[KnownUser]) -> str:
    """Return the prior's file."""
    text = json.dumps(
        {
            "format": 1,
            "base": DEFAULT_GENERATOR,
            "n_blocks": SHAPE.n_blocks,
            "basis": "population",
            "n_users": len(users),
            "note": f"Of {len(grid()) - 1} recipes tried on each of these people, those that lower the loss most, "
            "beside the default; made by python -m benchmarks.recipe_prior.",
            "points": [asdict(point) for point in chosen_points(users)],
        },
        indent=2,
    )
    read_prior(text)
    return text + "\n"


def main() -> int:
    """Write the prior of the default generator."""
    users = list(recorded_users(read_trainings(RECORD)))
    if not users:
        print("no user has enough recorded trainings: run benchmarks.recipe_recording first", file=sys.stderr)
        return 2
    path = Path(str(files("ondevice.adaptation"))) / "priors" / f"{DEFAULT_GENERATOR}.json"
    path.write_text(prior_text(users), "utf-8")
    print(f"{path.name}: from {len(users)} users")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
