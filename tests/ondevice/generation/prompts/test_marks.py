"""Marks are taken out of an answer, and nothing else is, however it is cut into pieces."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.generation.prompts.citations import without_marks
from ondevice.generation.prompts.marks import MarkFilter

MARKED = st.lists(
    st.sampled_from(["[1]", "[2]", "[13]", "[1234]", "[", "]", "[7", " ", "\n", ". ", ".", "a", "Ana", "9", "?", "é"])
    | st.text(max_size=3)
).map("".join)


@pytest.mark.parametrize(
    ("answer", "text", "numbers"),
    [
        ("[2] The dentist is on 9 March.", "The dentist is on 9 March.", [(2,)]),
        ("[1][3] Both say so.", "Both say so.", [(1, 3)]),
        ("[1] [3] Both say so.", "Both say so.", [(1, 3)]),
        ("It is on 9 March [2].", "It is on 9 March.", [(2,)]),
        ("It is on 9 March[2].", "It is on 9 March.", [(2,)]),
        ("It is on 9 March. [2]", "It is on 9 March.", [(2,)]),
        ("It is on 9 March.[2] So is Ana.", "It is on 9 March. So is Ana.", [(2,)]),
        ("[2] It is so. [1] She comes.", "It is so. She comes.", [(2,), (1,)]),
        ("[2] It is so.\n\n[1] She comes.\n", "It is so.\n\nShe comes.", [(2,), (1,)]),
        ("The dentist [2] is on Monday.", "The dentist is on Monday.", [(2,)]),
        ("[2]The dentist", "The dentist", [(2,)]),
        ("the program says a[1] = 3", "the program says a[1] = 3", []),
        ("in [2024] or [x] or []", "in [2024] or [x] or []", []),
        ("cut off [2", "cut off", []),
        ("[99] Nobody said so.", "Nobody said so.", [(99,)]),
        ("no marks  at all ", "no marks  at all", []),
        ("[1]", "", [(1,)]),
        ("", "", []),
    ],
)
def test_marks_are_taken_out(answer: str, text: str, numbers: list[tuple[int, ...]]) -> None:
    assert without_marks(answer)[0] == text
    assert [mark.numbers for mark in without_marks(answer)[1]] == numbers


@pytest.mark.parametrize(
    ("answer", "sides"),
    [
        ("[2] It is so. [1] She comes.", ["behind", "behind"]),
        ("It is so.[2] She comes. [1]", ["before", "before"]),
        ("It is so. [2]\nShe comes [1].", ["before", "before"]),
    ],
)
def test_a_mark_belongs_to_the_sentence_that_it_stands_at(answer: str, sides: list[str]) -> None:
    assert [mark.side for mark in without_marks(answer)[1]] == sides


@given(MARKED, st.data())
def test_pieces_make_the_same_text_as_the_whole(answer: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(answer)), max_size=8)))
    marks = MarkFilter()
    ends = [0, *cuts, len(answer)]
    pieces = [marks.push(answer[start:end]) for start, end in pairwise(ends)]
    marks.finish()
    assert ("".join(pieces), marks.marks) == without_marks(answer)


@given(MARKED)
def test_nothing_but_marks_and_white_space_is_taken_out(answer: str) -> None:
    text, marks = without_marks(answer)
    solid = "".join(re.sub(r"\[\d{0,3}\Z", "", answer).split())
    left = "".join(text.split())
    assert re.sub(r"\[\d{1,3}\]", "", solid) == re.sub(r"\[\d{1,3}\]", "", left)
    assert all(0 <= mark.place <= len(text) for mark in marks)


@given(st.text(alphabet=st.characters(exclude_characters="[")))
def test_a_text_without_brackets_stays_as_it_is_up_to_its_end(answer: str) -> None:
    assert without_marks(answer) == (answer.rstrip(), ())


def test_a_piece_is_given_as_soon_as_it_is_certain() -> None:
    marks = MarkFilter()
    assert [marks.push(piece) for piece in ("[", "1", "] ", "The", " cat", " [", "x]", ".")] == [
        "", "", "", "The", " cat", "", " [x]", ".",
    ]  # fmt: skip
