"""Vectors in a real vault, an index over them, and what its sealed snapshot holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ondevice.config import IndexConfig
from ondevice.passages import PASSAGE_BITS
from ondevice.records import Draft
from ondevice.retrieval.index.snapshot import VERSION, unpack
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.vault.vault import Vault
from tests.ondevice.retrieval.sealed_graph import SealedGraph, read_graph

ID = "tiny-0123456789ab"


NAME = f"index-{ID}"


DIM = 24


EXACT = IndexConfig(exact_up_to=10_000)


GRAPH = IndexConfig(exact_up_to=100)


def unit_vectors(n: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def store(vault: Vault, vectors: np.ndarray, label: str = "item") -> list[int]:
    """Put an item per vector into the vault and return their rows."""
    drafts = [Draft(text=f"{label} {number}") for number in range(len(vectors))]
    return [stored.row for stored in vault.items.put_many(drafts, vectors={ID: vectors})]


def expected(vectors: np.ndarray, rows: list[int], query: np.ndarray, k: int) -> list[int]:
    order = np.argsort(-(vectors @ query), kind="stable")[:k]
    return [rows[place] for place in order]


def found(index: VectorIndex, query: np.ndarray, k: int, rows: np.ndarray | None = None) -> list[int]:
    return [row for row, _ in index.search(query, k, rows)]


def snapshot_bytes(vault: Vault) -> bytes:
    return vault.sealed.read(NAME, version=VERSION)


def open_index(vault: Vault, config: IndexConfig) -> VectorIndex:
    return VectorIndex(vault.vectors, vault.sealed, ID, DIM, config)


def forget(vault: Vault, index: VectorIndex, rows: list[int]) -> None:
    vault.erasers.enlist(index)
    assert vault.forget([vault.items.get_rows(rows)[row].id for row in rows]).verified


def sealed_graph(vault: Vault) -> SealedGraph | None:
    state = unpack(snapshot_bytes(vault), dim=DIM).graph
    if state is None:
        return None
    graph = read_graph(state)
    return replace(graph, rows=[label >> PASSAGE_BITS for label in graph.rows])


def direction(vectors: np.ndarray) -> np.ndarray:
    mean = vectors.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))
