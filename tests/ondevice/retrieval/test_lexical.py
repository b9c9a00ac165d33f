"""Lexical retrieval over the real full-text index: any text is a query, and rare words decide."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondevice.records import Filter
from ondevice.retrieval.lexical import LexicalRetriever
from ondevice.vault.vault import Vault


@pytest.fixture
def bm25(vault: Vault) -> LexicalRetriever:
    return LexicalRetriever(vault.lexical, vault.items)


def found(retriever: LexicalRetriever, query: str, k: int = 10, filter: Filter | None = None) -> list[int]:
    return [row for row, _ in retriever.retrieve(query, k=k, filter=filter)]


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


@settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=60) | st.sampled_from(['"', "NEAR(a b)", "a AND", "* OR", "text:x", "a^2", "\x00", "--"]))
def test_no_text_is_a_syntax_error(bm25: LexicalRetriever, add: Callable[..., list[int]], query: str) -> None:
    add(["near and or not text a b x"])
    assert len(bm25.retrieve(query, k=3)) <= 3


def test_k_below_one_is_misuse(bm25: LexicalRetriever) -> None:
    with pytest.raises(ValueError, match="k must be 1 or more"):
        bm25.retrieve("coffee", k=0)


def test_words_of_excluded_items_take_no_places(bm25: LexicalRetriever, add: Callable[..., list[int]]) -> None:
    """An item's own text finds others that share its less rare words, where the item itself is left out."""
    text = "our train was late, " + " ".join(f"detail{n}" for n in range(20))
    add([text, "the train left at nine"], kind="note")
    mail = add(["the train is new"], kind="mail")
    assert found(bm25, text, filter=Filter(kinds=("mail",))) == mail
