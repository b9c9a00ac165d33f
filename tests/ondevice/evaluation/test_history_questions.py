from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ondevice.adaptation.lessons.leaks import plain
from ondevice.evaluation.histories import own_history
from ondevice.evaluation.history_questions import with_history_questions
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.generation.prompts.prompt import query_for
from tests.ondevice.evaluation.lamp_files import REQUESTS, entry, question, write_split


def split_of(tmp_path: Path, task: str, asked: list[dict[str, Any]]) -> LampSplit:
    return read_lamp_split(write_split(tmp_path / task, task, asked), "dev")


def texts(split: LampSplit, place: int) -> list[str]:
    return [draft.text for draft in own_history(split, place).drafts]


def test_the_newest_items_are_asked_with_the_items_before_them(tmp_path):
    split = split_of(tmp_path, "LaMP_4", [question("LaMP_4", name, user=name, n_entries=5) for name in "ab"])
    asked = with_history_questions(split, 2)
    assert [each.user for each in asked.questions] == ["a"] * 3 + ["b"] * 3
    assert [each.id for each in asked.questions] == ["a", "a/3", "a/4", "b", "b/3", "b/4"]
    assert asked.golds[:3] == (split.golds[0], "Rain a-3", "Rain a-4")
    assert asked.questions[1].request.endswith("it rained a-3")
    assert texts(asked, 1) == ["it rained a-0", "it rained a-1", "it rained a-2"]
    assert texts(asked, 2) == ["it rained a-0", "it rained a-1", "it rained a-2", "it rained a-3"]
    assert texts(asked, 0) == texts(split, 0), "the own question keeps its whole history"
    assert with_history_questions(split, 0) is split


@pytest.mark.parametrize("task", sorted(set(REQUESTS) - {"LaMP_1"}))
def test_no_history_holds_the_items_own_text_or_answer(tmp_path, task):
    # One item twice under two labels, and one title over two texts: the same thing said before.
    profile = [entry(task, number) for number in range(4)]
    long = next(name for name in ("description", "abstract", "text") if name in profile[0])
    others = {"tag": "comedy", "category": "travel", "score": "2", "title": "Else"}
    profile += [{**profile[2], "id": "again", **{name: others[name] for name in profile[2] if name in others}}]
    profile += [{**profile[1], "id": "titled", long: "so much snow and a long walk"}]
    asked = with_history_questions(split_of(tmp_path, task, [question(task, "q", user="u", profile=profile)]), 5)
    assert len(asked.questions) == (5 if task == "LaMP_7" else 6), "without labels an item is there once"
    for place in range(1, len(asked.questions)):
        request, gold = plain(query_for(task, asked.questions[place].request)), plain(asked.golds[place])
        for draft in own_history(asked, place).drafts:
            assert plain(draft.text) not in (request, gold)
            if task in ("LaMP_4", "LaMP_5", "LaMP_6"):
                assert plain(str(draft.fields["title"])) != gold


def test_dated_items_are_newer_than_those_without_a_date(tmp_path):
    profile = [
        entry("LaMP_4", "late", date="2024-03-01"),
        entry("LaMP_4", "first"),
        entry("LaMP_4", "early", date="2024-01-01"),
        entry("LaMP_4", "same day", date="2024-03-01"),
    ]
    split = split_of(tmp_path, "LaMP_4", [question("LaMP_4", "q", user="u", profile=profile)])
    asked = with_history_questions(split, 9)
    assert [gold.removeprefix("Rain ") for gold in asked.golds[1:]] == ["early", "late", "same day"]
    assert [texts(asked, place) for place in (1, 2, 3)] == [
        ["it rained first"],
        ["it rained first", "it rained early"],
        ["it rained first", "it rained early"],  # what was written on the same day may know the answer
    ]


def test_what_a_user_asks_anyway_is_asked_once(tmp_path):
    profile = [entry("LaMP_3", number) for number in range(3)]
    told = f"{REQUESTS['LaMP_3'].partition(' fine')[0]} {profile[2]['text']}"
    asked = [question("LaMP_3", "p", user="u", profile=profile), question("LaMP_3", "q", user="u", input=told)]
    more = with_history_questions(split_of(tmp_path, "LaMP_3", asked), 3)
    assert [each.id for each in more.questions] == ["p", "q", "p/1"]


def test_items_of_the_citation_task_ask_something_else_and_are_no_questions(tmp_path):
    split = split_of(tmp_path, "LaMP_1", [question("LaMP_1", "q", user="u", n_entries=5)])
    assert with_history_questions(split, 3).questions == split.questions
