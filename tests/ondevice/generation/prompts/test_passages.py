"""What of a long text stands in the prompt: what fits the request, wherever in the text it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.generation.prompts.entries import one_line, word_ends
from ondevice.generation.prompts.passages import GAP, NOTES_WORDS, Extract, passages_for
from ondevice.passages import Passage

FILLING = [f"Sentence {number} speaks of quite other things than that." for number in range(60)]


def long_text(**planted: str) -> str:
    """Return 60 sentences with others in place of some: ``at_50="…"``."""
    sentences = list(FILLING)
    for place, sentence in planted.items():
        sentences[int(place.removeprefix("at_"))] = sentence
    return " ".join(sentences)


@pytest.mark.parametrize("text", ["", " \n", "short", "Two\nlines.", "word " * NOTES_WORDS])
def test_a_short_text_stays_whole_on_one_line(text: str) -> None:
    assert passages_for("anything", text) == one_line(text)


@pytest.mark.parametrize("place", [0, 1, 30, 58, 59])
def test_what_is_asked_for_is_found_wherever_it_stands(place: int) -> None:
    text = long_text(**{f"at_{place}": "The dentist expects you on 9 March at 14:30."})
    passage = passages_for("When are my dentists expecting me?", text)
    assert "The dentist expects you on 9 March at 14:30." in passage
    assert len(word_ends(passage.replace(GAP, " "))) <= NOTES_WORDS
    for near in (place - 1, place + 1):
        if 0 <= near < 60:
            assert FILLING[near] in passage, "what stands beside it may be what it means"


def test_several_places_stand_in_their_order_with_a_mark_between() -> None:
    text = long_text(at_10="The piano was tuned by Mrs Ito.", at_50="Mrs Ito charged 90 euros.")
    passage = passages_for("What did Mrs Ito charge for tuning the piano?", text)
    assert passage.startswith(FILLING[0]), "there is room for the beginning"
    assert GAP in passage
    assert passage.index("tuned by Mrs Ito") < passage.index("charged 90 euros")


def test_rare_words_tell_more_than_words_of_every_sentence() -> None:
    text = " ".join(f"The garden has row {number} of roses in it." for number in range(60))
    text = text.replace("row 40 of roses", "row 40 of leeks")
    assert "leeks" in passages_for("Where in the garden are the leeks, in which row?", text)


def test_where_no_word_fits_the_beginning_is_kept() -> None:
    passage = passages_for("Who is the captain?", long_text())
    assert " ".join(FILLING).startswith(passage)
    assert len(passage.split()) > NOTES_WORDS - 9


def test_a_text_without_full_stops_is_split_too() -> None:
    text = " ".join(f"item{number}" for number in range(500)) + " the code is 4711 " + "more " * 300
    passage = passages_for("What is the code?", text)
    assert "the code is 4711" in passage
    assert len(passage.replace(GAP, " ").split()) <= NOTES_WORDS


def test_lines_end_sentences_and_scripts_without_spaces_are_read() -> None:
    lines = "\n".join(["- buy bread"] * 100 + ["- call the plumber at 555 1234"] + ["- buy milk"] * 100)
    assert "- call the plumber at 555 1234 - buy milk" in passages_for("plumbers", lines)
    japanese = "今日は天気がいいです。" * 500 + "歯医者は三月九日です。" + "明日は雨が降ります。" * 500
    assert "歯医者は三月九日です。" in passages_for("歯医者はいつですか", japanese)


@given(
    text=st.lists(st.sampled_from(["apple", "pear.", "plum!", "日本。", "x" * 60, "\n"]), max_size=400).map(" ".join),
    request=st.sampled_from(["", "Apples?", "pear plum", "日本"]),
)
def test_a_passage_is_made_of_the_text_and_never_too_long(text: str, request: str) -> None:
    passage = passages_for(request, text)
    whole = one_line(text)
    assert len(word_ends(passage.replace(GAP, " "))) <= NOTES_WORDS + 1
    assert bool(passage) == bool(whole)
    for part in passage.split(GAP):
        assert part.replace(" ", "") in whole.replace(" ", "")
    assert passage == passages_for(request, text)


def passage_at(text: str, sentence: str) -> Passage:
    start = text.index(sentence)
    return Passage(text=sentence, start=start, end=start + len(sentence))


def test_the_passage_that_was_found_is_kept_although_it_shares_no_word() -> None:
    hidden = "It lies under the blue pot beside the door."
    text = long_text(at_30=hidden, at_5="The house has a key of brass.")
    request = "Where is the key of the house?"
    assert hidden not in passages_for(request, text, max_words=60)
    kept = passages_for(request, text, max_words=60, matched=passage_at(text, hidden))
    assert hidden in kept
    assert "The house has a key of brass." in kept, "what shares words comes first"


@pytest.mark.parametrize("max_words", [1, 3, 8, 20, 100])
def test_however_little_room_there_is_the_best_is_kept(max_words: int) -> None:
    text = long_text(at_40="The dentist expects you on 9 March at 14:30.")
    kept = Extract("When does the dentist expect me?", text).kept(max_words)
    assert 0 < len(word_ends(kept.replace(GAP, " "))) <= max_words
    if max_words >= 9:
        assert "The dentist expects you on 9 March at 14:30." in kept
    elif max_words == 8:
        assert kept == "The dentist expects you on 9 March at"


def test_the_best_window_is_the_sentence_with_its_neighbours() -> None:
    text = long_text(at_40="The dentist expects you on 9 March at 14:30.")
    window = Extract("the dentist", text).best_window()
    assert window is not None
    assert window.text == text[window.start : window.end]
    assert window.text == f"{FILLING[39]} The dentist expects you on 9 March at 14:30. {FILLING[41]}"
    assert Extract("the captain", text).best_window() is None
