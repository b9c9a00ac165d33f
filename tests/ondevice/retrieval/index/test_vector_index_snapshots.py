"""The snapshot of the index saves work where it fits the store; otherwise the store wins, and it is made anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ondevice.config import IndexConfig
from ondevice.retrieval.index.snapshot import VERSION, pack, unpack
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.vault.vault import Vault
from tests.ondevice.retrieval.index.stored_vectors import (
    DIM,
    GRAPH,
    ID,
    NAME,
    expected,
    found,
    open_index,
    snapshot_bytes,
    store,
    unit_vectors,
)


def test_the_snapshot_holds_everything_and_saves_work(vault: Vault, index: VectorIndex, config: IndexConfig) -> None:
    vectors = unit_vectors(300)
    rows = store(vault, vectors)
    assert index.save() is False  # nothing was read, so nothing is known
    index.search(vectors[0], 1)
    assert index.save() is True
    assert index.save() is False
    assert all(vector.tobytes() in snapshot_bytes(vault) for vector in vectors)
    later = store(vault, unit_vectors(20, seed=8), "later")
    again = open_index(vault, config)
    again.refresh()
    again.wait()
    assert (again.info().n_vectors, again.info().warnings) == (320, ())
    assert again.info().mode == ("hnsw" if config is GRAPH else "exact")
    assert found(again, unit_vectors(20, seed=8)[4], 1) == [later[4]]
    assert found(again, vectors[9], 10) == expected(
        np.concatenate([vectors, unit_vectors(20, seed=8)]), rows + later, vectors[9], 10
    )
    assert again.save() is True
    again.close()


def test_a_search_alone_writes_no_new_snapshot(vault: Vault, index: VectorIndex, config: IndexConfig) -> None:
    store(vault, unit_vectors(300))
    index.refresh()
    index.save()
    again = open_index(vault, config)
    again.search(unit_vectors(1)[0], 3)
    assert again.save() is False
    again.close()


def test_an_old_snapshot_with_tombstones_is_made_anew(vault: Vault) -> None:
    vectors = unit_vectors(200)
    rows = store(vault, vectors)
    index = open_index(vault, GRAPH)
    index.refresh()
    index.save()
    index.close()
    contents = unpack(snapshot_bytes(vault), dim=DIM)
    assert contents.graph is not None
    old = replace(contents, graph={**contents.graph, "dead_rows": np.array([], np.int64)})
    vault.sealed.write(NAME, pack(old), version=VERSION)
    again = open_index(vault, GRAPH)
    assert found(again, vectors[5], 3) == expected(vectors, rows, vectors[5], 3)
    assert "made anew" in again.info().warnings[0]
    assert again.save() is True
    assert b"dead_rows" not in snapshot_bytes(vault)
    again.close()


def test_a_lost_snapshot_is_made_anew(vault: Vault, index: VectorIndex, config: IndexConfig) -> None:
    vectors = unit_vectors(200)
    rows = store(vault, vectors)
    index.refresh()
    index.save()
    vault.sealed.delete(NAME)
    again = open_index(vault, config)
    assert found(again, vectors[5], 3) == expected(vectors, rows, vectors[5], 3)
    assert again.info().warnings == ()
    assert again.save() is True
    again.close()


@pytest.mark.parametrize("version", [VERSION, VERSION + 1])
def test_a_snapshot_that_cannot_be_read_is_reported_and_made_anew(
    vault: Vault, config: IndexConfig, version: int
) -> None:
    vectors = unit_vectors(200)
    rows = store(vault, vectors)
    vault.sealed.write(NAME, b"not a snapshot", version=version)
    index = open_index(vault, config)
    assert found(index, vectors[5], 3) == expected(vectors, rows, vectors[5], 3)
    (warning,) = index.info().warnings
    assert "could not be read" in warning
    assert index.save() is True
    index.close()


def test_a_snapshot_with_a_flipped_bit_is_reported(vault: Vault, config: IndexConfig) -> None:
    vectors = unit_vectors(200)
    rows = store(vault, vectors)
    first = open_index(vault, config)
    first.refresh()
    first.save()
    first.close()
    (path,) = vault.path.rglob(f"{NAME}.sealed")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    index = open_index(vault, config)
    assert found(index, vectors[5], 3) == expected(vectors, rows, vectors[5], 3)
    assert "CorruptError" in index.info().warnings[0]
    index.close()


def test_a_dropped_encoder_leaves_an_empty_index(vault: Vault, index: VectorIndex) -> None:
    vectors = unit_vectors(150)
    store(vault, vectors)
    index.refresh()
    index.save()
    vault.vectors.drop(ID)
    assert index.search(vectors[0], 3) == []
    assert index.save() is True
    assert NAME not in vault.sealed.names()


def test_on_a_medium_that_cannot_be_written_nothing_is_saved(vault: Vault, index: VectorIndex) -> None:
    vectors = unit_vectors(3)
    rows = store(vault, vectors)
    assert found(index, vectors[0], 1) == rows[:1]
    vault.sealed.is_read_only = True
    assert index.save() is False
    assert vault.sealed.names() == []
