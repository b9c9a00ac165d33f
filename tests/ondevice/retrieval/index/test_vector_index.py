"""The index over a real vault: right answers, no byte left of what is forgotten, and the store always wins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from ondevice.config import IndexConfig
from ondevice.errors import ModelMismatchError
from ondevice.records import Draft
from ondevice.retrieval.index.snapshot import VERSION, pack, unpack
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


@pytest.fixture(params=[EXACT, GRAPH], ids=["exact", "hnsw"])
def config(request: pytest.FixtureRequest) -> IndexConfig:
    chosen: IndexConfig = request.param
    return chosen


@pytest.fixture
def index(vault: Vault, config: IndexConfig) -> Iterator[VectorIndex]:
    opened = open_index(vault, config)
    yield opened
    opened.close()


def open_index(vault: Vault, config: IndexConfig) -> VectorIndex:
    return VectorIndex(vault.vectors, vault.sealed, ID, DIM, config)


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


def forget(vault: Vault, index: VectorIndex, rows: list[int]) -> None:
    vault.erasers.enlist(index)
    assert vault.forget([vault.items.get_rows(rows)[row].id for row in rows]).verified


def sealed_graph(vault: Vault) -> SealedGraph | None:
    state = unpack(snapshot_bytes(vault), dim=DIM).graph
    return None if state is None else read_graph(state)


def direction(vectors: np.ndarray) -> np.ndarray:
    mean = vectors.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


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


def test_a_dropped_encoder_leaves_an_empty_index(vault: Vault, index: VectorIndex) -> None:
    vectors = unit_vectors(150)
    store(vault, vectors)
    index.refresh()
    index.save()
    vault.vectors.drop(ID)
    assert index.search(vectors[0], 3) == []
    assert index.save() is True
    assert NAME not in vault.sealed.names()


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


def test_on_a_medium_that_cannot_be_written_nothing_is_saved(vault: Vault, index: VectorIndex) -> None:
    vectors = unit_vectors(3)
    rows = store(vault, vectors)
    assert found(index, vectors[0], 1) == rows[:1]
    vault.sealed.is_read_only = True
    assert index.save() is False
    assert vault.sealed.names() == []
