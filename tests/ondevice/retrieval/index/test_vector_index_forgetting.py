"""No byte is left in the index of what is forgotten, nor a place where it lay."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from ondevice.config import IndexConfig
from ondevice.retrieval.index.snapshot import VERSION
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.vault.vault import Vault
from tests.ondevice.retrieval.index.stored_vectors import (
    GRAPH,
    NAME,
    direction,
    expected,
    forget,
    found,
    open_index,
    sealed_graph,
    snapshot_bytes,
    store,
    unit_vectors,
)


@pytest.mark.parametrize("is_saved", [True, False])
def test_a_forgotten_vector_leaves_no_byte(
    vault: Vault, index: VectorIndex, config: IndexConfig, is_saved: bool
) -> None:
    vectors = unit_vectors(400)
    rows = store(vault, vectors)
    index.refresh()
    index.wait()
    if is_saved:
        index.save()
    gone = [rows[0], rows[123], rows[399]]
    vault.erasers.enlist(index)
    vault.forget([vault.items.get_rows(gone)[row].id for row in gone])
    assert NAME not in vault.sealed.names()
    assert index.save() is True
    data = snapshot_bytes(vault)
    for place, row in enumerate(rows):
        # Each of the others is there, as proof that this would see the forgotten ones.
        assert (vectors[place].tobytes() in data) == (row not in gone)
    assert not any(vectors[rows.index(row)][:2].tobytes() in data for row in gone)
    assert set(found(index, vectors[0], 400)).isdisjoint(gone)
    again = open_index(vault, config)
    assert set(found(again, vectors[0], 400)).isdisjoint(gone)
    assert (again.info().n_vectors, again.info().warnings) == (397, ())
    again.close()


def test_neighbours_of_the_forgotten_are_not_in_the_snapshot(vault: Vault) -> None:
    """The nodes that link to a vector lie around it: their mean points at it, whatever its own bytes are."""
    vectors = unit_vectors(400)
    rows = store(vault, vectors)
    index = open_index(vault, GRAPH)
    index.refresh()
    index.save()
    before = sealed_graph(vault)
    assert before is not None
    gone = [rows[17], *rows[100:110]]
    aimed = [float(direction(before.neighbours_of(row)) @ vectors[rows.index(row)]) for row in gone]
    assert np.mean(aimed) > 0.5  # the attack works where there is something to work on
    forget(vault, index, gone)
    index.save()
    after = sealed_graph(vault)
    assert after is not None
    assert sorted(after.rows) == [row for row in rows if row not in gone]
    assert not after.has_deletions
    assert after.slots <= set(range(len(rows) - len(gone)))
    assert [len(after.neighbours_of(row)) for row in gone] == [0] * len(gone)
    index.close()


def test_without_a_new_graph_the_snapshot_has_none_until_there_is_one(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ondevice.retrieval.index.accelerator.SOON", 0)  # as where there are too many to wait for
    vectors = unit_vectors(400)
    rows = store(vault, vectors)
    index = open_index(vault, GRAPH)
    index.refresh()
    index.wait()
    forget(vault, index, [rows[7]])
    assert index.info().mode == "hnsw"
    assert index.save() is True
    assert sealed_graph(vault) is None
    assert index.save() is False
    index.close()
    again = open_index(vault, GRAPH)
    left = [row for row in rows if row != rows[7]]
    expected_rows = expected(np.delete(vectors, 7, axis=0), left, vectors[7], 10)
    assert found(again, vectors[7], 10) == expected_rows
    again.wait()
    assert (again.info().mode, again.info().warnings) == ("hnsw", ())
    assert found(again, vectors[7], 10) == expected_rows
    assert again.save() is True
    seen = sealed_graph(vault)
    assert seen is not None
    assert sorted(seen.rows) == left
    again.close()


def test_what_is_forgotten_while_the_graph_is_built_is_not_in_the_snapshot(vault: Vault) -> None:
    vectors = unit_vectors(1500)
    rows = store(vault, vectors)
    index = open_index(vault, GRAPH)
    index.refresh()
    gone = rows[::100]
    forget(vault, index, gone[:8])
    forget(vault, index, gone[8:])
    index.save()
    seen = sealed_graph(vault)
    assert seen is not None
    assert sorted(seen.rows) == [row for row in rows if row not in gone]
    assert seen.slots <= set(range(len(seen.rows)))
    assert not seen.has_deletions
    index.close()


def test_the_outcome_says_what_was_done(vault: Vault, index: VectorIndex, config: IndexConfig) -> None:
    vectors = unit_vectors(200)
    rows = store(vault, vectors)
    assert (index.erase([rows[0]]).outcome, index.erase([]).outcome) == ("absent", "absent")
    index.refresh()
    index.save()
    unread = open_index(vault, config)
    assert (unread.erase([rows[0]]).outcome, unread.erase([rows[0]]).count) == ("dropped", 0)
    outcome = index.erase(rows[:3])
    assert (outcome.kind, outcome.name, outcome.outcome, outcome.count) == ("index", NAME, "erased", 3)
    unread.close()


def test_many_forgotten_at_once_make_a_new_graph(vault: Vault) -> None:
    index = open_index(vault, GRAPH)
    vectors = unit_vectors(400)
    rows = store(vault, vectors)
    index.refresh()
    index.wait()
    few, many = rows[:5], rows[5:60]
    vault.erasers.enlist(index)
    vault.forget([vault.items.get_rows(few)[row].id for row in few])
    assert (index.info().mode, index.info().n_tombstones) == ("hnsw", 5)  # and goes on serving
    vault.erasers.enlist(index)
    vault.forget([vault.items.get_rows(many)[row].id for row in many])
    index.wait()
    info = index.info()
    assert (info.mode, info.n_tombstones, info.n_vectors) == ("hnsw", 0, 340)
    assert found(index, vectors[100], 10) == expected(vectors[60:], rows[60:], vectors[100], 10)
    index.close()


def test_a_graph_that_became_needless_is_let_go(vault: Vault) -> None:
    index = open_index(vault, GRAPH)
    rows = store(vault, unit_vectors(200))
    index.refresh()
    index.wait()
    vault.erasers.enlist(index)
    vault.forget([vault.items.get_rows(rows[:160])[row].id for row in rows[:160]])
    index.wait()
    assert (index.info().mode, index.info().n_vectors) == ("exact", 40)
    index.close()


def test_a_snapshot_from_before_a_forgetting_is_never_believed(vault: Vault, config: IndexConfig) -> None:
    """As after a crash between the forgetting and the index: the old snapshot is still there."""
    vectors = unit_vectors(200)
    rows = store(vault, vectors)
    first = open_index(vault, config)
    first.refresh()
    first.save()
    first.close()
    old = snapshot_bytes(vault)
    vault.forget([vault.items.get_rows([rows[5]])[rows[5]].id])
    vault.sealed.write(NAME, old, version=VERSION)
    index = open_index(vault, config)
    assert rows[5] not in found(index, vectors[5], 200)
    assert "did not fit the store" in index.info().warnings[0]
    assert index.save() is True
    assert vectors[5].tobytes() in old
    assert vectors[5].tobytes() not in snapshot_bytes(vault)
    index.close()


def test_searching_adding_and_forgetting_at_once(vault: Vault) -> None:
    """Threads that search must never see an error, nor a row after its erasure has returned."""
    index = open_index(vault, replace(GRAPH, exact_up_to=150))
    vectors = unit_vectors(1000)
    rows = store(vault, vectors[:300])
    stop = threading.Event()
    errors: list[list[int]] = []
    erased: set[int] = set()

    def search() -> None:
        draw = np.random.default_rng(threading.get_ident() % 1000)
        while not stop.is_set():
            gone = frozenset(erased)
            hits = found(index, vectors[draw.integers(300)], 20)
            if len(hits) != 20 or len(set(hits)) != 20 or gone.intersection(hits):
                errors.append(hits)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for step in range(10):
        store(vault, vectors[300 + 70 * step : 370 + 70 * step], f"step {step}")
        dead = rows[3 * step : 3 * step + 3]
        vault.erasers.enlist(index)
        vault.forget([vault.items.get_rows(dead)[row].id for row in dead])
        erased.update(dead)
    stop.set()
    for thread in threads:
        thread.join()
    index.wait()
    assert errors == []
    assert index.info().n_vectors == 970
    assert index.info().warnings == ()
    index.close()
