"""The prior made of recorded users: what it names, for whom, and that the device can read it."""

from collections.abc import Callable, Iterable

from benchmarks.recipe_objectives import KnownUser, recorded_users
from benchmarks.recipe_prior import chosen_points, points_of_others, prior_text
from benchmarks.recipe_table import DEFAULT, FRACTIONS, Training, grid
from ondevice.adaptation.recipes.prior import read_prior
from ondevice.adaptation.recipes.space import Point

OTHERS = [point for point in grid() if point != DEFAULT]
Losses = Callable[[Point], float]


def a_user(name: str, loss: Losses, points: Iterable[Point] = OTHERS) -> KnownUser:
    lines = [Training(user=name, point=None, fraction=1.0, nll=3.0, n_parameters=0, cpu_seconds=0.5)]
    for point in (DEFAULT, *points):
        for fraction in FRACTIONS:
            lines.append(
                Training(user=name, point=point, fraction=fraction, nll=loss(point), n_parameters=1, cpu_seconds=1.0)
            )
    (user,) = recorded_users(lines)
    return user


def likes(*favourites: Point) -> Losses:
    """The first favourite is the best, each further one a little worse, and all else as bad as the default."""
    return lambda point: 2.0 + 0.1 * favourites.index(point) if point in favourites else 2.8


def test_it_names_what_helps_whom_the_others_did_not_help() -> None:
    a, b, c = OTHERS[5], OTHERS[20], OTHERS[33]
    users = [a_user("x/1", likes(a, b)), a_user("x/2", likes(a, b)), a_user("x/3", likes(c))]
    assert chosen_points(users, 2) == (a, c), "b is good for two who have a already"
    assert points_of_others(users, users[2])[0] == a
    assert c not in points_of_others(users, users[2])[:2]


def test_only_what_is_known_of_everybody_is_named() -> None:
    a, b = OTHERS[0], OTHERS[-1]
    users = [a_user("x/1", likes(a, b)), a_user("x/2", likes(a, b), OTHERS[1:])]
    assert chosen_points(users, 1) == (b,)


def test_the_device_reads_it() -> None:
    users = [a_user("x/1", likes(OTHERS[7])), a_user("x/2", likes(OTHERS[8]))]
    prior = read_prior(prior_text(users))
    assert (prior.basis, prior.n_users) == ("population", 2)
    assert set(prior.points) == {OTHERS[7], OTHERS[8]}, "a third one would lower nothing"
