"""The examination: questions with true answers, recall counted by hand, and effort that rises to it."""

from __future__ import annotations

import numpy as np

from ondevice.config import IndexConfig
from ondevice.retrieval.index.exact import Matrix
from ondevice.retrieval.index.hnsw import Graph
from ondevice.retrieval.index.recall import (
    QUESTIONS,
    Examination,
    RecallQuery,
    draw_pairs,
    make_question,
    measure_recall,
    settle_effort,
)

DIM = 24


def build(n: int, config: IndexConfig) -> tuple[Graph, list[RecallQuery]]:
    """Return a graph over n random unit vectors, and the questions of its examination."""
    vectors = np.random.default_rng(0).standard_normal((n, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    graph, matrix = Graph(DIM, config), Matrix(DIM)
    graph.add(np.arange(1, n + 1), vectors)
    matrix.put(np.arange(1, n + 1), vectors)
    asked = [make_question(matrix, pair) for pair in draw_pairs(matrix)]
    return graph, [question for question in asked if question is not None]


def test_the_effort_rises_until_the_recall_is_enough() -> None:
    config = IndexConfig(links=4, build_effort=10, search_effort=10)
    graph, asked = build(1500, config)
    assert measure_recall(graph, asked) < 0.9
    assert settle_effort(graph, asked, min_recall=0.5) >= 0.5
    low = graph.effort
    settle_effort(graph, asked, min_recall=0.9)
    assert graph.effort > low >= 10


def test_the_effort_stops_rising_at_sixteen_times() -> None:
    config = IndexConfig(links=2, build_effort=2, search_effort=1)
    graph, asked = build(1500, config)
    assert settle_effort(graph, asked, min_recall=0.999) < 0.999
    assert graph.effort == 16


def test_recall_is_counted_by_hand() -> None:
    graph = Graph(2, IndexConfig())
    corners = np.array([[1, 0], [0, 1]], np.float32)
    graph.add(np.array([1, 2]), corners)

    wrong = RecallQuery(corners[0], frozenset({1, 77, 78, 79}))
    right = RecallQuery(corners[1], frozenset({1, 2}))
    assert measure_recall(graph, [wrong, right]) == (1 + 2) / (4 + 2)
    assert measure_recall(graph, []) == 1.0


def test_the_same_rows_are_asked_the_same_questions() -> None:
    _, first = build(300, IndexConfig())
    _, second = build(300, IndexConfig())
    assert [question.nearest for question in first] == [question.nearest for question in second]
    assert 100 <= len(first) <= 128


def test_a_question_lies_between_two_vectors_and_knows_its_true_answer() -> None:
    matrix = Matrix(2)
    matrix.put(np.array([1, 2, 3]), np.array([[1, 0], [0, 1], [-1, 0]], np.float32))
    asked = make_question(matrix, (1, 2))
    assert asked is not None
    np.testing.assert_allclose(asked.query, [0.5**0.5, 0.5**0.5], atol=1e-6)
    assert asked.nearest == {1, 2, 3}
    assert make_question(matrix, (1, 9)) is None


def test_an_examination_is_made_one_question_at_a_time() -> None:
    matrix = Matrix(DIM)
    vectors = np.random.default_rng(0).standard_normal((300, DIM)).astype(np.float32)
    matrix.put(np.arange(1, 301), vectors)
    examination = Examination(matrix)
    assert examination.questions == []
    assert examination.ask(matrix) is True
    matrix.remove(np.arange(1, 150))  # questions about what is gone are passed over
    while examination.ask(matrix):
        pass
    assert 1 <= len(examination.questions) < QUESTIONS
