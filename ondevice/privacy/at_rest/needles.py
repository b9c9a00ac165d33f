"""Look for many byte strings in much data at once, whatever their letters' case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

HEAD_BYTES = 8
"""Shorter strings cannot be looked for: in megabytes of ciphertext they turn up by chance."""

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_TABLE_BITS = 22
_SHIFT = np.uint64(64 - _TABLE_BITS)
_SLICE_BYTES = 1 << 20
_MOST_LOOKED_AT = 10_000


class Needles:
    """Byte strings of eight bytes and more, of several kinds. It shows none of them."""

    __slots__ = ("_by_head", "_heads", "_table", "kinds", "longest")

    def __init__(self, strings: Mapping[str, Iterable[bytes]]) -> None:
        """Take them by kind; those that are too short are left out."""
        self.kinds = tuple(strings)
        """The kinds, in the order in which they were given."""
        self._by_head: dict[bytes, list[tuple[bytes, str]]] = {}
        for kind, those in strings.items():
            for needle in {each.lower() for each in those if len(each) >= HEAD_BYTES}:
                self._by_head.setdefault(needle[:HEAD_BYTES], []).append((needle, kind))
        self.longest = max((len(each) for group in self._by_head.values() for each, _ in group), default=0)
        """The length of the longest: pieces of a file that is read in parts must overlap by so much."""
        self._heads = np.sort(np.frombuffer(b"".join(self._by_head), "<u8"))
        self._table = np.zeros(1 << _TABLE_BITS, bool)
        self._table[(self._heads * _FACTOR) >> _SHIFT] = True

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(map(len, self._by_head.values()))

    def __repr__(self) -> str:
        """Hide them."""
        return f"Needles({len(self)})"

    def found_in(self, data: bytes) -> Counter[str]:
        """Return at how many places one of each kind begins; very many are counted no further."""
        found: Counter[str] = Counter()
        if not len(self._heads):
            return found
        heap = data.lower()
        for start in range(0, max(0, len(heap) - HEAD_BYTES + 1), _SLICE_BYTES):
            for place in self._places(heap, start)[:_MOST_LOOKED_AT]:
                found.update(self._at(heap, start + int(place)))
        return found

    def _places(self, heap: bytes, start: int) -> NDArray[np.intp]:
        """Return the places of this slice at which eight bytes are the head of a needle."""
        n = min(_SLICE_BYTES, len(heap) - start - HEAD_BYTES + 1)
        words = np.ndarray((n,), "<u8", heap, offset=start, strides=(1,)).copy()
        likely = np.flatnonzero(self._table[(words * _FACTOR) >> _SHIFT])
        nearest = np.searchsorted(self._heads[:-1], words[likely])
        places: NDArray[np.intp] = likely[self._heads[nearest] == words[likely]]
        return places

    def _at(self, heap: bytes, place: int) -> set[str]:
        group = self._by_head[heap[place : place + HEAD_BYTES]]
        return {kind for needle, kind in group if heap.startswith(needle, place)}
