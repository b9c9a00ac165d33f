"""The graph: finds what exact search finds, forgets to the byte, and survives a round trip without pickle."""

from __future__ import annotations

import numpy as np
import pytest

from ondevice.config import IndexConfig
from ondevice.retrieval.index.exact import Matrix
from ondevice.retrieval.index.hnsw import Graph, GraphError, vectors_in
from ondevice.retrieval.index.recall import RecallQuery, draw_pairs, make_question, measure_recall
from tests.ondevice.retrieval.sealed_graph import read_graph

DIM = 24


def unit_vectors(n: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def build(n: int = 600, config: IndexConfig | None = None) -> tuple[Graph, np.ndarray]:
    vectors = unit_vectors(n)
    graph = Graph(DIM, config or IndexConfig(), capacity=16)  # less than needed, so it grows
    graph.add(np.arange(1, n + 1), vectors)
    return graph, vectors


def questions(vectors: np.ndarray, rows: np.ndarray) -> tuple[Matrix, list[RecallQuery]]:
    matrix = Matrix(DIM)
    matrix.put(rows, vectors)
    asked = [make_question(matrix, pair) for pair in draw_pairs(matrix)]
    return matrix, [question for question in asked if question is not None]


def test_it_finds_what_comparing_every_vector_finds() -> None:
    graph, vectors = build()
    matrix, asked = questions(vectors, np.arange(1, 601))
    assert measure_recall(graph, asked) >= 0.99
    rows, scores = graph.search(vectors[41], 5)
    expected_rows, expected_scores = matrix.search(vectors[41], 5)
    assert rows.tolist() == expected_rows.tolist()
    np.testing.assert_allclose(scores, expected_scores, atol=1e-5)
    assert rows[0] == 42


def test_asking_for_more_than_there_is_gives_what_there_is() -> None:
    graph, vectors = build(5)
    assert sorted(graph.search(vectors[0], 50)[0].tolist()) == [1, 2, 3, 4, 5]
    assert Graph(DIM, IndexConfig()).search(vectors[0], 3)[0].tolist() == []


def bytes_of(graph: Graph) -> bytes:
    """Return everything hnswlib itself would give away."""
    (state,) = graph._index.__getstate__()
    return b"".join(value.tobytes() for value in state.values() if isinstance(value, np.ndarray))


def test_an_erased_vector_leaves_no_byte_in_the_graph() -> None:
    graph, vectors = build()
    gone = np.array([1, 300, 600])
    before = bytes_of(graph)
    assert all(vectors[row - 1].tobytes() in before for row in gone)
    assert graph.erase(np.append(gone, 9999)) == 3
    assert graph.erase(gone) == 0
    after = bytes_of(graph)
    assert not any(vectors[row - 1].tobytes() in after for row in gone)
    assert not any(vectors[row - 1][4:12].tobytes() in after for row in gone)
    assert (len(graph), graph.n_tombstones) == (597, 3)
    assert set(graph.search(vectors[299], 597)[0].tolist()).isdisjoint(gone.tolist())


def test_a_graph_that_a_vector_was_erased_from_is_not_given_away() -> None:
    graph, _ = build()
    assert graph.erase(np.array([9999])) == 0
    assert not graph.has_traces
    assert graph.state()
    graph.erase(np.array([7]))
    assert graph.has_traces
    with pytest.raises(GraphError, match="only built anew"):
        graph.state()
    graph.add(np.array([7]), unit_vectors(1, seed=9))  # no tombstone any more, but the old neighbours' links
    assert graph.n_tombstones == 0
    with pytest.raises(GraphError, match="only built anew"):
        graph.state()


def test_a_state_names_no_node_but_its_own() -> None:
    graph, _ = build()
    graph.add(np.array([7, 8]), unit_vectors(2, seed=9))
    seen = read_graph(graph.state())
    assert sorted(seen.rows) == list(range(1, 601))
    assert seen.slots <= set(range(600))
    assert not seen.has_deletions


def test_erasing_costs_no_recall() -> None:
    graph, vectors = build(800)
    graph.erase(np.arange(1, 41))
    _, asked = questions(vectors[40:], np.arange(41, 801))
    assert measure_recall(graph, asked) >= 0.99


def test_a_row_that_comes_back_has_its_new_vector() -> None:
    graph, vectors = build()
    graph.erase(np.array([7]))
    graph.add(np.array([7]), unit_vectors(1, seed=9))
    assert (len(graph), graph.n_tombstones) == (600, 0)
    assert graph.search(unit_vectors(1, seed=9)[0], 1)[0].tolist() == [7]
    graph.add(np.array([7]), vectors[6:7])
    assert graph.search(vectors[6], 1)[0].tolist() == [7]


def test_the_state_makes_the_same_graph_again() -> None:
    graph, vectors = build()
    again = Graph.restore(graph.state(), dim=DIM, config=IndexConfig())
    assert (len(again), again.n_tombstones, again.has_traces) == (600, 0, False)
    for query in vectors[:40]:
        assert again.search(query, 10)[0].tolist() == graph.search(query, 10)[0].tolist()
    again.add(np.array([5, 1000]), unit_vectors(2, seed=3))
    assert again.search(unit_vectors(2, seed=3)[1], 1)[0].tolist() == [1000]


def test_the_vectors_are_read_out_of_the_state() -> None:
    graph, vectors = build()
    rows, found = vectors_in(graph.state())
    order = np.argsort(rows)
    assert rows[order].tolist() == list(range(1, 601))
    np.testing.assert_array_equal(found[order], vectors)


@pytest.mark.parametrize("change", [{"dim": 25}, {"space": "l2"}, {"library": "hnswlib 0.1"}])
def test_a_state_of_another_kind_is_refused(change: dict[str, object]) -> None:
    graph, _ = build(20)
    with pytest.raises(GraphError, match="another dimension, space or version"):
        Graph.restore({**graph.state(), **change}, dim=DIM, config=IndexConfig())


@pytest.mark.parametrize("dead", [[], [5]])
def test_a_state_that_may_have_traces_is_refused(dead: list[int]) -> None:
    """As written before: with tombstones, or with nodes that had been tombstones."""
    graph, _ = build(20)
    with pytest.raises(GraphError, match="may have traces"):
        Graph.restore({**graph.state(), "dead_rows": np.array(dead, np.int64)}, dim=DIM, config=IndexConfig())


def test_a_state_without_a_part_is_refused() -> None:
    state = build(20)[0].state()
    del state["data_level0"]
    with pytest.raises(GraphError):
        Graph.restore(state, dim=DIM, config=IndexConfig())
    with pytest.raises(GraphError, match="cannot be read"):
        vectors_in(state)
