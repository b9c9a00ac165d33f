"""The retrievers that do not read the query."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ondevice.records import Filter
from ondevice.retrieval.recency import NoRetriever, RecencyRetriever
from ondevice.vault.vault import Vault


def test_none_finds_nothing() -> None:
    assert NoRetriever().retrieve("anything", k=5) == []


def test_the_newest_come_first(vault: Vault, add: Callable[..., list[int]]) -> None:
    rows = add(["one", "two", "three", "four"])
    hits = RecencyRetriever(vault.items).retrieve("whatever", k=3)
    assert [row for row, _ in hits] == rows[:0:-1]
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)


def test_the_filter_holds(vault: Vault, add: Callable[..., list[int]]) -> None:
    (mail,) = add(["one"], kind="mail")
    add(["two"], kind="note")
    assert [row for row, _ in RecencyRetriever(vault.items).retrieve("", k=5, filter=Filter(kinds=("mail",)))] == [mail]


def test_k_below_one_is_misuse(vault: Vault) -> None:
    for retriever in (NoRetriever(), RecencyRetriever(vault.items)):
        with pytest.raises(ValueError, match="k must be 1 or more"):
            retriever.retrieve("", k=0)
