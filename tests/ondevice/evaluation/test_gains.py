from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.evaluation.gains import MeanGain, TaskGain, mean_gains, task_gains
from tests.ondevice.evaluation.test_table import outcome, split_of


def headlines(tmp_path: Path) -> list[TaskGain]:
    """``none`` scores 2/3 and ``bm25`` 1: a gain of 1/2, the same for each user."""
    split = split_of(tmp_path, "LaMP_4", ["a b", "c d"] * 2)
    return task_gains(
        split,
        [
            outcome("none", 0, *["a", "c"] * 2),
            outcome("bm25", 1, *["a b", "c d"] * 2),
            outcome("bm25", 1, *["a", "c"] * 2, history="shuffled"),
        ],
    )


def tags(tmp_path: Path, *, free_none: str = "sci-fi") -> list[TaskGain]:
    split = split_of(tmp_path, "LaMP_2", ["sci-fi", "comedy"])
    return task_gains(
        split,
        [
            outcome("none", 0, free_none, "x"),
            outcome("bm25", 1, "sci-fi", "comedy"),
            outcome("recency", 1, "sci-fi", "comedy"),
            outcome("none", 0, "sci-fi", "comedy", decoding="labels"),
            outcome("bm25", 1, "x", "comedy", decoding="labels"),
        ],
    )


def gain(gains: list[MeanGain], strategy: str, decoding: str, history: str = "own") -> MeanGain:
    (found,) = (each for each in gains if (each.strategy, each.decoding, each.history) == (strategy, decoding, history))
    return found


def test_gains_are_averaged_over_the_tasks(tmp_path):
    gains = mean_gains([*headlines(tmp_path), *tags(tmp_path)])
    free, labels = gain(gains, "bm25", "free"), gain(gains, "bm25", "labels")
    assert free.gain == pytest.approx((1 / 2 + 1) / 2)
    assert labels.gain == pytest.approx((1 / 2 - 1 / 2) / 2)
    assert free.n_tasks == labels.n_tasks == 2


def test_a_cell_that_lacks_a_task_is_left_out(tmp_path):
    gains = mean_gains([*headlines(tmp_path), *tags(tmp_path)])
    assert {each.strategy for each in gains} == {"bm25"}
    assert {each.strategy for each in mean_gains(tags(tmp_path))} == {"bm25", "recency"}


def test_shuffled_labels_are_averaged_over_the_tasks_that_have_them(tmp_path):
    shuffled = gain(mean_gains([*headlines(tmp_path), *tags(tmp_path)]), "bm25", "free", "shuffled")
    assert (shuffled.n_tasks, shuffled.gain) == (1, 0.0)


def test_a_task_without_a_reference_above_zero_is_left_out_of_that_decoding(tmp_path):
    gains = mean_gains([*headlines(tmp_path), *tags(tmp_path, free_none="x")])
    assert gain(gains, "bm25", "free").n_tasks == 1
    assert gain(gains, "bm25", "labels").n_tasks == 2


def test_the_interval_holds_the_gain_and_there_is_none_without_a_spread(tmp_path):
    (same,) = (each for each in mean_gains(headlines(tmp_path)) if (each.history, each.decoding) == ("own", "free"))
    assert (same.low, same.high) == (None, None)
    split = split_of(tmp_path, "LaMP_7", list("abcdefgh"))
    varied = mean_gains(task_gains(split, [outcome("none", 0, *"abxxxxgh"), outcome("bm25", 1, *"abcdxxxx")]))[0]
    assert varied.low is not None
    assert varied.high is not None
    assert varied.low < varied.gain == 0.0 < varied.high


def test_a_falling_error_is_a_gain(tmp_path):
    split = split_of(tmp_path, "LaMP_3", ["1", "5"])
    (cell,) = task_gains(split, [outcome("none", 0, "3", "3"), outcome("bm25", 1, "2", "5")])
    assert cell.gain.value == pytest.approx((2.0 - 0.5) / 2.0)
