"""The index knows passages and finds items: each once, by its best passage, and none by a passage that is gone."""

from __future__ import annotations

import numpy as np
import pytest

from ondevice.config import IndexConfig
from ondevice.passages import PassageVectors, Span, label_of, passage_vectors
from ondevice.records import Draft
from ondevice.retrieval.index.snapshot import VERSION, Contents, pack
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.vault.vault import Vault
from tests.ondevice.retrieval.index.stored_vectors import DIM, EXACT, ID, NAME, found, open_index, store, unit_vectors

N_EACH = 5


def split(vectors: np.ndarray, n_each: int = N_EACH) -> PassageVectors:
    """Return vectors as those of items with so many passages each."""
    return passage_vectors([[Span(at, at + 9) for at in range(n_each)]] * (len(vectors) // n_each), vectors)


def store_long(vault: Vault, vectors: np.ndarray, label: str = "long") -> list[int]:
    drafts = [Draft(text=f"{label} {number}", id=f"{label}-{number}") for number in range(len(vectors) // N_EACH)]
    return [stored.row for stored in vault.items.put_many(drafts, vectors={ID: split(vectors)})]


def best_rows(vectors: np.ndarray, rows: list[int], query: np.ndarray, k: int) -> list[int]:
    scores = (vectors @ query).reshape(-1, N_EACH).max(axis=1)
    return [rows[place] for place in np.argsort(-scores, kind="stable")[:k]]


def test_each_item_is_found_once_by_its_best_passage(vault: Vault, index: VectorIndex, config: IndexConfig) -> None:
    vectors = unit_vectors(300)
    rows = store_long(vault, vectors)
    short = unit_vectors(150, seed=4)
    rows_short = store(vault, short)
    index.refresh()
    index.wait()
    if config is not EXACT:
        assert index.info().mode == "hnsw"
    for query in (vectors[7], vectors[299], short[3]):
        scores = dict(zip(rows, (vectors @ query).reshape(-1, N_EACH).max(axis=1).tolist(), strict=True))
        scores |= dict(zip(rows_short, (short @ query).tolist(), strict=True))
        hits = index.search(query, 10)
        assert [row for row, _ in hits] == sorted(scores, key=lambda row: -scores[row])[:10]
        assert [score for _, score in hits] == pytest.approx([scores[row] for row, _ in hits], abs=1e-5)


def test_as_many_items_come_as_there_are_where_one_has_all_the_best_passages(vault: Vault) -> None:
    near = unit_vectors(1)[0] + 0.01 * unit_vectors(200, seed=2)
    vault.items.put_many([Draft(text="all near")], vectors={ID: split(near.astype(np.float32), 200)})
    rows = store(vault, unit_vectors(8, seed=3))
    index = open_index(vault, EXACT)
    assert len(found(index, unit_vectors(1)[0], 9)) == 9
    assert found(index, unit_vectors(1)[0], 3)[0] == 1
    assert sorted(found(index, unit_vectors(1)[0], 5, np.array(rows[:4]))) == rows[:4]


def test_only_the_rows_asked_for_count_with_all_their_passages(vault: Vault, index: VectorIndex) -> None:
    vectors = unit_vectors(300)
    rows = store_long(vault, vectors)
    some = rows[10:30]
    assert found(index, vectors[63], 5, np.array(some)) == best_rows(vectors[50:150], some, vectors[63], 5)
    assert found(index, vectors[63], 5, np.array([999])) == []


def test_the_best_passage_of_an_item_is_told_and_its_beginning_does_not_count(vault: Vault, index: VectorIndex) -> None:
    vectors = unit_vectors(300)
    rows = store_long(vault, vectors)
    short = store(vault, unit_vectors(1, seed=9))
    told = index.best_passages(vectors[13], [rows[2], rows[4], *short, 999])
    assert told[rows[2]][0] == label_of(rows[2], 3)
    assert told[rows[2]][1] == pytest.approx(1.0, abs=1e-5)
    assert set(told) == {rows[2], rows[4]}
    assert index.best_passages(vectors[10], [rows[2]])[rows[2]][0] != label_of(rows[2], 0)


def test_a_passage_that_an_update_took_finds_nothing_any_more(vault: Vault, index: VectorIndex) -> None:
    vectors = unit_vectors(300)
    rows = store_long(vault, vectors)
    index.search(vectors[0], 1)
    index.wait()
    vault.items.update("long-0", text="shorter", vectors={ID: split(unit_vectors(2, seed=8), 2)})
    hits = index.search(vectors[4], 60)
    assert dict(hits)[rows[0]] < 0.9
    index.wait()
    assert dict(index.search(vectors[4], 60))[rows[0]] < 0.9
    assert index.info().n_vectors == 297
    index.save()
    again = open_index(vault, EXACT)
    assert found(again, vectors[9], 10) == found(index, vectors[9], 10)
    assert again.info().warnings == ()


def test_forgetting_takes_every_passage_from_memory_and_from_the_snapshot(vault: Vault, index: VectorIndex) -> None:
    vectors = unit_vectors(300)
    rows = store_long(vault, vectors)
    index.search(vectors[0], 1)
    index.wait()
    index.save()
    vault.erasers.enlist(index)
    receipt = vault.forget(["long-3"])
    outcome = next(each for each in receipt.artifacts if each.kind == "index")
    assert (outcome.outcome, outcome.count, receipt.verified) == ("erased", N_EACH, True)
    assert NAME not in vault.sealed.names()
    for gone in vectors[15:20]:
        assert gone.tobytes() not in index._matrix._vectors.tobytes()
        assert rows[3] not in found(index, gone, 59)
    index.wait()
    index.save()
    data = vault.sealed.read(NAME, version=VERSION)
    assert vectors[20].tobytes() in data
    assert not any(gone[:2].tobytes() in data for gone in vectors[15:20])


def test_a_snapshot_of_an_earlier_release_is_made_anew_without_a_word(vault: Vault) -> None:
    vectors = unit_vectors(30)
    rows = store(vault, vectors)
    earlier = Contents(
        revision=vault.vectors.revision(ID),
        dim=DIM,
        passage_bits=0,
        rows=np.array(rows),
        vectors=vectors[::-1],
        graph=None,
    )
    vault.sealed.write(NAME, pack(earlier), version=VERSION)
    index = open_index(vault, EXACT)
    assert found(index, vectors[4], 1) == [rows[4]]
    assert index.info().warnings == ()
