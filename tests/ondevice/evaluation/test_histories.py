from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ondevice.evaluation.histories import (
    gives_away,
    histories_of,
    history_for,
    lesson_history,
    majority_answers,
    newest,
    other_history,
    own_history,
    shuffled_history,
)
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.records import Draft, Item
from tests.ondevice.evaluation.lamp_files import GOLDS, REQUESTS, entry, question, write_split

ASKED = datetime(2024, 5, 1, tzinfo=UTC)


def split_of(tmp_path: Path, task: str, *questions: dict[str, object], golds: list[str] | None = None) -> LampSplit:
    outputs = (
        None
        if golds is None
        else [{"id": each["id"], "output": gold} for each, gold in zip(questions, golds, strict=True)]
    )
    return read_lamp_split(write_split(tmp_path / "x", task, list(questions), golds=outputs), "dev")


def test_an_entry_with_the_asked_text_is_left_out(tmp_path):
    profile = [entry("LaMP_2", 1, description=" A Robot\nin space"), entry("LaMP_2", 2)]
    own = own_history(split_of(tmp_path, "LaMP_2", question("LaMP_2", "1", profile=profile)), 0)
    assert [draft.metadata["lamp_id"] for draft in own.drafts] == ["2"]
    assert own.n_guarded == 1


def test_an_entry_that_is_the_gold_is_left_out_where_the_answer_is_free_text(tmp_path):
    profile = [entry("LaMP_4", 1, title="rain in LYON"), entry("LaMP_4", 2)]
    own = own_history(split_of(tmp_path, "LaMP_4", question("LaMP_4", "1", profile=profile)), 0)
    assert [draft.metadata["lamp_id"] for draft in own.drafts] == ["2"]
    tweets = [entry("LaMP_7", 1, text="it rains once more"), entry("LaMP_7", 2)]
    own = own_history(split_of(tmp_path / "t", "LaMP_7", question("LaMP_7", "1", profile=tweets)), 0)
    assert own.n_guarded == 1


def test_a_label_that_equals_the_gold_is_no_leak(tmp_path):
    own = own_history(split_of(tmp_path, "LaMP_2", question("LaMP_2", "1"), golds=["sci-fi"]), 0)
    assert (len(own.drafts), own.n_guarded) == (3, 0)


def test_nothing_from_the_questions_own_day_or_later(tmp_path):
    profile = [entry("LaMP_4", n, date=date) for n, date in enumerate(("2020-01-01", "2020-01-02", "2020-01-03"))]
    asked = question("LaMP_4", "1", profile=[*profile, entry("LaMP_4", 9)], date="2020-01-02")
    own = own_history(split_of(tmp_path, "LaMP_4", asked), 0)
    assert [draft.metadata["lamp_id"] for draft in own.drafts] == ["0", "9"]


def leaks(text: str, *, task: str = "LaMP_4", title: str | None = None, days: float | None = None) -> bool:
    """Say whether an entry so many days after the question gives its answer away, as a draft and as an item."""
    fields = {} if title is None else {"title": title}
    time = None if days is None else ASKED + timedelta(days=days)
    draft = Draft(text=text, fields=fields, time=time)
    item = Item(id="1", text=text, kind="note", fields=fields, time=time or ASKED - timedelta(days=9), added_at=ASKED)
    told = {
        gives_away(each, task=task, request=REQUESTS[task], answer=GOLDS[task], time=ASKED) for each in (draft, item)
    }
    assert len(told) == 1
    return told.pop()


@pytest.mark.parametrize(("days", "is_late"), [(None, False), (-0.001, False), (0, True), (3, True)])
def test_what_stands_at_the_questions_date_or_later_gives_the_answer_away(days: float | None, is_late: bool) -> None:
    assert leaks("the market on the square", title="Market", days=days) is is_late


def test_without_a_date_of_the_question_none_is_late() -> None:
    late = Draft(text="the market on the square", time=ASKED)
    assert not gives_away(late, task="LaMP_4", request=REQUESTS["LaMP_4"], answer=GOLDS["LaMP_4"], time=None)


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("LaMP_2", "a Robot  in space"),
        ("LaMP_3", "fine tea\n"),
        ("LaMP_4", "rain in lyon"),
        ("LaMP_7", "Rain again"),
    ],
)
def test_the_text_that_is_asked_about_gives_the_answer_away_in_every_task(task: str, text: str) -> None:
    assert leaks(text, task=task)
    assert not leaks(f"{text} and more", task=task)


def test_a_free_answer_is_given_away_by_a_title_or_a_text_that_is_the_same() -> None:
    for text, title in (("we walked", " A study\nof RAIN"), ("a study of rain", None)):
        assert leaks(text, task="LaMP_5", title=title)
    assert not leaks("we walked", task="LaMP_5", title="A study of rain and wind")


def test_a_label_gives_nothing_away() -> None:
    assert not leaks("sci-fi", task="LaMP_2", title="sci-fi")
    assert not leaks("4", task="LaMP_3", title="4")


def test_a_stranger_is_the_next_user_and_the_same_for_all_of_a_users_questions(tmp_path):
    asked = [question("LaMP_4", str(n), user=user) for n, user in enumerate("abac")]
    split = split_of(tmp_path, "LaMP_4", *asked)
    strangers = [{str(draft.metadata["user"]) for draft in other_history(split, n).drafts} for n in range(4)]
    assert strangers == [{"b"}, {"c"}, {"b"}, {"a"}]
    with pytest.raises(ValueError, match="needs two users"):
        other_history(split.first(1), 0)


@pytest.mark.parametrize("task", ["LaMP_2", "LaMP_4"])
def test_a_stranger_who_holds_what_is_asked_with_its_answer_gives_nothing_away(tmp_path: Path, task: str) -> None:
    asked = {"LaMP_2": {"description": "a robot in space", "tag": "sci-fi"}, "LaMP_4": {"text": "rain in Lyon"}}[task]
    theirs = (
        "Which tag does this movie relate to? description: a duck",
        "Generate a headline for the following article: a duck",
    )
    stranger = question(task, "2", user="b", n_entries=5, input=theirs[task == "LaMP_4"])
    stranger["profile"][2].update(asked)
    split = split_of(tmp_path, task, question(task, "1", user="a", n_entries=5), stranger, golds=["sci-fi", "comedy"])
    assert len(own_history(split, 1).drafts) == 5, "the stranger's own rules do not know"
    other = other_history(split, 0)
    assert [draft.metadata["lamp_id"] for draft in other.drafts] == ["2-0", "2-1", "2-3", "2-4"]
    assert (other.n_guarded, other.n_cut) == (1, 0)


def test_a_stranger_who_holds_the_free_answer_gives_nothing_away(tmp_path: Path) -> None:
    stranger = question("LaMP_4", "2", user="b", n_entries=3)
    stranger["profile"][0]["title"] = "The  LYON rain"
    split = split_of(
        tmp_path, "LaMP_4", question("LaMP_4", "1", user="a"), stranger, golds=["the lyon rain", "a duck swims"]
    )
    assert [draft.metadata["lamp_id"] for draft in other_history(split, 0).drafts] == ["2-1", "2-2"]
    assert len(other_history(split, 1).drafts) == 3


def test_what_a_stranger_wrote_after_the_question_is_left_out(tmp_path: Path) -> None:
    stranger = question("LaMP_4", "2", user="b", n_entries=2, date="2021-01-01")
    for written, date in zip(stranger["profile"], ("2020-01-01", "2020-06-01"), strict=True):
        written["date"] = date
    split = split_of(tmp_path, "LaMP_4", question("LaMP_4", "1", user="a", n_entries=2, date="2020-03-01"), stranger)
    assert [draft.metadata["lamp_id"] for draft in other_history(split, 0).drafts] == ["2-0"]


def test_a_stranger_has_as_many_entries_as_the_user(tmp_path: Path) -> None:
    sizes = {"a": 4, "b": 40, "c": 7, "d": 5, "e": 2}
    asked = [question("LaMP_4", name, user=name, n_entries=n) for name, n in sizes.items()]
    split = split_of(tmp_path, "LaMP_4", *asked)
    others = [other_history(split, place) for place in range(len(asked))]
    whose = [{str(draft.metadata["user"]) for draft in other.drafts} for other in others]
    assert whose == [{"d"}, {"c"}, {"d"}, {"a"}, {"a"}]
    # b and c have nobody as large beside them; the rest is cut to its size
    assert [len(other.drafts) for other in others] == [4, 7, 5, 4, 2]
    assert [other.n_cut for other in others] == [1, 0, 0, 0, 2]


def test_of_two_strangers_as_near_the_one_with_more_is_taken(tmp_path: Path) -> None:
    asked = [question("LaMP_4", name, user=name, n_entries=n) for name, n in (("a", 4), ("b", 3), ("c", 5))]
    other = other_history(split_of(tmp_path, "LaMP_4", *asked), 0)
    assert {str(draft.metadata["user"]) for draft in other.drafts} == {"c"}
    assert (len(other.drafts), other.n_cut) == (4, 1)


def test_of_a_stranger_the_newest_entries_stay(tmp_path: Path) -> None:
    profile = [
        entry("LaMP_4", "old", date="2019-01-01"),
        entry("LaMP_4", "undated"),
        entry("LaMP_4", "new", date="2022-01-01"),
        entry("LaMP_4", "undated, too"),
    ]
    asked = [question("LaMP_4", "1", user="a", n_entries=3), question("LaMP_4", "2", user="b", profile=profile)]
    split = split_of(tmp_path, "LaMP_4", *asked)
    assert [draft.metadata["lamp_id"] for draft in other_history(split, 0).drafts] == ["old", "new", "undated, too"]
    assert newest(other_history(split, 0).drafts, 0) == ()


def test_a_strangers_lesson_holds_nothing_that_any_question_of_the_user_forbids(tmp_path: Path) -> None:
    texts = [f"Generate a headline for the following article: storm {n}" for n in range(2)]
    asked = [question("LaMP_4", str(n), user="a", n_entries=10, input=text) for n, text in enumerate(texts)]
    stranger = question("LaMP_4", "9", user="b", n_entries=10)
    for n in range(2):
        stranger["profile"][n]["text"] = f"storm {n}"
    split = split_of(tmp_path, "LaMP_4", *asked, stranger, golds=["one", "two", "three"])
    lessons = [lesson_history(split, place, "other") for place in range(2)]
    assert lessons[0] == lessons[1]
    assert not {"storm 0", "storm 1"} & {draft.text for draft in lessons[0]}
    assert len(lessons[0]) == 8


def test_shuffled_labels_keep_the_texts_and_repeat(tmp_path):
    profile = [entry("LaMP_4", n) for n in range(12)]
    split = split_of(tmp_path, "LaMP_4", question("LaMP_4", "1", profile=profile))
    own, shuffled = own_history(split, 0).drafts, shuffled_history(split, 0).drafts
    assert [draft.text for draft in shuffled] == [draft.text for draft in own]
    titles = [draft.fields["title"] for draft in shuffled]
    assert sorted(map(str, titles)) == sorted(str(draft.fields["title"]) for draft in own)
    n_moved = sum(mine.fields != dealt.fields for mine, dealt in zip(own, shuffled, strict=True))
    assert n_moved > 8
    assert shuffled == history_for(split, 0, "shuffled").drafts
    strange = split_of(
        tmp_path, "LaMP_4", {**question("LaMP_4", "1", user="a"), "id": "\ud800"}
    )  # JSON may escape half a pair
    assert len(shuffled_history(strange, 0).drafts) == 3


def test_tasks_without_labels_have_no_shuffled_control(tmp_path):
    assert histories_of("LaMP_7") == histories_of("LaMP_1") == ("own", "other")
    assert histories_of("LaMP_3") == ("own", "other", "shuffled")
    split = split_of(tmp_path, "LaMP_7", question("LaMP_7", "1"))
    with pytest.raises(ValueError, match="no label to shuffle"):
        history_for(split, 0, "shuffled")


def test_majorities_count_histories_and_never_golds(tmp_path):
    def rated(*scores: int) -> list[dict[str, object]]:
        return [entry("LaMP_3", n, score=score) for n, score in enumerate(scores)]

    asked = [
        question("LaMP_3", "1", user="a", profile=rated(5, 5, 5, 1)),
        question("LaMP_3", "2", user="b", profile=rated(2, 2)),
        question("LaMP_3", "3", user="c", profile=[]),
        question("LaMP_3", "4", user="a", profile=rated(1, 1, 1)),
    ]
    split = split_of(tmp_path, "LaMP_3", *asked, golds=["3", "3", "3", "3"])
    # 1 four times over all, 5 three times; user a has 1 four times against 5 three times
    assert majority_answers(split) == {"majority": ["1"] * 4, "user-majority": ["1", "2", "1", "1"]}
    assert majority_answers(split_of(tmp_path / "t", "LaMP_4", question("LaMP_4", "1"))) is None


def test_one_lesson_serves_all_questions_of_a_user_if_enough_is_left(tmp_path):
    def asked(name: str, user: str, numbers: list[int]) -> dict[str, object]:
        return {**question("LaMP_4", name, user=user), "profile": [entry("LaMP_4", number) for number in numbers]}

    rows = [
        asked("0", "many", [*range(10)]),
        asked("1", "many", [*range(2, 12)]),
        asked("2", "few", [*range(9)]),
        asked("3", "few", [*range(2, 11)]),
    ]
    split = read_lamp_split(write_split(tmp_path / "LaMP_4", "LaMP_4", rows), "dev")
    lessons = [lesson_history(split, place, "own") for place in range(4)]
    assert lessons[0] == lessons[1] == own_history(split, 0).drafts[2:]
    assert lessons[2] == own_history(split, 2).drafts  # only 7 are common to both, too few to learn from
    assert lessons[3] == own_history(split, 3).drafts
    # a stranger's lesson is no larger than the own one: 8 of the 9 entries, and 9 of the 10
    assert lesson_history(split, 0, "other") == own_history(split, 2).drafts[1:]
    assert lesson_history(split, 3, "other") == own_history(split, 0).drafts[1:]
