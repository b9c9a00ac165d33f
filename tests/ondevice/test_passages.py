"""The vectors of several items' passages: taken apart, put together, and known by labels."""

from __future__ import annotations

import numpy as np

from ondevice.passages import PASSAGE_BITS, Span, joined, label_of, labels_of, passage_vectors, rows_of

THREE = passage_vectors(
    [[Span(0, 4)], [Span(0, 9), Span(5, 12)], [Span(0, 1)]], np.arange(8, dtype=np.float32).reshape(4, 2)
)


def test_some_items_keep_all_their_passages_in_the_order_asked_for() -> None:
    chosen = THREE.of([2, 1])
    assert chosen.items.tolist() == [0, 1, 1]
    assert chosen.spans.tolist() == [[0, 1], [0, 9], [5, 12]]
    assert chosen.vectors.tolist() == [[6, 7], [2, 3], [4, 5]]
    assert (THREE.n_items, chosen.n_items) == (3, 2)


def test_what_was_taken_apart_can_be_put_together() -> None:
    again = joined([THREE.of([0]), THREE.of([1, 2])])
    assert again.items.tolist() == THREE.items.tolist()
    assert again.vectors.tobytes() == THREE.vectors.tobytes()


def test_a_label_tells_row_and_number_and_sorts_by_row() -> None:
    labels = np.array([label_of(3, 0), label_of(3, 7), label_of(4, 0)])
    assert labels.tolist() == sorted(labels.tolist())
    assert rows_of(labels).tolist() == [3, 3, 4]
    assert labels_of(np.array([3, 4])).tolist() == [3 << PASSAGE_BITS, 4 << PASSAGE_BITS]


def test_no_vector_and_no_text_shows_in_a_repr() -> None:
    from ondevice.passages import Passage

    assert "zanzibar" not in repr(Passage(text="zanzibar", start=3, end=11))
    assert "6." not in repr(THREE)
