from __future__ import annotations

import pytest

from ondevice.evaluation.comparisons import comparisons_of
from tests.ondevice.evaluation.test_table import outcome, split_of


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
    assert {(each.n_users, each.low, each.p) for each in found.values()} == {(1, None, None)}


def test_users_are_compared_each_as_one(tmp_path):
    """Of two questions a user, both move together: the number of users decides what is sure, not that of questions."""
    split = split_of(tmp_path, "LaMP_4", list("abcdefghijkl"))
    right, half = list("abcdefghijkl"), [letter if n % 2 else "x" for n, letter in enumerate("abcdefghijkl")]
    half[0] = "a"
    (pair,) = comparisons_of(split, [outcome("bm25", 1, *right), outcome("dense", 1, *half)])
    assert pair.n_users == 6
    assert pair.better_by == pytest.approx(2.5 / 6)
    assert pair.low is not None
    assert pair.high is not None
    assert pair.low < pair.better_by < pair.high
    assert pair.p == 2 * 2 / 2**6  # the user who gains nothing has either sign
    assert pair.p_holm == pair.p


def test_an_error_counts_the_other_way_round(tmp_path):
    split = split_of(tmp_path, "LaMP_3", ["1", "5"] * 4)
    own, control = outcome("bm25", 1, *"15" * 4), outcome("bm25", 1, *"33" * 4, history="other")
    (pair,) = comparisons_of(split, [own, control])
    assert pair.better_by == 2.0
    assert (pair.low, pair.high) == (None, None)  # all users gain as much: nothing is known of the spread
    assert pair.p == 2 / 2**4


def test_decodings_are_not_mixed(tmp_path):
    split = split_of(tmp_path, "LaMP_2", ["comedy", "comedy"])
    cells = [outcome("bm25", 1, "x", "x"), outcome("dense", 1, "x", "x", decoding="labels")]
    assert comparisons_of(split, cells) == []


def test_an_equal_error_is_zero_without_a_sign(tmp_path):
    split = split_of(tmp_path, "LaMP_3", ["1", "5"])
    (pair,) = comparisons_of(split, [outcome("bm25", 1, "3", "3"), outcome("bm25", 1, "3", "3", history="other")])
    assert f"{pair.better_by:+.1f}" == "+0.0"
