"""How alike different users' personas are, on rows whose cosines are known."""

from __future__ import annotations

import numpy as np
import pytest

from ondevice.evaluation.persona_likeness import asked_personas

EAST, NORTH = np.array([[1, 0], [0, 2]], np.float32), np.array([[0, 3], [5, 0]], np.float32)
HALF = np.array([[4, 0], [1, 0]], np.float32)
"""Its first row lies as that of EAST, its second as that of NORTH."""


def test_one_row_for_everybody_is_wholly_alike_and_unlike_rows_are_not():
    assert [each.likeness for each in asked_personas([EAST, 7 * EAST], [3, 3], ["a", "b"])] == pytest.approx([1, 1])
    assert [each.likeness for each in asked_personas([EAST, NORTH], [3, 3], ["a", "b"])] == pytest.approx([0, 0])
    assert [each.likeness for each in asked_personas([EAST, -EAST], [3, 3], ["a", "b"])] == pytest.approx([-1, -1])
    assert [each.likeness for each in asked_personas([EAST, HALF], [3, 3], ["a", "b"])] == pytest.approx([0.5, 0.5])


def test_a_users_own_questions_do_not_count_and_every_other_user_counts_once():
    found = asked_personas([EAST, EAST, EAST, NORTH, HALF], [1] * 5, ["a", "a", "a", "b", "c"])
    # a against b (0) and c (½); b against a (0) and c (½); c against a and b (½ each).
    assert [each.likeness for each in found] == pytest.approx([0.25, 0.25, 0.25, 0.25, 0.5])


def test_whoever_has_no_items_or_no_rows_is_left_out():
    found = asked_personas([EAST, NORTH, EAST], [2, 0, 4], ["a", "b", "c"])
    assert [each.n_items for each in found] == [2, 0, 4]
    assert found[1].likeness is None
    assert [found[0].likeness, found[2].likeness] == pytest.approx([1, 1])
    none = np.empty((0, 2), np.float32)
    for rows, sizes, users in (([none] * 2, [2, 2], ["a", "b"]), ([EAST, NORTH], [2, 2], ["a", "a"])):
        assert [each.likeness for each in asked_personas(rows, sizes, users)] == [None, None]
    assert asked_personas([], [], []) == []
