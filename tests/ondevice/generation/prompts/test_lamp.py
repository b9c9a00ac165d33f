"""The literal prompts of the LaMP papers, on records of their form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ondevice.errors import InputError
from ondevice.generation.prompts.prompt import TASKS, build_prompt, labels_for, query_for
from ondevice.records import Item

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def item(text: str, **fields: Any) -> Item:
    return Item(id=text, text=text, kind="lamp", fields=fields, time=NOW, added_at=NOW)


def content(task: str, request: str, *items: Item) -> str:
    prompt = build_prompt(request, items, task=task, budget_tokens=10_000, count_tokens=len)
    assert [message.role for message in prompt.messages] == ["user"]
    return prompt.messages[0].content


REQUEST_1 = (
    'For an author who has written the paper with the title "T", which reference is related? '
    'Just answer with [1] or [2] without explanation. [1]: "Deep "nets"" [2]: "Shallow nets"'
)


def test_lamp_1_puts_titles_behind_the_word_title():
    got = content("LaMP_1", REQUEST_1, item("abstract", title="P one"), item("abstract", title="P two"))
    assert got.startswith(
        'For an author who has written the paper with the title "P one", and "P two", and "T", which reference'
    )
    assert got.endswith('[2]: "Shallow nets"')


def test_lamp_1_needs_the_word_title():
    with pytest.raises(InputError, match="must hold the word 'title'"):
        content("LaMP_1", "which one?", item("abstract", title="P"))
    assert content("LaMP_1", "which one?") == "which one?"


@pytest.mark.parametrize(
    ("task", "items", "expected"),
    [
        (
            "LaMP_2",
            [item("A dog.", tag="comedy"), item("ignored", description="A cat.", tag="action")],
            'the tag for the movie: "A dog." is "comedy", and the tag for the movie: "A cat." is "action". R',
        ),
        ("LaMP_2N", [item("News.", category="travel")], 'the category for the article: "News." is "travel". R'),
        ("LaMP_3", [item("Bad nuts.", score=2)], '2 is the score for "Bad nuts.". R'),
        (
            "LaMP_3",
            [item("Fine.", score="4"), item("OK.", score=3.0)],
            '4 is the score for "Fine.", and 3 is the score for "OK.". R',
        ),
        ("LaMP_4", [item("Body", title="Head")], '"Head" is the title for "Body". R'),
        ("LaMP_5", [item("Abs", title="Head")], '"Head" is the title for "Abs". Following the given patterns R'),
        ("LaMP_6", [item("Mail", title="Subject")], '"Subject" is the title for "Mail". R'),
        (
            "LaMP_7",
            [item("tweet one"), item("tweet two")],
            '"tweet one", and "tweet two" are written by a person. Following the given patterns R',
        ),
    ],
)
def test_entries_stand_in_the_papers_words(task, items, expected):
    assert content(task, "R", *items) == expected


@pytest.mark.parametrize("task", [task for task in TASKS if task != "chat"])
def test_without_items_the_request_stands_alone(task):
    assert content(task, "R with title") == "R with title"


def test_an_item_without_the_label_is_left_out():
    prompt = build_prompt(
        "R", [item("no tag"), item("Dog", tag="comedy")], task="LaMP_2", budget_tokens=999, count_tokens=len
    )
    assert prompt.used == (1,)


def test_braces_in_a_text_are_only_text():
    assert (
        content("LaMP_4", "R", item("{label} {long}", title="{long}"))
        == '"{long}" is the title for "{label} {long}". R'
    )


@pytest.mark.parametrize(
    ("task", "request_text", "query"),
    [
        ("LaMP_1", REQUEST_1, 'Deep "nets" Shallow nets'),
        ("LaMP_2", "Which tag … tags: [a, b] description: A dog: lost", "A dog: lost"),
        ("LaMP_2N", "Which category … categories: [a] article: Text", "Text"),
        ("LaMP_3", "What is the score … review: Nice: really", "Nice: really"),
        ("LaMP_4", "Generate a headline for the following article: Text", "Text"),
        ("LaMP_5", "Generate a title for the following abstract of a paper: Text", "Text"),
        ("LaMP_6", "Generate a subject for the following email: Dear: you", "Dear: you"),
        ("LaMP_7", "Paraphrase the following tweet …: Hi: there", "Hi: there"),
        ("LaMP_4", "no marker here", "no marker here"),
        ("LaMP_7", "ends with a colon:", "ends with a colon:"),
        ("chat", "Anything: at all", "Anything: at all"),
    ],
)
def test_the_query_is_the_part_that_differs(task, request_text, query):
    assert query_for(task, request_text) == query


def test_labels_are_the_tasks_own():
    assert labels_for("LaMP_1") == ("[1]", "[2]")
    assert labels_for("LaMP_3") == ("1", "2", "3", "4", "5")
    for task in ("LaMP_2", "LaMP_2N"):
        labels = labels_for(task)
        assert labels is not None
        assert len(set(labels)) == 15
    assert [labels_for(task) for task in ("chat", "LaMP_4", "LaMP_5", "LaMP_6", "LaMP_7")] == [None] * 5


@pytest.mark.parametrize("call", [labels_for, lambda task: query_for(task, "x")])
def test_an_unknown_task_names_the_known(call):
    with pytest.raises(ValueError, match=r"no task 'LaMP_9'; there are chat, LaMP_1"):
        call("LaMP_9")
