"""Look for many byte strings in much data at once, whatever their letters' case.

The first 8 bytes of a short string, and 16 of a longer one, are hashed to 64 bits (multiply and add, with odd factors);
so is every place of the data. Only where the two are equal is the whole string compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

SHORT_BYTES, LONG_BYTES = 8, 16
"""Strings of fewer than 8 bytes cannot be looked for: in megabytes of ciphertext they turn up by chance."""

_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_TABLE_BITS = 20
_SHIFT = np.uint64(64 - _TABLE_BITS)
_SLICE_BYTES = 1 << 20
_MOST_COUNTED = 10_000

Keys = NDArray[np.uint64]


class Needles:
    """Byte strings of eight bytes and more, of several kinds. It shows none of them."""

    __slots__ = ("_groups", "longest")

    def __init__(self, strings: Mapping[str, Iterable[bytes]]) -> None:
        """Take them by kind; those that are too short are left out."""
        needles = {
            (each.lower(), kind) for kind, those in strings.items() for each in those if len(each) >= SHORT_BYTES
        }
        self.longest = max((len(each) for each, _ in needles), default=0)
        """The length of the longest: pieces of a file that is read in parts must overlap by so much."""
        long = [each for each in needles if len(each[0]) >= LONG_BYTES]
        short = [each for each in needles if len(each[0]) < LONG_BYTES]
        self._groups = [_Group(those, width) for those, width in ((short, SHORT_BYTES), (long, LONG_BYTES)) if those]

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(map(len, self._groups))

    def __repr__(self) -> str:
        """Hide them."""
        return f"Needles({len(self)})"

    def found_in(self, data: bytes) -> Counter[str]:
        """Return at how many places one of each kind begins; very many are counted no further."""
        found: Counter[str] = Counter()
        if not self._groups:
            return found
        heap = data.lower()
        for start in range(0, max(0, len(heap) - SHORT_BYTES + 1), _SLICE_BYTES):
            words = _words(heap, start, _SLICE_BYTES + LONG_BYTES - SHORT_BYTES)
            keys = words * _FIRST
            for group in self._groups:
                n = min(_SLICE_BYTES, len(words) - group.width + SHORT_BYTES)
                if n > 0:
                    found.update(group.found_at(heap, start, _widened(keys, words, group.width)[:n]))
        return found


class _Group:
    """Strings that are known by as many first bytes."""

    __slots__ = ("_by_head", "_keys", "_table", "width")

    def __init__(self, needles: Iterable[tuple[bytes, str]], width: int) -> None:
        self.width = width
        self._by_head: dict[bytes, list[tuple[bytes, str]]] = {}
        for needle, kind in needles:
            self._by_head.setdefault(needle[:width], []).append((needle, kind))
        heads = b"".join(self._by_head)
        every = np.frombuffer(heads, np.uint64).reshape(-1, width // SHORT_BYTES)
        keys: Keys = every[:, 0] * _FIRST
        if width == LONG_BYTES:
            keys = keys + every[:, 1] * _SECOND
        self._keys: Keys = np.sort(keys)
        self._table = np.zeros(1 << _TABLE_BITS, bool)
        self._table[self._keys >> _SHIFT] = True

    def __len__(self) -> int:
        return sum(map(len, self._by_head.values()))

    def found_at(self, heap: bytes, start: int, keys: Keys) -> Counter[str]:
        """Count what begins at the places of which these are the keys."""
        likely = np.flatnonzero(self._table[keys >> _SHIFT])
        nearest = np.searchsorted(self._keys[:-1], keys[likely])
        places = likely[self._keys[nearest] == keys[likely]][:_MOST_COUNTED].tolist()
        return Counter(kind for place in places for kind in self._kinds_at(heap, start + place))

    def _kinds_at(self, heap: bytes, place: int) -> set[str]:
        group = self._by_head.get(heap[place : place + self.width], ())
        return {kind for needle, kind in group if heap.startswith(needle, place)}


def _words(heap: bytes, start: int, n: int) -> Keys:
    """Return the 8 bytes at each of so many places, as far as there are."""
    n = min(n, len(heap) - start - SHORT_BYTES + 1)
    return np.ndarray((n,), "<u8", heap, offset=start, strides=(1,)).copy()


def _widened(keys: Keys, words: Keys, width: int) -> Keys:
    return keys if width == SHORT_BYTES else keys[:-SHORT_BYTES] + words[SHORT_BYTES:] * _SECOND
