"""What a selector reads of a candidate: both halves, whole or in brief, and the same text for the same candidate."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ondevice.bundle import Cut
from ondevice.evaluation.histories import as_items
from ondevice.generation.prompts.candidates import (
    ITEM_WORDS,
    MOST_WORDS,
    QUERY_WORDS,
    Part,
    candidate_text,
    parts_of,
)
from ondevice.records import Draft, Item

REQUEST = "Generate a subject for the following email: Shall we meet on Monday?"
CUTS: tuple[Cut, ...] = ("end", "evenly")


def mail(text: str, title: str | None = "Lunch") -> Draft:
    return Draft(text=text, fields={} if title is None else {"title": title})


def read(items: Sequence[Item], cut: Cut, request: str = REQUEST) -> str:
    """Return what is read, as if tabs were nothing."""
    return candidate_text("LaMP_6", request, items, cut=cut).replace("\t", "")


@pytest.mark.parametrize("cut", CUTS)
def test_the_request_stands_first_and_an_item_a_line(cut: Cut) -> None:
    items = as_items([mail("See you at noon"), mail("The train is late", "Train")])
    assert read(items, cut).splitlines() == [
        "LaMP_6: Shall we meet on Monday?",
        '"Lunch" is the title for "See you at noon"',
        '"Train" is the title for "The train is late"',
    ]
    assert read([], cut) == "LaMP_6: Shall we meet on Monday?"


@pytest.mark.parametrize(
    ("cut", "n_query", "n_item"), [("end", QUERY_WORDS, ITEM_WORDS), ("evenly", MOST_WORDS, MOST_WORDS)]
)
def test_long_texts_are_shortened_and_titles_are_not(cut: Cut, n_query: int, n_item: int) -> None:
    words = [f"w{number}" for number in range(300)]
    text = read(as_items([mail(" ".join(words), "T " * 40)]), cut, f"Generate a subject: {' '.join(words)}")
    first, item = text.splitlines()
    assert first.split(" ")[-1] == f"w{n_query - 1}"
    assert f'w{n_item - 1}"' in item
    assert f"w{n_item}" not in item
    assert item.count("T") == 40


def test_parts_are_what_the_text_was_made_of() -> None:
    items = as_items([mail("See\tyou\nat noon", "The\tLunch")])
    assert parts_of(candidate_text("LaMP_6", REQUEST, items, cut="evenly")) == [
        Part("", "LaMP_6: Shall we meet on Monday?", ""),
        Part('"The Lunch" is the title for "', "See you at noon", '"'),
    ]
    assert parts_of("") == [Part("", "", "")]


@pytest.mark.parametrize("cut", CUTS)
def test_what_has_no_place_in_the_prompt_has_none_here(cut: Cut) -> None:
    assert read(as_items([mail("no title", None)]), cut) == read([], cut)


@pytest.mark.parametrize("cut", CUTS)
def test_line_breaks_cannot_pass_for_items(cut: Cut) -> None:
    text = candidate_text("chat", "What\nnow?", as_items([Draft(text="one\ntwo")]), cut=cut)
    assert len(text.splitlines()) == 2
    assert text.startswith("chat: What now?")


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(ValueError, match="LaMP_9"):
        candidate_text("LaMP_9", "a", [], cut="evenly")
