"""Which questions are about none of the notes."""

from __future__ import annotations

import pytest

from ondevice.generation.prompts.general import FAR, is_far, names_no_note

NOTES = ["The harmony of the choir is rehearsed on Friday.", "Jana wrote that the star telescope costs 900 euros."]
APART = FAR / 2


def is_general(queries: list[str], texts: list[str], nearest: float | None) -> bool:
    """Put the two together as a preparation does."""
    return names_no_note(queries, texts) and is_far(nearest)


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "What is 7 plus 5?",
        "Which planet is the largest?",
        "How many legs does a spider have?",
    ],
)
def test_what_no_note_is_near_and_names_none_of_their_things_is_general(question: str) -> None:
    assert is_general([question], NOTES, APART)


@pytest.mark.parametrize(
    ("question", "nearest"),
    [
        ("What is the capital of France?", FAR),  # a note is near
        ("What is the capital of France?", None),  # nobody knows how near
        ("What does the star telescope cost?", APART),  # most of its words are theirs
        ("Which planet do I like?", APART),  # it is about the user
        ("Welchen Planeten mag ich?", APART),
        ("What's my PIN?", APART),
        ("Какая столица Франции?", APART),  # vectors say little of it
        ("What is it?", APART),  # no word says anything
        ("", APART),
        ("When is cardboard collected?", APART),  # it is asked as of a life
    ],
)
def test_what_may_be_about_the_notes_is_not(question: str, nearest: float | None) -> None:
    assert not is_general([question], NOTES, nearest)


def test_a_question_that_follows_another_is_judged_with_it() -> None:
    follow_up = "How many legs does a spider have?"
    assert is_general([follow_up], NOTES, APART)
    assert is_general([follow_up, f"What is the capital of France?\nParis.\n{follow_up}"], NOTES, APART)
    assert not is_general([follow_up, f"Is my spider ill?\n{follow_up}"], NOTES, APART)
