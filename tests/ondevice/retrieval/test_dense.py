"""Dense retrieval: the vector decides, the filter holds, and a missing vector is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ondevice.errors import ModelMismatchError
from ondevice.records import Draft, Filter
from ondevice.retrieval.dense import DenseRetriever
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.vault.vault import Vault
from tests.ondevice.retrieval.conftest import at


@pytest.fixture
def index(vault: Vault, encoder: Encoder) -> Iterator[VectorIndex]:
    opened = VectorIndex(vault.vectors, vault.sealed, encoder.id, encoder.dim)
    yield opened
    opened.close()


@pytest.fixture
def dense(vault: Vault, encoder: Encoder, index: VectorIndex) -> DenseRetriever:
    return DenseRetriever(vault, lambda: encoder, index)


def found(retriever: DenseRetriever, query: str, k: int = 10, filter: Filter | None = None) -> list[int]:
    return [row for row, _ in retriever.retrieve(query, k=k, filter=filter)]


def test_the_nearest_text_comes_first(dense: DenseRetriever, encoder: Encoder, add: Callable[..., list[int]]) -> None:
    rows = add(["coffee cake", "train to paris", "guitar concert"], encoder)
    assert found(dense, "a train ticket to oslo", k=1) == [rows[1]]
    assert found(dense, "concert", k=1) == [rows[2]]
    hits = dense.retrieve("coffee cake", k=3)
    assert hits[0].row == rows[0]
    assert hits[0].score == pytest.approx(1.0, abs=1e-5)


def test_the_filter_holds(dense: DenseRetriever, encoder: Encoder, add: Callable[..., list[int]]) -> None:
    first, second = add(["coffee cake", "coffee tea"], encoder, kind="mail", metadata={"stars": 1})
    (third,) = add(["dog garden"], encoder, kind="note", metadata={"stars": 5})
    assert found(dense, "coffee", filter=Filter(kinds=("note",))) == [third]
    assert found(dense, "coffee", filter=Filter(metadata={"stars": {"lt": 3}}, until=at(1))) == [first]
    assert found(dense, "coffee", filter=Filter(since=at(1))) == [second, third]
    assert found(dense, "coffee", filter=Filter(kinds=("nothing",))) == []
    assert set(found(dense, "coffee", filter=Filter())) == {first, second, third}


@pytest.mark.parametrize("n_expired", [3, 70])
def test_an_expired_item_takes_nobodys_place(
    vault: Vault, dense: DenseRetriever, encoder: Encoder, n_expired: int
) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=0.3)
    short = [Draft(text=f"coffee cake {n}", expires_at=moment) for n in range(n_expired)]
    long = [Draft(text="coffee dog"), Draft(text="bird")]
    texts = [draft.text for draft in short + long]
    stored = vault.items.put_many(short + long, vectors={encoder.id: encoder.encode_passages(texts)})
    while datetime.now(UTC) < moment:
        pass
    assert found(dense, "coffee cake", k=2) == [entry.row for entry in stored[-2:]]


def test_items_without_a_vector_are_told_with_their_number(
    dense: DenseRetriever, encoder: Encoder, add: Callable[..., list[int]]
) -> None:
    add(["coffee cake"], encoder)
    add(["train", "plane"])
    with pytest.raises(ModelMismatchError, match="2 of 3 items have no vector") as caught:
        dense.retrieve("coffee", k=1)
    assert caught.value.hint == "run: ondevice reencode"


def test_an_empty_profile_has_no_hits(dense: DenseRetriever) -> None:
    assert dense.retrieve("coffee", k=3) == []


def test_a_query_is_encoded_once(
    vault: Vault, index: VectorIndex, encoder: Encoder, add: Callable[..., list[int]]
) -> None:
    add(["coffee cake"], encoder)
    opened: list[int] = []

    def open_encoder() -> Encoder:
        opened.append(1)
        return encoder

    dense = DenseRetriever(vault, open_encoder, index)
    for _ in range(3):
        dense.retrieve("coffee", k=1)
    assert len(opened) == 1
    for number in range(40):
        dense.retrieve(f"query {number}", k=1)
    dense.retrieve("coffee", k=1)
    assert len(opened) == 42
    assert len(dense._remembered) == 32


def test_k_below_one_is_misuse(dense: DenseRetriever) -> None:
    with pytest.raises(ValueError, match="k must be 1 or more"):
        dense.retrieve("coffee", k=0)


def test_remembered_queries_are_forgotten_and_hold_no_text(
    dense: DenseRetriever, encoder: Encoder, add: Callable[..., list[int]]
) -> None:
    add(["coffee cake"], encoder)
    hits = dense.retrieve("the code of the safe is 4711", k=1)
    (kept,) = dense._remembered._vectors.values()
    assert kept.any()
    assert not any("4711" in str(name) or b"4711" in name for name in dense._remembered._vectors)
    assert dense.forget_queries() == 1
    assert len(dense._remembered) == 0
    assert not kept.any(), "overwritten, not only dropped"
    assert dense.forget_queries() == 0
    assert dense.retrieve("the code of the safe is 4711", k=1) == hits


def test_a_query_that_is_encoded_during_an_erasure_is_not_remembered(
    vault: Vault, index: VectorIndex, encoder: Encoder, add: Callable[..., list[int]]
) -> None:
    add(["coffee cake"], encoder)

    def erase_meanwhile() -> Encoder:
        searching.forget_queries()
        return encoder

    searching = DenseRetriever(vault, erase_meanwhile, index)
    assert searching.retrieve("coffee", k=1)
    assert len(searching._remembered) == 0


def test_a_remembered_vector_is_the_caller_s_own(dense: DenseRetriever) -> None:
    vector = dense._vector("coffee")
    again = dense._vector("coffee")
    assert np.array_equal(again, vector)
    dense.forget_queries()
    assert again.any()
    assert vector.any()
