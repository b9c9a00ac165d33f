"""What is to be written, and what is to be looked up."""

from __future__ import annotations

import pytest

from ondevice.generation.prompts.instructions import asks_to_write


@pytest.mark.parametrize(
    "request_text",
    [
        "Write a very long story about a king and his seven daughters.",
        "  please translate this into French: the dentist is on Friday",
        "Could you please draft a mail to my landlord?",
        "Hi! Can you summarise my week?",
        "tell me a joke",
        "Help me to come up with a gift for Ana",
        "i'd like you to rewrite the note",
        "I\u2019d like you to write a poem",
        "\u200fLet\u2019s draft a mail",
    ],
)
def test_verbs_of_writing_are_heard_behind_asides(request_text: str) -> None:
    assert asks_to_write(request_text)


@pytest.mark.parametrize(
    "request_text",
    [
        "What is the name of my dentist?",
        "tell me when the lantern walk starts",
        "Can you tell me who wrote the letter?",
        "departure of my ferry to Gotland, please",
        "Who plays the piano at the concert?",
        "Where did I write down the code?",
        "Writers' club: when?",
        "list what I have to buy",
        "",
        "??",
    ],
)
def test_questions_are_left_to_the_notes(request_text: str) -> None:
    assert not asks_to_write(request_text)
