"""The index over a real vault: right answers, however they are found."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from ondevice.config import IndexConfig
from ondevice.errors import ModelMismatchError
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.vault.vault import Vault
from tests.ondevice.retrieval.index.stored_vectors import (
    EXACT,
    GRAPH,
    ID,
    expected,
    found,
    open_index,
    store,
    unit_vectors,
)


def test_the_mode_is_what_the_count_asks_for(vault: Vault, index: VectorIndex, config: IndexConfig) -> None:
    vectors = unit_vectors(400)
    rows = store(vault, vectors)
    assert index.info().n_vectors == 0
    # The first answer does not wait for the graph, and is right without it.
    assert found(index, vectors[3], 10) == expected(vectors, rows, vectors[3], 10)
    index.wait()
    info = index.info()
    assert (info.n_vectors, info.warnings) == (400, ())
    if config is GRAPH:
        assert info.mode == "hnsw"
        assert info.recall is not None
        assert info.recall >= 0.99
    else:
        assert (info.mode, info.recall, info.effort) == ("exact", None, None)
    hits = index.search(vectors[3], 10)
    assert [row for row, _ in hits] == expected(vectors, rows, vectors[3], 10)
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    assert hits[0].score == pytest.approx(1.0, abs=1e-5)


def test_what_is_stored_later_is_found_without_telling_the_index(vault: Vault, index: VectorIndex) -> None:
    vectors = unit_vectors(400)
    rows = store(vault, vectors[:300])
    index.search(vectors[0], 1)
    index.wait()
    rows += store(vault, vectors[300:], "later")
    for place in (0, 299, 300, 399):
        assert found(index, vectors[place], 10) == expected(vectors, rows, vectors[place], 10)
    index.wait()
    assert found(index, vectors[350], 10) == expected(vectors, rows, vectors[350], 10)


def test_a_replaced_vector_replaces(vault: Vault, index: VectorIndex) -> None:
    vectors = unit_vectors(300)
    rows = store(vault, vectors)
    index.search(vectors[0], 1)
    index.wait()
    new = unit_vectors(1, seed=5)
    vault.vectors.put(ID, [rows[7]], new)
    assert found(index, new[0], 1) == [rows[7]]
    assert rows[7] not in found(index, vectors[7], 5)
    index.wait()
    assert found(index, new[0], 1) == [rows[7]]
    assert rows[7] not in found(index, vectors[7], 5)


def test_only_the_rows_asked_for_count(vault: Vault, index: VectorIndex) -> None:
    vectors = unit_vectors(300)
    rows = store(vault, vectors)
    chosen = [rows[place] for place in range(0, 300, 7)]
    wanted = [row for row in expected(vectors, rows, vectors[0], 300) if row in set(chosen)][:10]
    assert found(index, vectors[0], 10, np.array(chosen)) == wanted
    assert found(index, vectors[0], 10, np.array([], np.int64)) == []


def test_k_is_clamped_to_what_there_is(vault: Vault, index: VectorIndex) -> None:
    assert index.search(unit_vectors(1)[0], 5) == []
    vectors = unit_vectors(150)
    store(vault, vectors)
    assert len(index.search(vectors[0], 1000)) == 150
    index.wait()
    assert len(set(found(index, vectors[0], 1000))) == 150


def test_a_graph_of_too_little_recall_is_not_used(vault: Vault) -> None:
    index = open_index(vault, IndexConfig(exact_up_to=100, links=2, build_effort=2, search_effort=1, min_recall=1.0))
    vectors = unit_vectors(1200)
    rows = store(vault, vectors)
    index.refresh()
    index.wait()
    info = index.info()
    assert info.mode == "exact"
    assert "recall" in info.warnings[0]
    assert found(index, vectors[77], 10) == expected(vectors, rows, vectors[77], 10)
    index.close()


def test_the_background_ends_with_the_index(vault: Vault) -> None:
    index = open_index(vault, GRAPH)
    store(vault, unit_vectors(500))
    index.refresh()
    index.close()
    assert "ondevice-index" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(ValueError, match="closed"):
        index.search(unit_vectors(1)[0], 1)


def test_closing_overwrites_the_vectors_in_memory(vault: Vault) -> None:
    index = open_index(vault, EXACT)
    store(vault, unit_vectors(50))
    index.refresh()
    buffer = index._matrix._vectors
    assert buffer.any()
    index.close()
    assert not buffer.any()


def test_what_does_not_fit_is_refused(vault: Vault, index: VectorIndex) -> None:
    with pytest.raises(ValueError, match="k must be 1 or more"):
        index.search(unit_vectors(1)[0], 0)
    with pytest.raises(ModelMismatchError, match="24 numbers"):
        index.search(np.zeros(5, np.float32), 1)
    store(vault, unit_vectors(3))
    other = VectorIndex(vault.vectors, vault.sealed, ID, 32, EXACT)
    with pytest.raises(ModelMismatchError, match="have 24 numbers"):
        other.search(np.zeros(32, np.float32), 1)


def test_the_repr_shows_no_vector(vault: Vault, index: VectorIndex) -> None:
    store(vault, unit_vectors(2))
    index.refresh()
    assert repr(index) == f"VectorIndex('{ID}', dim=24, n=2)"
