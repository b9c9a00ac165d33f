"""Find pieces of known byte strings in a large heap of bytes, all at once and at every alignment.

A piece of 31 bytes, wherever it lies, holds 24 bytes that start at a multiple of 8. So it is enough to take every
24-byte window of what is looked for, and to compare it with the heap at multiples of 8 only. Windows are
compared by a 64-bit multilinear hash with random odd factors, drawn anew each time.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WORD_BYTES = 8
WINDOW_BYTES = 3 * WORD_BYTES
CERTAIN_BYTES = WINDOW_BYTES + WORD_BYTES - 1
"""Any run of what is looked for that is this long is found."""

_TABLE_BITS = 21
_SLICE_BYTES = 1 << 18

Hashes = NDArray[np.uint64]


class Windows:
    """The 24-byte windows of some byte strings, ready to be looked for."""

    def __init__(
        self, parts: Sequence[bytes], *, skip: Sequence[int] | None = None, every: int = 1, run: int = 1
    ) -> None:
        """Take the windows of each part.

        Args:
            parts: The byte strings; windows do not reach from one into the next.
            skip: Per part, how many bytes at its start say nothing: windows wholly inside are left out.
            every: Take windows only at ``run`` consecutive places of each ``every``.
            run: At least 8, so that one of them meets the heap's alignment, unless every place is taken.
        """
        self._factors = np.frombuffer(secrets.token_bytes(24), np.uint64) | np.uint64(1)
        self.hashes: Hashes = np.unique(self._windows_of(parts, skip or [0] * len(parts), every, run))
        self._table = np.zeros(1 << _TABLE_BITS, bool)
        self._table[self.hashes >> np.uint64(64 - _TABLE_BITS)] = True

    def found_in_pages(self, pages: NDArray[np.uint8]) -> Hashes:
        """Return the hashes of the windows that lie in these pages at a multiple of 8.

        Shapes: pages uint8[n, multiple of 8].
        """
        return self._matching(self._hash(pages.view(np.uint64)))

    def found_in(self, data: bytes) -> Hashes:
        """Return the hashes of the windows that lie anywhere in the data."""
        slices = range(0, max(0, len(data) - WINDOW_BYTES + 1), _SLICE_BYTES)
        pieces = (data[start : start + _SLICE_BYTES + WINDOW_BYTES - 1] for start in slices)
        found = [self._matching(self._hash_everywhere(piece)) for piece in pieces]
        return np.unique(np.concatenate([np.empty(0, np.uint64), *found]))

    def _windows_of(self, parts: Sequence[bytes], skip: Sequence[int], every: int, run: int) -> Hashes:
        data = b"".join(parts)
        if len(data) < WINDOW_BYTES:
            return np.empty(0, np.uint64)
        hashes = self._hash_everywhere(data)
        lengths = np.array([len(part) for part in parts], np.int64)
        starts = np.cumsum(lengths) - lengths
        of_part = np.repeat(np.arange(len(parts)), lengths)[: len(hashes)]
        place = np.arange(len(hashes)) - starts[of_part]
        is_wanted = place + WINDOW_BYTES <= lengths[of_part]
        is_wanted &= place + WINDOW_BYTES > np.asarray(skip, np.int64)[of_part]
        is_wanted &= place % every < run
        # Zeros lie in every empty page.
        words = _words_everywhere(data)
        is_wanted &= (words[: len(hashes)] != 0) & (words[2 * WORD_BYTES :][: len(hashes)] != 0)
        wanted: Hashes = hashes[is_wanted]
        return wanted

    def _hash_everywhere(self, data: bytes) -> Hashes:
        words = _words_everywhere(data)
        n = len(data) - WINDOW_BYTES + 1
        a, b, c = self._factors
        hashes: Hashes = words[:n] * a + words[WORD_BYTES:][:n] * b + words[2 * WORD_BYTES :][:n] * c
        return hashes

    def _hash(self, words: NDArray[np.uint64]) -> Hashes:
        a, b, c = self._factors
        hashes = words[:, :-2] * a
        hashes += words[:, 1:-1] * b
        hashes += words[:, 2:] * c
        flat: Hashes = hashes.reshape(-1)
        return flat

    def _matching(self, hashes: Hashes) -> Hashes:
        likely = hashes[self._table[hashes >> np.uint64(64 - _TABLE_BITS)]]
        place = np.searchsorted(self.hashes, likely)
        place[place == len(self.hashes)] = 0
        return np.unique(likely[self.hashes[place] == likely]) if len(self.hashes) else likely[:0]


def _words_everywhere(data: bytes) -> NDArray[np.uint64]:
    """Return the 8-byte word at each place."""
    return np.ndarray((len(data) - WORD_BYTES + 1,), np.uint64, data, strides=(1,)).copy()
