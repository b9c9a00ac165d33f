"""Tell encrypted bytes from others: each block must look random.

Two tests. The first is Pearson's chi-square on how often each byte value occurs in a block; the second looks for a run
of characters, or of one and the same byte, that chance does not make. Their limits are so high that a terabyte of
ciphertext is not expected to exceed one.

What looks random and is not cannot be told: compressed data, above all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK_BYTES = 4096
"""A page of the database; other files are cut alike."""

_VALUES = 256
_NIBBLES = 16
_PLAIN = np.isin(np.arange(_VALUES), [9, 10, 13, *range(0x20, 0x7F)])
_MIN_EXPECTED = 5
"""Counts per value below which the chi-square distribution is no good approximation (Cochran 1954)."""
_FEW_BYTES = _MIN_EXPECTED * _NIBBLES

# Wilson and Hilferty's approximation, eight standard deviations up: once in 10**15 blocks.
_LIMITS = {values: (values - 1) * (1 - (k := 2 / (9 * (values - 1))) + 8 * k**0.5) ** 3 for values in (256, 16)}

_RUN_BYTES = 40
"""A run of so many bytes that are characters is text: chance makes one in 10**14 bytes."""
_SHORT_RUN_BYTES = 20
"""The same in a file of less than two thousand bytes."""
_WIDE_RUN = 12
_SAME_RUN = 16
_SLICE_BYTES = 1 << 20
_OVERLAP_BYTES = 64


def blocks_not_random(data: bytes) -> int:
    """Return how many of the 4096-byte blocks of these bytes do not look random; a short last one goes with its last.

    Shapes: the data of one file, or whole blocks of it.
    """
    if not data:
        return 0
    if len(data) < _MIN_EXPECTED * _VALUES:
        return int(_is_small_readable(data))
    n_whole = max(1, len(data) // BLOCK_BYTES)
    last = data[(n_whole - 1) * BLOCK_BYTES :]
    bad = set(_uneven(np.frombuffer(data, np.uint8, (n_whole - 1) * BLOCK_BYTES).reshape(-1, BLOCK_BYTES)))
    if _chi_square(np.bincount(np.frombuffer(last, np.uint8), minlength=_VALUES)[None, :])[0] > _LIMITS[_VALUES]:
        bad.add(n_whole - 1)
    bad |= {min((place + _SAME_RUN) // BLOCK_BYTES, n_whole - 1) for place in readable_places(data)}
    return len(bad)


def readable_places(data: bytes) -> list[int]:
    """Return where runs begin that can be read, or are all one byte."""
    found: set[int] = set()
    for start in range(0, len(data), _SLICE_BYTES):
        piece = np.frombuffer(data[start : start + _SLICE_BYTES + _OVERLAP_BYTES], np.uint8)
        found.update(start + place for place in _runs(piece, _RUN_BYTES))
    return sorted(found)


def _runs(values: NDArray[np.uint8], n_bytes: int) -> list[int]:
    """Return where runs begin: of so many bytes of text in UTF-8, of wide characters, or of one byte.

    Shapes: values uint8[n].
    """
    same = values[1:] == values[:-1]
    plain = _PLAIN[values]
    wide = plain[:-1] & (values[1:] == 0)
    narrow = plain[1:] & (values[:-1] == 0)
    places = [*_starts(_characters(values, plain), n_bytes), *_starts(same, _SAME_RUN - 1)]
    for pairs in (wide, narrow):
        places += [2 * place + at for at in (0, 1) for place in _starts(pairs[at::2], _WIDE_RUN)]
    return places


def _characters(values: NDArray[np.uint8], plain: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say of each byte whether it is, or belongs to, a character of UTF-8 of up to three bytes.

    Shapes: values uint8[n] and plain bool[n] → bool[n].
    """
    follows = (values & 0xC0) == 0x80
    first_of_two = (values >= 0xC3) & (values <= 0xDF)
    first_of_three = (values >= 0xE0) & (values <= 0xEF)
    result = plain.copy()
    two = first_of_two[:-1] & follows[1:]
    three = first_of_three[:-2] & follows[1:-1] & follows[2:]
    for at in range(2):
        result[at : len(two) + at] |= two
    for at in range(3):
        result[at : len(three) + at] |= three
    return result


def _starts(is_in: NDArray[np.bool_], n: int) -> list[int]:
    """Return where at least ``n`` true values stand side by side.

    Shapes: is_in bool[m].
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_in, [False])).astype(np.int8)))
    first, behind = edges[::2], edges[1::2]
    starts: list[int] = first[behind - first >= n].tolist()
    return starts


def _is_small_readable(data: bytes) -> bool:
    """Judge what is too short for 256 values by its half bytes, or where even that is too few, by its text alone."""
    values = np.frombuffer(data, np.uint8)
    if _runs(values, _SHORT_RUN_BYTES):
        return True
    if len(data) < _FEW_BYTES:
        return False
    counts = np.stack([np.bincount(half, minlength=_NIBBLES) for half in (values >> 4, values & 15)])
    return bool((_chi_square(counts) > _LIMITS[_NIBBLES]).any())


def _uneven(blocks: NDArray[np.uint8]) -> list[int]:
    """Return the numbers of the blocks whose byte values are not even.

    Shapes: blocks uint8[n, 4096].
    """
    found: list[int] = []
    for start in range(0, len(blocks), 1024):
        batch = blocks[start : start + 1024]
        keys = batch + (np.arange(len(batch), dtype=np.uint32) * _VALUES)[:, None]
        counts = np.bincount(keys.ravel(), minlength=len(batch) * _VALUES).reshape(-1, _VALUES)
        found += (start + np.flatnonzero(_chi_square(counts) > _LIMITS[_VALUES])).tolist()
    return found


def _chi_square(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how far each row is from even counts.

    Shapes: counts int64[n, values] → float64[n].
    """
    expected = counts.sum(axis=1, keepdims=True) / counts.shape[1]
    result: NDArray[np.float64] = ((counts - expected) ** 2 / expected).sum(axis=1)
    return result
