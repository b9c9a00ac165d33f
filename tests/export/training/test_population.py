"""A population's pairs: whole users apart, items of the question's own profile, and nothing that gives it away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from export.training.population import Population, PopulationConfig, read_population
from ondevice.adaptation.pairs import Pair
from ondevice.errors import DatasetError, NotFoundError
from tests.export.training.lamp_files import HEADLINE, TWEET, headlines, write_split


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_split(tmp_path / "LaMP_4", *headlines(12))
    return tmp_path


def user_of(pair: Pair) -> str:
    return pair.item_ids[0].removeprefix("q").split("/")[0]


def all_pairs(population: Population) -> list[Pair]:
    return [*population.train, *population.held_out]


def read(data: Path, **settings: Any) -> Population:
    return read_population(data, PopulationConfig(**settings))


def test_users_are_trained_on_or_held_out_never_both(data: Path) -> None:
    population = read(data, held_out=0.25, history_pairs=2)
    train, held_out = ({user_of(pair) for pair in pairs} for pairs in (population.train, population.held_out))
    assert (len(train), len(held_out), population.n_users) == (9, 3, 12)
    assert not train & held_out
    assert population.tasks == ("LaMP_4",)


def test_prompts_hold_up_to_three_items_of_the_own_profile_the_best_first(data: Path) -> None:
    pairs = all_pairs(read(data))
    assert {len(pair.items) for pair in pairs} == {0, 1, 2, 3}
    for pair in pairs:
        assert pair.answer == f"Seen {user_of(pair)}"
        assert all(item.id.split("/")[0] == f"q{user_of(pair)}" for item in pair.items)
        word = pair.request.split(" A ")[1].split(" ")[0]
        if pair.items:
            assert word in pair.items[0].text


def test_chance_is_the_seeds(data: Path) -> None:
    assert read(data, history_pairs=2) == read(data, history_pairs=2)
    assert read(data, history_pairs=2) != read(data, history_pairs=2, seed=1)


def test_no_items_where_none_are_wanted(data: Path) -> None:
    assert not any(pair.items for pair in all_pairs(read(data, max_items=0)))


def test_items_become_questions_that_see_earlier_items_only(data: Path) -> None:
    pairs = all_pairs(read(data, history_pairs=5, max_items=5))
    own = [pair for pair in pairs if "/" in pair.item_ids[0]]
    assert len(own) == 12 * 5
    assert any(pair.items for pair in own)
    for pair in own:
        place = int(pair.item_ids[0].split("/")[1])
        assert all(int(item.id.split("/")[1]) < place for item in pair.items)


def test_dated_questions_see_what_was_there(tmp_path: Path) -> None:
    write_split(tmp_path / "LaMP_4", *headlines(8, dated=True))
    pairs = all_pairs(read(tmp_path, max_items=5))
    seen = {int(item.id.split("/")[1]) for pair in pairs for item in pair.items}
    assert seen == {0, 1}


def test_the_question_itself_is_not_in_its_prompt(tmp_path: Path) -> None:
    questions, golds = headlines(6)
    for user, question in enumerate(questions):
        text = question["input"].removeprefix(f"{HEADLINE} ")
        question["profile"].append({"id": f"{user}-same", "text": f"{text}\n", "title": golds[user]})
    write_split(tmp_path / "LaMP_4", questions, golds)
    pairs = all_pairs(read(tmp_path, max_items=6))
    assert any(pair.items for pair in pairs)
    assert not any(item.fields["title"] == pair.answer for pair in pairs for item in pair.items)


def test_tweets_give_no_pairs_of_their_own(tmp_path: Path) -> None:
    questions = [
        {
            "id": f"{user}0",
            "user_id": str(user),
            "input": f"{TWEET} the rain of {user}",
            "profile": [{"id": "1", "text": "rain fell on all the roofs"}],
        }
        for user in range(4)
    ]
    write_split(tmp_path / "LaMP_7", questions, ["rain!"] * 4)
    assert len(all_pairs(read(tmp_path, history_pairs=3))) == 4


def test_limit_takes_whole_users_of_each_task(data: Path) -> None:
    write_split(data / "LaMP_4_more", *headlines(5))
    population = read(data, limit=3)
    assert len(all_pairs(population)) == 6
    assert population.tasks == ("LaMP_4", "LaMP_4_more")
    assert read(data, tasks=("LaMP_4",)).n_users == 12


def test_what_is_no_population_is_refused(tmp_path: Path, data: Path) -> None:
    write_split(tmp_path / "one" / "LaMP_4", *headlines(1))
    with pytest.raises(DatasetError, match="needs 2 users or more, but 'one' has 1"):
        read(tmp_path / "one")
    with pytest.raises(NotFoundError):
        read(data, tasks=("LaMP_9",))


@pytest.mark.parametrize(
    "wrong", [{"held_out": 0.0}, {"held_out": 1.0}, {"max_items": -1}, {"history_pairs": -1}, {"limit": 1}]
)
def test_misuse_is_said(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        PopulationConfig(**wrong)
