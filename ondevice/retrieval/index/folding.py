"""From passages to items: which labels items have among those that are there, and each item's best one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ondevice.passages import PASSAGE_BITS, labels_of, rows_of
from ondevice.retrieval.index.exact import Found


def labels_among(labels: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return those of some labels that are of items in these rows, ascending.

    Shapes: labels int64[n], ascending; rows int64[any].
    """
    wanted = labels_of(np.unique(rows))
    first, end = np.searchsorted(labels, wanted), np.searchsorted(labels, wanted + (1 << PASSAGE_BITS))
    counts = end - first
    # The places of each item's labels, which lie side by side, one item after the other.
    places = np.repeat(end - np.cumsum(counts), counts) + np.arange(counts.sum())
    chosen: NDArray[np.int64] = labels[places]
    return chosen


def first_of_each(labels: NDArray[np.int64], scores: NDArray[np.float32]) -> Found:
    """Return the first label of each item, and its score, in their order.

    Shapes: labels int64[n], scores float32[n] → at most n of each.
    """
    _, places = np.unique(rows_of(labels), return_index=True)
    places.sort()
    return labels[places], scores[places]
