"""Passages: the parts of a long item's text, each with a vector of its own; a short item is one passage.

Their places are counted in what is searched of an item: its fields that are text, a line feed, its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Labels = NDArray[np.int64]

PASSAGE_BITS = 20
"""So many low bits of a passage's label are its number in the item; the others are the item's row."""

MOST_PASSAGES = 1 << PASSAGE_BITS
"""An item has so many passages at most; what comes behind them has no vector."""


class Span(NamedTuple):
    """Where a passage begins and ends, in characters of what is searched of its item."""

    start: int
    end: int


class ItemText(NamedTuple):
    """What is searched of an item; its first ``n_head`` characters are fields, which go along with every passage."""

    text: str
    n_head: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """The part of a long item that fits a query best.

    Args:
        text: What it says.
        start: Where it begins in the item's text, in characters.
        end: Where it ends there.
    """

    text: str = field(repr=False)
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PassageVectors:
    """The vectors of some items, one for each of their passages.

    Args:
        items: Which of the items each passage is of: int64[m], ascending, every item from 0 on at least once.
        spans: Where each begins and ends: int64[m, 2].
        vectors: float32[m, dim].
    """

    items: Labels = field(repr=False)
    spans: NDArray[np.int64] = field(repr=False)
    vectors: NDArray[np.float32] = field(repr=False)

    @property
    def n_items(self) -> int:
        """How many items they are of."""
        return int(self.items[-1]) + 1 if len(self.items) else 0

    def of(self, places: Sequence[int]) -> PassageVectors:
        """Return those of the items at these places, in this order."""
        return joined([self._one(place) for place in places]) if list(places) != list(range(self.n_items)) else self

    def _one(self, place: int) -> PassageVectors:
        first, end = self.items.searchsorted([place, place + 1])
        return PassageVectors(
            items=self.items[first:end] - place, spans=self.spans[first:end], vectors=self.vectors[first:end]
        )


def passage_vectors(spans: Sequence[Sequence[Span]], vectors: NDArray[np.float32]) -> PassageVectors:
    """Return the vectors of items with the passages of each, one item after the other.

    Shapes: float32[m, dim], where the items have m passages together.
    """
    import numpy as np

    return PassageVectors(
        items=np.repeat(np.arange(len(spans), dtype=np.int64), [len(each) for each in spans]),
        spans=np.array([span for each in spans for span in each], np.int64).reshape(-1, 2),
        vectors=vectors,
    )


def joined(parts: Sequence[PassageVectors]) -> PassageVectors:
    """Return the vectors of several groups of items as those of one, one group at least."""
    import numpy as np

    firsts = np.cumsum([0, *(part.n_items for part in parts[:-1])])
    return PassageVectors(
        items=np.concatenate([part.items + first for part, first in zip(parts, firsts, strict=True)]),
        spans=np.concatenate([part.spans for part in parts]),
        vectors=np.concatenate([part.vectors for part in parts]),
    )


def item_text(text: str, named: str) -> ItemText:
    """Return what is searched of an item; ``named`` is :func:`~ondevice.words.field_text` of its fields."""
    return ItemText(f"{named}\n{text}", len(named)) if named else ItemText(text, 0)


def labels_of(rows: Labels) -> Labels:
    """Return the labels of these rows' first passages."""
    return rows << PASSAGE_BITS


def rows_of(labels: Labels) -> Labels:
    """Return the rows of these passages' items."""
    return labels >> PASSAGE_BITS


def label_of(row: int, number: int) -> int:
    """Return the label of the passage of this number, from 0, of the item in this row."""
    return row << PASSAGE_BITS | number
