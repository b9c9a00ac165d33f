"""The comparison of searches: what is looked up, what a search may spend, and what a record must hold to count."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from benchmarks.recipe_objectives import KnownUser, made_up_users, recorded_users
from benchmarks.recipe_searches import Search, blind, own
from benchmarks.recipe_table import DEFAULT, FRACTIONS, RANKS, Training, grid, read_trainings
from ondevice.adaptation.recipes.recipe import LoraRecipe
from ondevice.adaptation.recipes.space import FEED_FORWARD

BUDGETS = (4, 8, 12)


def a_record(count: int) -> list[Training]:
    """Trainings of the default and the next points, whose loss falls with the feed-forward level."""
    points = [DEFAULT, *(point for point in grid() if point != DEFAULT)][:count]
    return [Training(user="LaMP_4/1", point=None, fraction=1.0, nll=3.0, n_parameters=0, cpu_seconds=0.5)] + [
        Training(
            user="LaMP_4/1",
            point=point,
            fraction=fraction,
            nll=3.0 - fraction * (0.1 + 0.2 * point.feed_forward + 0.01 * point.rank),
            n_parameters=1,
            cpu_seconds=1.0,
        )
        for point, fraction in itertools.product(points, FRACTIONS)
    ]


def a_recorded_user() -> KnownUser:
    (user,) = recorded_users(a_record(len(grid())))
    return user


def test_the_grid_holds_every_combination_once() -> None:
    assert len(set(grid())) == 48
    assert DEFAULT in grid()


def test_a_record_reads_back_as_written(tmp_path: Path) -> None:
    record = a_record(5)
    path = tmp_path / "trainings.jsonl"
    path.write_text("".join(each.to_line() + "\n" for each in record), "utf-8")
    assert read_trainings(path) == record


def test_a_user_with_too_few_trainings_does_not_count() -> None:
    assert list(recorded_users(a_record(23))) == []
    assert len(next(recorded_users(a_record(24))).space.points) == 24


def test_a_recorded_user_answers_what_was_recorded() -> None:
    user = a_recorded_user()
    assert user.evaluate(None, 1.0) == (3.0, 0)
    loss, size = user.evaluate(LoraRecipe(), 0.25)
    assert loss == pytest.approx(3.0 - 0.25 * 0.18)
    assert size == LoraRecipe().n_parameters(user.space.shape)
    assert user.best == pytest.approx(3.0 - (0.1 + 0.2 * (len(FEED_FORWARD) - 1) + 0.01 * max(RANKS)))


@pytest.mark.parametrize("search", [own(fractions=(1.0,)), own(fractions=(0.25, 1.0)), blind])
@pytest.mark.parametrize("is_recorded", [True, False])
def test_every_search_keeps_to_its_measurements_and_gets_no_worse_with_more(search: Search, is_recorded: bool) -> None:
    user = a_recorded_user() if is_recorded else next(made_up_users(1))
    found = search(user, BUDGETS, 3)
    for each, budget in zip(found, BUDGETS, strict=True):
        assert each.pairs[0] == (user.without, 0.0)
        assert len(each.pairs) <= budget
        assert each.cost <= budget - 1
        assert user.best <= each.loss <= min(user.without, user.evaluate(LoraRecipe(), 1.0)[0])
        assert 0 <= user.area(each.pairs) <= 1
    if search is blind:
        assert sorted((each.loss for each in found), reverse=True) == [each.loss for each in found]


def test_knowing_all_leaves_no_regret() -> None:
    user = a_recorded_user()
    (found,) = blind(user, [1 + len(user.space.points)], 0)
    assert found.loss == user.best
    assert user.area(found.pairs) == pytest.approx(1)


def test_made_up_users_differ_and_repeat() -> None:
    first, second = made_up_users(2)
    again = next(made_up_users(1))
    assert np.array_equal(first.losses[1.0], again.losses[1.0])
    assert not np.array_equal(first.losses[1.0], second.losses[1.0])
