"""Which items are learned from, on histories made so that the right choice is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.adaptation.lessons.selection import Reason, SelectionConfig, select_items


def _history(n: int, *, kinds: int, seed: int = 0) -> tuple[list[str], NDArray[np.float32]]:
    """Return texts of equal length and vectors in ``kinds`` groups, item i in group i mod kinds."""
    random = np.random.default_rng(seed)
    vectors = 3 * np.eye(16)[np.arange(n) % kinds] + random.standard_normal((n, 16))
    return [f"item number {i:05} about a thing" for i in range(n)], vectors.astype(np.float32)


def _reasons(texts: Sequence[str], vectors: NDArray[np.float32], **settings: Any) -> list[Reason]:
    return [verdict.reason for verdict in select_items(texts, vectors, config=SelectionConfig(**settings)).verdicts]


def test_every_item_gets_a_verdict_and_no_more_are_chosen_than_wanted():
    texts, vectors = _history(200, kinds=4)
    selection = select_items(texts, vectors, config=SelectionConfig(max_items=50))
    assert len(selection.verdicts) == 200
    assert len(selection.chosen) == 50
    assert list(selection.chosen) == sorted(selection.chosen)
    assert _reasons(texts, vectors, max_items=50).count("cluster") == 10  # √(200 / 2)


def test_all_are_chosen_where_there_is_room():
    texts, vectors = _history(30, kinds=3)
    assert select_items(texts, vectors).chosen == tuple(range(30))


def test_a_rare_kind_is_represented():
    """Ten old items of another kind among 190: newness alone would drop every one of them."""
    texts, vectors = _history(200, kinds=1)
    vectors[:, 0] += 4
    vectors[:10] = np.roll(vectors[:10], 7, axis=1)
    selection = select_items(texts, vectors, config=SelectionConfig(max_items=20, max_cosine=1.0))
    rare = [i for i in selection.chosen if i < 10]
    assert len(rare) >= 1
    assert all(selection.verdicts[i].reason == "cluster" for i in rare)


def test_the_newest_are_chosen_where_nothing_else_differs():
    texts, vectors = _history(40, kinds=1)
    selection = select_items(texts, vectors, config=SelectionConfig(max_items=20))
    by_quality = [i for i in selection.chosen if selection.verdicts[i].reason == "quality"]
    surplus = [i for i, verdict in enumerate(selection.verdicts) if verdict.reason == "surplus"]
    assert min(by_quality) > max(surplus) - 5  # but for the best of each of the 4 clusters
    assert len(by_quality) == 16


def test_short_texts_are_left_out():
    texts, vectors = _history(6, kinds=2)
    texts[2] = " ok  \n fine "
    assert _reasons(texts, vectors)[2] == "short"
    assert _reasons(texts, vectors, min_characters=7)[2] != "short"


def test_of_doubles_the_newest_stays():
    texts, vectors = _history(12, kinds=12)
    texts[3] = texts[8].upper() + " "
    vectors[5] = 2 * vectors[10]
    selection = select_items(texts, vectors)
    assert [(i, v.double_of) for i, v in enumerate(selection.verdicts) if v.reason == "duplicate"] == [(3, 8), (5, 10)]
    assert set(selection.chosen) == set(range(12)) - {3, 5}


def test_identical_items_leave_one():
    selection = select_items(["the very same note"] * 20, np.ones((20, 4)))
    assert selection.chosen == (19,)


def test_the_same_history_gives_the_same_choice():
    texts, vectors = _history(150, kinds=5)
    config = SelectionConfig(max_items=40)
    assert select_items(texts, vectors, config=config) == select_items(texts, vectors.copy(), config=config)


def test_the_explanation_adds_up_and_quotes_nothing():
    texts, vectors = _history(60, kinds=3)
    texts[0], texts[1] = "short", texts[30]
    selection = select_items(texts, vectors, config=SelectionConfig(max_items=25))
    lines = selection.explain()
    assert lines[0] == "25 of 60 items are learned from: 5 as the best of their kind, 20 for quality"
    assert sum(int(line.split()[0]) for line in lines) == 60
    assert "item number" not in " ".join(lines) + repr(selection)


def test_no_items_give_no_choice():
    assert select_items([], np.zeros((0, 8))).chosen == ()
    assert select_items(["x"], np.ones((1, 8))).verdicts[0].reason == "short"
    assert select_items(["one item that is long enough"], np.zeros((1, 8))).chosen == (0,)


@pytest.mark.parametrize("vectors", [np.ones((2, 4)), np.ones(3), np.full((3, 4), np.nan)])
def test_vectors_must_fit_the_texts(vectors):
    with pytest.raises(ValueError, match="3 texts need 3 rows of finite numbers"):
        select_items(["one", "two", "three"], vectors)


@pytest.mark.parametrize("wrong", [{"max_items": 0}, {"max_cosine": 0.0}, {"variance": 1.5}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SelectionConfig(**wrong)
