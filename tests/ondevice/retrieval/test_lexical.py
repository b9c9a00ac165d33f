"""Lexical retrieval over the real full-text index: any text is a query, and rare words decide."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondevice.records import Filter
from ondevice.retrieval.lexical import LexicalRetriever, choose_terms, words
from ondevice.vault.vault import Vault


@pytest.fixture
def bm25(vault: Vault) -> LexicalRetriever:
    return LexicalRetriever(vault.lexical, vault.items)


def found(retriever: LexicalRetriever, query: str, k: int = 10, filter: Filter | None = None) -> list[int]:
    return [row for row, _ in retriever.retrieve(query, k=k, filter=filter)]


def test_words_are_lower_case_distinct_and_in_order() -> None:
    assert words("The cat, the CAT_and-the Straße; 3.5 Ñandú") == ["the", "cat", "and", "straße", "3", "5", "ñandú"]
    assert words("") == words(" \t\n.,;:!?\"'*()") == []


def test_only_the_first_words_of_an_endless_query_are_read() -> None:
    assert len(words(" ".join(f"w{number}" for number in range(5000)))) == 128


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


def test_the_item_with_the_rarer_word_wins(bm25: LexicalRetriever, add: Callable[..., list[int]]) -> None:
    rows = add(["coffee in paris", "coffee in lyon", "tea in lyon", "a zebra"])
    assert found(bm25, "Paris coffee")[0] == rows[0]
    assert set(found(bm25, "Paris coffee")) == {rows[0], rows[1]}
    assert found(bm25, "ZEBRA") == [rows[3]]
    assert found(bm25, "nothing known") == []


def test_scores_fall_and_k_is_kept(bm25: LexicalRetriever, add: Callable[..., list[int]]) -> None:
    add([f"coffee {'cup ' * n}number {n}" for n in range(20)])
    hits = bm25.retrieve("coffee", k=5)
    assert len(hits) == 5
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    assert all(score > 0 for _, score in hits)


def test_the_filter_holds(bm25: LexicalRetriever, add: Callable[..., list[int]]) -> None:
    add(["coffee one"], kind="mail", metadata={"stars": 2})
    (wanted,) = add(["coffee two"], kind="note", metadata={"stars": 5})
    assert found(bm25, "coffee", filter=Filter(kinds=("note",))) == [wanted]
    assert found(bm25, "coffee", filter=Filter(metadata={"stars": {"gte": 4}})) == [wanted]


def test_text_without_spaces_is_found_by_a_part_of_it(bm25: LexicalRetriever, add: Callable[..., list[int]]) -> None:
    rows = add(["明天下午去东京开会", "coffee"])
    assert found(bm25, "东京") == [rows[0]]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=60) | st.sampled_from(['"', "NEAR(a b)", "a AND", "* OR", "text:x", "a^2", "\x00", "--"]))
def test_no_text_is_a_syntax_error(bm25: LexicalRetriever, add: Callable[..., list[int]], query: str) -> None:
    add(["near and or not text a b x"])
    assert len(bm25.retrieve(query, k=3)) <= 3


def test_k_below_one_is_misuse(bm25: LexicalRetriever) -> None:
    with pytest.raises(ValueError, match="k must be 1 or more"):
        bm25.retrieve("coffee", k=0)
