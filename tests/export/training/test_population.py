"""A population's pairs: whole users apart, items of the question's own profile, and nothing that gives it away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from export.errors import DatasetError
from export.training.population import Population, PopulationConfig, read_population
from ondevice.adaptation.lessons.pairs import Pair
from ondevice.errors import NotFoundError
from tests.export.training.lamp_files import HEADLINE, MOVIE, TWEET, headlines, write_split


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


def test_half_of_the_prompts_hold_a_summary_with_items_or_without_and_the_seed_decides_which(tmp_path: Path) -> None:
    write_split(tmp_path / "LaMP_4", *headlines(120))
    population = read(tmp_path)
    pairs = all_pairs(population)
    assert 45 <= population.n_summaries <= 75
    assert {(bool(pair.summary), bool(pair.items)) for pair in pairs} == {
        (has_summary, has_items) for has_summary in (False, True) for has_items in (False, True)
    }
    assert read(tmp_path) == population
    shown = {pair.item_ids[0] for pair in pairs if pair.summary}
    other = {pair.item_ids[0] for pair in all_pairs(read(tmp_path, seed=1)) if pair.summary}
    assert shown != other


def test_the_share_of_summaries_is_as_asked_and_changes_nothing_else(data: Path) -> None:
    shares = {share: read(data, summary_share=share) for share in (0.0, 0.5, 1.0)}
    assert [population.n_summaries for population in shares.values()][::2] == [0, 12]
    for population in shares.values():
        without = [replace(pair, summary="") for pair in all_pairs(population)]
        assert without == all_pairs(shares[0.0])


def test_a_summary_counts_what_may_be_shown_and_nothing_else(tmp_path: Path) -> None:
    questions, golds = headlines(8)
    for question, gold in zip(questions, golds, strict=True):
        question["profile"].append({"id": "more", "text": "Another one.", "title": gold})  # the answer itself
    write_split(tmp_path / "LaMP_4", questions, golds)
    pairs = all_pairs(read(tmp_path, summary_share=1.0))
    assert {pair.summary for pair in pairs} == {"This user's headlines mostly have 5 words; 100% have a number."}


def test_who_has_nothing_to_count_has_no_summary(tmp_path: Path) -> None:
    questions, golds = headlines(6)
    for question in questions[:2]:
        question["profile"] = []
    write_split(tmp_path / "LaMP_4", questions, golds)
    population = read(tmp_path, summary_share=1.0)
    assert population.n_summaries == 4


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


def test_items_that_become_questions_see_nothing_of_their_own_day(tmp_path: Path) -> None:
    questions, golds = headlines(6)
    for question in questions:
        for number, entry in enumerate(question["profile"]):
            entry["date"] = f"2024-01-{number // 2 + 1:02}"  # days 1, 1, 2, 2, 3
    write_split(tmp_path / "LaMP_4", questions, golds)
    own = [pair for pair in all_pairs(read(tmp_path, history_pairs=5, max_items=5)) if "/" in pair.item_ids[0]]
    shown = {int(pair.item_ids[0].split("/")[1]): set[int]() for pair in own}
    for pair in own:
        shown[int(pair.item_ids[0].split("/")[1])] |= {int(item.id.split("/")[1]) for item in pair.items}
    assert shown[0] == shown[1] == set()
    assert shown[2] | shown[3] == {0, 1}
    assert shown[4] == {0, 1, 2, 3}


def with_entries(tmp_path: Path, **fields: str) -> list[Pair]:
    """Return the pairs of users whose profiles hold one more entry; ``{text}`` and ``{answer}`` are the question's."""
    questions, golds = headlines(6)
    for question, gold in zip(questions, golds, strict=True):
        text = question["input"].removeprefix(f"{HEADLINE} ")
        more = {name: value.format(text=text, answer=gold) for name, value in fields.items()}
        question["profile"].append({"id": "more", **more})
    write_split(tmp_path / "LaMP_4", questions, golds)
    return all_pairs(read(tmp_path, max_items=6))


def shows_the_entry(pairs: list[Pair]) -> bool:
    """Say whether the entry :func:`with_entries` adds, the sixth, stands in a prompt."""
    assert any(pair.items for pair in pairs)
    return any(item.id.endswith("/5") for pair in pairs for item in pair.items)


def test_an_entry_near_the_question_is_shown(tmp_path: Path) -> None:
    assert shows_the_entry(with_entries(tmp_path, text="{text} And so on.", title="Nearly {answer}"))


@pytest.mark.parametrize("text", ["{text}", "{text}\n", "  {text}"])
def test_the_question_itself_is_not_in_its_prompt(tmp_path: Path, text: str) -> None:
    assert not shows_the_entry(with_entries(tmp_path, text=text, title="Something else"))


def test_an_entry_with_the_answer_for_a_title_is_not_in_the_prompt(tmp_path: Path) -> None:
    assert not shows_the_entry(with_entries(tmp_path, text="{text} And so on.", title="{answer} "))


def test_an_entry_that_says_the_answer_is_not_in_the_prompt(tmp_path: Path) -> None:
    questions, _ = headlines(6)
    for question in questions:
        question["profile"].append({"id": "more", "text": "A TOWER  was seen", "title": "Something else"})
    write_split(tmp_path / "LaMP_4", questions, ["A tower was seen"] * 6)
    assert not shows_the_entry(all_pairs(read(tmp_path, max_items=6)))


def test_an_item_that_stands_twice_is_not_in_its_own_prompt(tmp_path: Path) -> None:
    questions, golds = headlines(6)
    for question in questions:
        question["profile"].append({**question["profile"][0], "id": "again", "title": "Once more"})
    write_split(tmp_path / "LaMP_4", questions, golds)
    own = [pair for pair in all_pairs(read(tmp_path, history_pairs=6, max_items=6)) if "/" in pair.item_ids[0]]
    again = [pair for pair in own if pair.answer == "Once more"]
    assert len(again) == 6
    assert any(pair.items for pair in again)
    assert not any(item.id.endswith("/0") for pair in again for item in pair.items)


def test_a_label_that_is_the_answer_may_stand_in_the_prompt(tmp_path: Path) -> None:
    questions = [
        {
            "id": f"q{user}",
            "user_id": str(user),
            "input": f"{MOVIE} a robot counts the stars of user {user}",
            "profile": [{"id": "1", "description": "a robot and its garden", "tag": "sci-fi"}],
        }
        for user in range(6)
    ]
    write_split(tmp_path / "LaMP_2", questions, ["sci-fi"] * 6)
    pairs = all_pairs(read(tmp_path, max_items=1))
    assert any(item.fields["tag"] == pair.answer for pair in pairs for item in pair.items)


def test_tweets_become_questions_in_a_neutral_wording(tmp_path: Path) -> None:
    questions = [
        {
            "id": f"{user}0",
            "user_id": str(user),
            "input": f"{TWEET} the rain of {user}",
            "profile": [{"id": "1", "text": "u gotta see the rain!!!"}],
        }
        for user in range(4)
    ]
    write_split(tmp_path / "LaMP_7", questions, ["rain!"] * 4)
    asked = [pair for pair in all_pairs(read(tmp_path, history_pairs=3)) if pair.answer == "u gotta see the rain!!!"]
    assert [pair.request for pair in asked] == [f"{TWEET} You have to see the rain."] * 4


def test_papers_are_no_questions_about_references(tmp_path: Path) -> None:
    questions = [
        {
            "id": f"{user}0",
            "user_id": str(user),
            "input": f'For an author who has written the paper with the title "Rain {user}", which reference is '
            'related? Just answer with [1] or [2] without explanation. [1]: "Forests" [2]: "Oceans"',
            "profile": [{"id": "1", "title": "On roofs", "abstract": "rain fell on all the roofs"}],
        }
        for user in range(4)
    ]
    write_split(tmp_path / "LaMP_1", questions, ["[1]"] * 4)
    assert len(all_pairs(read(tmp_path, history_pairs=3))) == 4


def test_limit_takes_whole_users_of_each_task(data: Path) -> None:
    write_split(data / "LaMP_4_more", *headlines(5))
    population = read(data, limit=3)
    assert len(all_pairs(population)) == 6
    assert population.tasks == ("LaMP_4", "LaMP_4_more")
    assert read(data, tasks=("LaMP_4",)).n_users == 12


def test_what_the_model_is_measured_on_is_not_learned_and_nothing_else_changes(data: Path, tmp_path: Path) -> None:
    item = {"id": "x", "text": "A river was seen by user 5.", "title": "Seen"}
    asked = {
        "a river  was SEEN by user 0.": [],  # the text of a train question
        "They walked to the river of user 7 on day 0.": [],  # the text of a train item
        "Something else.": [item],  # an item with the text of a train question
    }
    questions = [
        {"id": str(n), "user_id": f"d{n}", "input": f"{HEADLINE} {text}", "profile": profile}
        for n, (text, profile) in enumerate(asked.items())
    ]
    write_split(tmp_path / "dev" / "LaMP_4", questions, ["It"] * 3, split="dev")
    settings: dict[str, Any] = {"held_out": 0.25, "history_pairs": 5}
    apart = read(data, **settings, apart_from=(tmp_path / "dev" / "LaMP_4" / "dev_questions.json.gz",))
    every = read(data, **settings)
    gone = [pair for pair in all_pairs(every) if pair not in all_pairs(apart)]
    assert sorted(pair.request.removeprefix(f"{HEADLINE} ") for pair in gone) == [
        "A river was seen by user 0.",
        "A river was seen by user 5.",
        "They walked to the river of user 7 on day 0.",
    ]
    assert (apart.n_apart, every.n_apart) == (3, 0)
    assert [pair for pair in every.train if pair not in gone] == list(apart.train)
    assert [pair for pair in every.held_out if pair not in gone] == list(apart.held_out)


def test_a_tweet_that_is_measured_on_is_not_learned_under_another_wording(tmp_path: Path) -> None:
    def tweets(name: str) -> list[dict[str, Any]]:
        return [
            {
                "id": f"{user}0",
                "user_id": f"{name}{user}",
                "input": f"{TWEET} the rain of {name} {user}",
                "profile": [{"id": "1", "text": f"u gotta see the rain of {user}!!!"}],
            }
            for user in range(4)
        ]

    write_split(tmp_path / "train" / "LaMP_7", tweets("t"), ["rain!"] * 4)
    write_split(tmp_path / "dev" / "LaMP_7", tweets("d")[:2], ["rain!"] * 2, split="dev")
    apart = (tmp_path / "dev" / "LaMP_7" / "dev_questions.json.gz",)
    population = read(tmp_path / "train", history_pairs=3, apart_from=apart)
    asked = {pair.answer for pair in all_pairs(population) if pair.answer != "rain!"}
    assert asked == {f"u gotta see the rain of {user}!!!" for user in (2, 3)}


def test_nothing_left_to_learn_is_refused(data: Path) -> None:
    with pytest.raises(DatasetError, match="12 questions stand in the files") as caught:
        read(data, apart_from=(data / "LaMP_4" / "train_questions.json.gz",))
    assert "not those it learns from" in (caught.value.hint or "")
    with pytest.raises(NotFoundError):
        read(data, apart_from=(data / "dev_questions.json",))


def test_what_is_no_population_is_refused(tmp_path: Path, data: Path) -> None:
    write_split(tmp_path / "one" / "LaMP_4", *headlines(1))
    with pytest.raises(DatasetError, match="needs 2 users or more, but there is 1"):
        read(tmp_path / "one")
    with pytest.raises(NotFoundError):
        read(data, tasks=("LaMP_9",))


@pytest.mark.parametrize(
    "wrong",
    [
        {"held_out": 0.0},
        {"held_out": 1.0},
        {"max_items": -1},
        {"history_pairs": -1},
        {"limit": 1},
        {"summary_share": -0.1},
    ],
)
def test_misuse_is_said(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        PopulationConfig(**wrong)
