"""The retrievers by name, all under one protocol, all under the same filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ondevice.config import RetrievalConfig
from ondevice.records import Filter
from ondevice.retrieval.catalog import build_retrievers
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.fusion import blend
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.retrieval.protocol import Retriever
from ondevice.vault.vault import Vault
from tests.ondevice.retrieval.conftest import at

ALL = ("none", "recency", "bm25", "dense", "hybrid")


@pytest.fixture
def retrievers(vault: Vault, encoder: Encoder) -> Iterator[dict[str, Retriever]]:
    index = VectorIndex(vault.vectors, vault.sealed, encoder.id, encoder.dim)
    yield build_retrievers(vault, lambda: encoder, index, RetrievalConfig(fusion_depth=3))
    index.close()


def test_every_name_is_there(retrievers: dict[str, Retriever]) -> None:
    assert tuple(retrievers) == ALL
    assert all(retriever.name == name for name, retriever in retrievers.items())


def test_without_an_encoder_the_rest_is_there(vault: Vault) -> None:
    assert tuple(build_retrievers(vault, None, None)) == ALL[:3]


def test_an_encoder_without_its_index_is_misuse(vault: Vault, encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="together or not at all"):
        build_retrievers(vault, lambda: encoder, None)


def test_hybrid_is_the_fusion_of_the_two(
    retrievers: dict[str, Retriever], encoder: Encoder, add: Callable[..., list[int]]
) -> None:
    add(["coffee cake", "train to paris", "coffee in paris", "dog garden", "paris paris"], encoder)
    query = "coffee in paris"
    words, vectors = (retrievers[name].retrieve(query, k=3) for name in ("bm25", "dense"))
    assert retrievers["hybrid"].retrieve(query, k=2) == blend(words, vectors, depth=3)[:2]


@pytest.mark.parametrize("name", ALL[1:])
@pytest.mark.parametrize(
    "condition",
    [
        Filter(kinds=("wanted",)),
        Filter(since=at(2), until=at(4)),
        Filter(metadata={"stars": {"gte": 4}}),
        Filter(kinds=("wanted", "other"), metadata={"stars": [4, 5]}, since=at(1)),
    ],
)
def test_every_retriever_keeps_to_the_filter(
    retrievers: dict[str, Retriever], encoder: Encoder, add: Callable[..., list[int]], name: str, condition: Filter
) -> None:
    add(["coffee cake", "coffee tea"], encoder, kind="other", metadata={"stars": 1})
    wanted = add(["coffee bread", "coffee wine"], encoder, kind="wanted", metadata={"stars": 4})
    add(["coffee rain", "coffee snow"], encoder, kind="other", metadata={"stars": "5"})
    hits = retrievers[name].retrieve("coffee", k=10, filter=condition)
    assert {row for row, _ in hits} == set(wanted)
