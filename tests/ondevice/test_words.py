"""Words in item and query: scripts without spaces, the choice of a query's words, and any text as a query."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from ondevice.words import (
    TOKENIZER,
    any_of,
    choose_terms,
    fold,
    fold_letters,
    languages_of,
    mark_of,
    query_words,
    split_words,
)


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
    assert fold_letters(fold_letters(text)).split() == fold_letters(text).split()


def test_words_are_lower_case_distinct_and_in_order() -> None:
    assert query_words("The cat, the CAT_and-the Straße; 3.5 Ñandú") == [
        "the",
        "cat",
        "and",
        "straße",
        "3",
        "5",
        "ñandú",
    ]
    assert query_words("") == query_words(" \t\n.,;:!?\"'*()") == []


def test_only_the_first_words_of_an_endless_query_are_read() -> None:
    assert len(query_words(" ".join(f"w{number}" for number in range(5000)))) == 128


def test_the_rarest_words_are_chosen() -> None:
    frequency = {"absent": 0, "rare": 1, "some": 20, "common": 26, "everywhere": 100}
    assert choose_terms(frequency, n_items=100) == ["rare", "some"]
    assert choose_terms({f"w{n:02}": n for n in range(1, 40)}, n_items=1000) == [f"w{n:02}" for n in range(1, 17)]


def test_the_choice_ends_where_it_would_cost_too_much() -> None:
    frequency = {"rare": 10, "mid": 9_000, "more": 9_500, "most": 9_900}
    assert choose_terms(frequency, n_items=100_000) == ["rare", "mid"]
    assert choose_terms({"more": 9_500, "most": 9_900}, n_items=100_000) == ["more", "most"]


def test_common_words_are_taken_where_there_are_no_others() -> None:
    assert choose_terms({"the": 90, "a": 80}, n_items=100) == ["a", "the"]
    assert choose_terms({"absent": 0}, n_items=100) == []


def test_in_a_small_profile_no_word_is_common() -> None:
    assert choose_terms({"flat": 10, "lyon": 4}, n_items=10) == ["lyon", "flat"]


@given(st.lists(st.text()))
def test_any_terms_make_a_query_that_runs(terms: list[str]) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = '{TOKENIZER}')")
        database.execute("INSERT INTO texts VALUES (?)", [fold(" ".join(terms))])
        if query := any_of(terms):
            database.execute("SELECT rowid FROM texts WHERE texts MATCH ?", [query]).fetchall()


def test_a_query_is_for_any_of_the_terms() -> None:
    assert any_of(["rain", 'the "sea"', " ", ""]) == '"rain" OR "the ""sea"""'
    assert any_of([]) == ""


def test_letters_that_look_alike_to_whoever_types_are_one() -> None:
    assert fold_letters("Die Straße am Fluß, in Łódź; Ærø") == "Die Strasse am Fluss, in Lodz; AEro"


def test_what_nobody_sees_parts_no_word() -> None:
    assert fold("Donau\u00addampf\u00adschiff hello\u200bworld") == "Donaudampfschiff helloworld"
    assert query_words("Donau\u00addampf\u00adschiff") == ["donaudampfschiff"]


def test_points_and_vowels_are_left_out() -> None:
    assert fold_letters("סֵפֶר") == "ספר"
    assert fold_letters("قَرَأْتُ") == fold_letters("قرأت")


def found(query: str, *texts: str, languages: tuple[str, ...] = ()) -> list[int]:
    """Return which of the texts SQLite finds for a query, best first."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = '{TOKENIZER}')")
        database.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", enumerate(map(fold, texts)))
        wanted = any_of(query_words(query, languages))
        return [
            row for (row,) in database.execute("SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank", [wanted])
        ]


def test_words_with_vowel_signs_are_whole() -> None:
    book, key, blue = "किताब", "चाबी", "நீலம்"
    assert split_words(f"{book} {key}। {blue}") == [book, key, blue]
    assert found(book, f"{key} x", f"{book} y", "क त ब") == [1]
    assert found(blue, book, f"{blue}!") == [1]


def test_an_emoji_is_a_word() -> None:
    assert query_words("pizza🍕night") == ["pizza", "🍕", "night"]
    assert found("🍕", "pizza night🍕", "salad 🥗") == [0]
    assert found("👍🏽", "well done 👍") == [0]


def test_a_german_item_is_found_by_another_form_of_its_words() -> None:
    texts = "Wir haben die alten Häuser am See verkauft.", "The house was sold."
    assert fold(texts[0]).endswith(mark_of("german"))
    assert found("Hauses", *texts) == []
    assert found("Hauses", *texts, languages=("german",)) == [0]
    assert found("Haus", *texts, languages=("german",)) == [0]
    assert found("Häuser", *texts) == [0], "the word itself stays"
    assert found("houses", *texts, languages=("german",)) == [1]


def test_a_query_has_each_word_and_its_stems() -> None:
    assert query_words("alte Häuser", ("german", "french")) == ["alte", "alt", "häuser", "haus", "häus"]


def test_a_language_of_few_items_is_a_mistake_or_not_worth_it() -> None:
    assert languages_of({"german": 5, "czech": 1}, 300) == ("german",)
    assert languages_of({"german": 1}, 3) == ("german",)
    assert languages_of({"german": 0}, 0) == ()
