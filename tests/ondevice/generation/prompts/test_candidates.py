"""What a selector reads of a candidate: both halves in brief, and the same text for the same candidate."""

from __future__ import annotations

import pytest

from ondevice.evaluation.histories import as_items
from ondevice.generation.prompts.candidates import ITEM_WORDS, QUERY_WORDS, candidate_text
from ondevice.records import Draft

REQUEST = "Generate a subject for the following email: Shall we meet on Monday?"


def mail(text: str, title: str | None = "Lunch") -> Draft:
    return Draft(text=text, fields={} if title is None else {"title": title})


def test_the_request_stands_first_and_an_item_a_line() -> None:
    items = as_items([mail("See you at noon"), mail("The train is late", "Train")])
    assert candidate_text("LaMP_6", REQUEST, items).splitlines() == [
        "LaMP_6: Shall we meet on Monday?",
        '"Lunch" is the title for "See you at noon"',
        '"Train" is the title for "The train is late"',
    ]
    assert candidate_text("LaMP_6", REQUEST, []) == "LaMP_6: Shall we meet on Monday?"


def test_long_texts_are_shortened_and_titles_are_not() -> None:
    words = [f"w{number}" for number in range(200)]
    text = candidate_text(
        "LaMP_6", f"Generate a subject: {' '.join(words)}", as_items([mail(" ".join(words), "T " * 40)])
    )
    first, item = text.splitlines()
    assert first.split(" ")[-1] == f"w{QUERY_WORDS - 1}"
    assert f'w{ITEM_WORDS - 1}"' in item
    assert f"w{ITEM_WORDS}" not in item
    assert item.count("T") == 40


def test_what_has_no_place_in_the_prompt_has_none_here() -> None:
    assert candidate_text("LaMP_6", REQUEST, as_items([mail("no title", None)])) == candidate_text(
        "LaMP_6", REQUEST, []
    )


def test_line_breaks_cannot_pass_for_items() -> None:
    text = candidate_text("chat", "What\nnow?", as_items([Draft(text="one\ntwo")]))
    assert len(text.splitlines()) == 2
    assert text.startswith("chat: What now?")


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(ValueError, match="LaMP_9"):
        candidate_text("LaMP_9", "a", [])
