from __future__ import annotations

import pytest

from ondevice.generation.prompts.refusal import REFUSAL, refuses


@pytest.mark.parametrize(
    "text",
    [
        REFUSAL,
        f"  {REFUSAL}\n",
        "Your notes don't say.",
        "Your notes don\u2019t say when.",
        "The notes do not mention a phone number.",
        "That is not mentioned in your notes.",
        "The price isn't stated.",
        "I don't know.",
        "I could not find that.",
        "I cannot tell.",
        "There is no information about it.",
        "Nothing in your notes says so. Perhaps 9 March.",
        "The time is unknown.",
        "I am unable to answer that.",
    ],
)
def test_what_admits_not_to_know_is_a_refusal(text):
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The dentist is on 9 March at 14:30.",
        "The choir rehearsal does not take place.",
        "Nobody needs to look after the cat any more.",
        "You have not handed it in yet, it is due on 9 March.",
        "The code is 4417. Your notes do not say more.",
        "Ana has the drill. I do not know until when.",
    ],
)
def test_an_answer_is_not_even_where_doubt_follows_it(text):
    assert not refuses(text)
