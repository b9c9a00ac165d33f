from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ondevice.evaluation.metrics import metrics_for
from ondevice.evaluation.scores import lead_scores, likelihood_scores, span_of
from ondevice.evaluation.statistics.user_means import Cell
from tests.ondevice.evaluation.test_table import outcome, split_of


def test_more_is_better_whatever_the_metric(tmp_path):
    split = split_of(tmp_path, "LaMP_3", ["1", "5", "3", "3"])
    scores = lead_scores(split, [outcome("none", 0, "3", "3", "3", "3"), outcome("bm25", 1, "1", "3", "3", "2")])
    assert (scores.measure, scores.span) == ("mae", 4.0)
    # The first user, who asks twice, is off by 2 and 2, then by 0 and 2.
    assert scores.differences(Cell("bm25"), Cell("none")) == pytest.approx([1.0, -0.5])
    with pytest.raises(KeyError):
        scores.differences(Cell("adapter"), Cell("none"))


def test_the_largest_k_and_the_choice_among_labels_count(tmp_path):
    split = split_of(tmp_path, "LaMP_2", ["sci-fi", "comedy"])
    cells = [
        outcome("none", 0, "x", "x"),
        outcome("bm25", 1, "x", "x"),
        outcome("bm25", 4, "sci-fi", "comedy"),
        outcome("none", 0, "sci-fi", "x", decoding="labels"),
        outcome("bm25", 1, "x", "x", decoding="labels"),
        outcome("bm25", 4, "x", "comedy", decoding="labels"),
        outcome("bm25", 4, "x", "x", decoding="labels", history="other"),
    ]
    scores = lead_scores(split, cells)
    assert {cell: each.tolist() for cell, each in scores.cells.items()} == {
        Cell("none"): [1.0, 0.0],
        Cell("bm25"): [0.0, 1.0],
        Cell("bm25", "other"): [0.0, 0.0],
    }
    assert lead_scores(split, cells[:3]).cells[Cell("bm25")].tolist() == [1.0, 1.0]  # where that was not measured


def test_likelihoods_are_scores_where_they_were_measured(tmp_path):
    split = split_of(tmp_path, "LaMP_4", ["a", "b"])
    none = replace(outcome("none", 0, "a", "x"), likelihoods=[1.5, 2.5])
    rag = replace(outcome("bm25", 1, "a", "x"), likelihoods=[1.0, 2.8])
    scores = likelihood_scores(split, [none, rag])
    assert scores is not None
    assert scores.measure == "nats"
    assert scores.differences(Cell("bm25"), Cell("none")) == pytest.approx([(0.5 - 0.3) / 2])
    assert likelihood_scores(split, [outcome("none", 0, "a", "x")]) is None


@pytest.mark.parametrize("task", ["LaMP_1", "LaMP_2", "LaMP_2N", "LaMP_3", "LaMP_4", "LaMP_7"])
def test_no_metric_leaves_its_span(task):
    answers, golds = (["1", "5"], ["5", "1"]) if task == "LaMP_3" else (["a", "b"], ["c", "d"])
    for metric in metrics_for(task):
        assert np.ptp([metric.value(answers, golds), metric.value(golds, golds)]) <= span_of(metric)
