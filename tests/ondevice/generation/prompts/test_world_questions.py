"""Which questions are worded as about the world: no invented person's but a few, and most general ones."""

from __future__ import annotations

import pytest

from ondevice.evaluation.harm.plain_questions import ARITHMETIC, KNOWLEDGE, WORDS
from ondevice.evaluation.people import Split, make_people
from ondevice.generation.prompts.general import names_no_note
from ondevice.generation.prompts.world_questions import asks_about_the_world


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "what's the opposite of hot",
        "Which planet is the closest to the sun?",
        "Which organ pumps blood through the body?",
        "Is a whale a fish?",
        "Do you know how many legs a spider has?",
        "Which month comes before June?",
        "At how many degrees Celsius does water freeze?",
    ],
)
def test_a_question_about_the_world(question: str) -> None:
    assert asks_about_the_world(question)


@pytest.mark.parametrize(
    "question",
    [
        "On which day is the tenants' meeting?",  # a definite thing
        "What is the height of the bedroom door?",  # of a definite thing
        "What does Boris do for a living?",  # a name
        "What is the phone number of Boris?",
        "What did they charge?",  # what was
        "Where will lunch take place?",
        "When is cardboard collected?",  # a time
        "Kayak: lent to whom?",  # a heading
        "Kayak warranty, until what month?",
        "What is the care of it like?",  # spoken of before
        "Who is coming?",  # what holds now
        "How much is a new sleeping bag, the price?",
        "What are aunt's shoes like?",  # somebody's
        "Wie viele Beine hat eine Spinne?",  # in another language
        "la capitale de la France ?",
        "",
        ":",
    ],
)
def test_a_question_that_may_be_about_a_life(question: str) -> None:
    assert not asks_about_the_world(question)


@pytest.mark.parametrize("split", ["train", "held_out"])
def test_what_invented_people_ask_is_about_their_lives(split: Split) -> None:
    """At most one in two hundred is worded otherwise; the notes' nearness and the model's sureness hold it back."""
    people = make_people(8, split=split, seed=4, thorough=True)
    asked = {request.text for person in people for request in person.requests if not request.after}
    let_through = [text for text in asked if names_no_note([text], ())]
    assert len(asked) > 500
    assert len(let_through) <= len(asked) / 200


def test_two_in_three_general_questions_are_about_the_world() -> None:
    asked = [question for question, *_ in (*KNOWLEDGE, *ARITHMETIC, *WORDS)]
    assert sum(map(asks_about_the_world, asked)) >= 2 / 3 * len(asked)


def test_long_texts_take_no_longer_than_they_are() -> None:
    """A pattern that goes back again and again would take hours for these."""
    for text in ("the " * 50_000, "What is the " + "a" * 200_000, "in " * 50_000, "How " + "A" * 200_000):
        assert not asks_about_the_world(text) or text.startswith("How")
