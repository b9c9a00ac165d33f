from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ondevice.vault.scripts import fold, split_words


def test_plain_text_is_untouched() -> None:
    assert fold("a plain text, or not") == "a plain text, or not"
    assert fold(None) == ""


def test_accents_and_widths_are_folded() -> None:
    assert fold("Ωραία ёлка naïve \uff21\uff22 tiếng 각") == "Ωραια елка naive AB tieng  각 "


def test_characters_without_spaces_stand_alone() -> None:
    assert fold("in 東京 now").split() == ["in", "東", "京", "now"]


def test_words_are_words_or_pairs_of_neighbours() -> None:
    assert split_words("Ein Tag in 東京都 und 서울!") == ["Ein", "Tag", "in", "東京", "京都", "und", "서울"]
    assert split_words("水 abc東x") == ["水", "abc", "東", "x"]


@given(st.text())
def test_folding_twice_changes_no_word(text: str) -> None:
    assert fold(fold(text)).split() == fold(text).split()
