from __future__ import annotations

import pytest

from ondevice.evaluation.comparisons import comparisons_of, holm
from tests.ondevice.evaluation.test_table import outcome, split_of


def test_holm_adjusts_by_rank_and_keeps_the_order():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.5]) == [1.0, 1.0]
    assert holm([]) == []


def test_pairs_differ_in_one_thing(tmp_path):
    split = split_of(tmp_path, "LaMP_4", ["a", "b"])
    cells = [
        outcome("none", 0, "a", "x"),
        outcome("bm25", 1, "a", "b"),
        outcome("bm25", 2, "a", "b"),
        outcome("bm25", 1, "x", "b", history="other"),
        outcome("dense", 1, "a", "x"),
    ]
    found = {(each.question, each.first, each.second): each for each in comparisons_of(split, cells)}
    assert set(found) == {("control", "bm25 k=1", "bm25 k=1, other"), ("strategy", "bm25 k=1", "dense k=1")}
    assert all(each.better_by == 1 / 2 for each in found.values())
    assert all(each.p <= each.p_holm <= 1 for each in found.values())


def test_an_error_counts_the_other_way_round(tmp_path):
    split = split_of(tmp_path, "LaMP_3", ["1", "5"] * 4)
    own, control = outcome("bm25", 1, *"15" * 4), outcome("bm25", 1, *"33" * 4, history="other")
    (pair,) = comparisons_of(split, [own, control])
    assert pair.better_by == 2.0
    assert pair.low == pair.high == 2.0
    assert pair.p < 0.05


def test_decodings_are_not_mixed(tmp_path):
    split = split_of(tmp_path, "LaMP_2", ["comedy", "comedy"])
    cells = [outcome("bm25", 1, "x", "x"), outcome("dense", 1, "x", "x", decoding="labels")]
    assert comparisons_of(split, cells) == []


def test_an_equal_error_is_zero_without_a_sign(tmp_path):
    split = split_of(tmp_path, "LaMP_3", ["1", "5"])
    (pair,) = comparisons_of(split, [outcome("bm25", 1, "3", "3"), outcome("bm25", 1, "3", "3", history="other")])
    assert [f"{each:+.1f}" for each in (pair.better_by, pair.low, pair.high)] == ["+0.0"] * 3
