"""Sentences of short answers are found where a reader finds them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.generation.prompts.sentences import sentence_ranges


@pytest.mark.parametrize(
    "sentences",
    [
        ["The dentist is on 9 March.", "It is at 14.30."],
        ["Dr. Costa called.", "Mr. and Mrs. Lee came."],
        ["It costs 3.50 euros.", "Really?", "Yes!"],
        ["She comes at 9 a.m. and goes at 5 p.m. on Monday.", "He stays."],
        ["J. Smith wrote it…", "Then nothing"],
        ["It is on 4. March.", "Nothing else is."],
        ["You were born in 1984.", "Ana was not."],
        ['She said "Come at nine."', "He did."],
        ["You said no.", "Ana said yes."],
        ["So did I.", "Ana did not."],
        ["Ask ana.costa@example.org or www.example.org.", "She knows."],
    ],
)
def test_sentences_are_told_apart(sentences: list[str]) -> None:
    text = " ".join(sentences)
    assert [text[start:end] for start, end in sentence_ranges(text)] == sentences


def test_lines_are_sentences_and_a_list_keeps_its_numbers() -> None:
    text = "You need:\n1. Milk\n2. Eggs from Ana.\n\n- Bread"
    assert [text[start:end] for start, end in sentence_ranges(text)] == [
        "You need:", "1. Milk", "2. Eggs from Ana.", "- Bread",
    ]  # fmt: skip


@given(st.lists(st.sampled_from([".", "!", " ", "\n", "Dr", "A", "b", "9", '"', ")", "…"]) | st.text(max_size=3)))
def test_every_character_stands_in_one_sentence(parts: list[str]) -> None:
    text = "".join(parts)
    ranges = list(sentence_ranges(text))
    bounds = [bound for pair in ranges for bound in pair]
    assert bounds == sorted(bounds)
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in ranges)
    assert "".join("".join(text[start:end].split()) for start, end in ranges) == "".join(text.split())
