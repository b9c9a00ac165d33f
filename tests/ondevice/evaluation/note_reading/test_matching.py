from __future__ import annotations

import pytest

from ondevice.evaluation.note_reading.matching import dates_and_numbers, normalised, token_f1


def test_articles_punctuation_and_case_do_not_count():
    assert normalised("The dentist's at an  OLD mill.") == ["dentists", "at", "old", "mill"]


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        ("Adoption agencies.", "the adoption agencies", 1.0),
        # said 4 words, wanted 2, shared 2: precision 1/2, recall 1
        ("She researched adoption agencies", "adoption agencies", 2 / 3),
        # said 3, wanted 4, shared 1: precision 1/3, recall 1/4
        ("in May somewhere", "May 7 of 2023", 2 / 7),
        # a word counts as often as both have it: said 3, wanted 2, shared 1
        ("no no no", "no never", 2 / 5),
        ("a dog", "cat", 0.0),
        ("", "cat", 0.0),
        ("the", "a", 1.0),
    ],
)
def test_token_f1(answer: str, gold: str, expected: float):
    assert token_f1(answer, gold) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 May 2023", {"7", "may", "2023"}),
        ("on May 7th, 2023.", {"7", "may", "2023"}),
        ("2023-05-07", {"7", "may", "2023"}),
        ("the Friday before 15 Jul", {"friday", "15", "july"}),
        ("it may march on", set()),
        ("in March 2023", {"march", "2023"}),
        ("three dogs, 1,200 cats and one more", {"3", "1200"}),
        ("at 09:30, for 0.50", {"9:30", "0.50"}),
        ("2023-13-41", {"2023", "13", "41"}),
        ("someone", set()),
    ],
)
def test_dates_and_numbers_are_alike_however_they_are_written(text: str, expected: set[str]):
    assert dates_and_numbers(text) == expected
