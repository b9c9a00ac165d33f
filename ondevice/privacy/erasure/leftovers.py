"""Recognize text and vectors that lie where nothing should, without knowing what was forgotten.

A piece counts as left over if nothing that the database uses holds the same. SQLite leaves copies of what it uses in
gaps, and those say nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

WINDOW_BYTES = 8
LEAST_TEXT_BYTES = 2 * WINDOW_BYTES - 1
"""A text of so many bytes is found; a place where two pieces of living text meet never has as many."""

LEAST_NUMBERS = 32
"""So many numbers in a row that a unit vector may have are taken for a piece of one."""

_RUN = re.compile(
    rb"(?:[\x20-\x7e\t\n\r]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){%d,}"
    % LEAST_TEXT_BYTES
)
_LETTERS_SHARE = 0.6
_SMALLEST, _LARGEST = 1e-7, 1.0
_VECTOR_PIECE_BYTES = 16

_STRETCH_BYTES, _STEP = 128, 64
"""Rows that hold nothing of the user are shorter: SQLite leaves copies of such where it has moved them."""
_LARGEST_HIGH_BYTE = 0x0F
"""The higher byte of a place in a page of 4096 bytes; lists of places are what SQLite leaves in gaps of pages."""
_LEAST_LARGER = 16


def count_texts(parts: Iterable[bytes], living: bytes) -> int:
    """Return in how many runs of readable text in these parts there is some that nothing living holds."""
    return sum(_holds_more(run, living) for part in parts for run in _RUN.findall(part))


def count_vectors(parts: Iterable[bytes], living: bytes) -> int:
    """Return how many parts hold a piece of a float32 vector that nothing living holds."""
    return sum(any(piece not in living for piece in _vector_pieces(part)) for part in parts)


def count_strange(parts: Iterable[bytes], living: bytes) -> int:
    """Return how many parts hold bytes that are no list of places, and that nothing living holds: packed ones, say."""
    return sum(any(_is_strange(piece, living) for piece in _dense_pieces(part)) for part in parts)


def _is_of_places(data: bytes) -> bool:
    """Whether the even or the odd bytes are small, as in a list of places: read as numbers, those look like vectors."""
    is_larger = np.frombuffer(data, np.uint8) > _LARGEST_HIGH_BYTE
    return bool(min(is_larger[::2].mean(), is_larger[1::2].mean()) < 2 * _LEAST_LARGER / _STRETCH_BYTES)


def _is_strange(piece: bytes, living: bytes) -> bool:
    """Say that nothing living holds any of it: a piece may also lie across two copies of what lives."""
    # Each look goes through the whole database.
    return all(piece[at : at + WINDOW_BYTES] not in living for at in range(0, len(piece), WINDOW_BYTES))


def _dense_pieces(part: bytes) -> Iterable[bytes]:
    """Yield the stretches of which neither the even nor the odd bytes are all small."""
    if len(part) < _STRETCH_BYTES:
        return
    is_larger = np.frombuffer(part, np.uint8) > _LARGEST_HIGH_BYTE
    windows = np.lib.stride_tricks.sliding_window_view(is_larger, _STRETCH_BYTES)[::_STEP]
    is_dense = (windows[:, ::2].sum(axis=1) >= _LEAST_LARGER) & (windows[:, 1::2].sum(axis=1) >= _LEAST_LARGER)
    for start in (np.flatnonzero(is_dense) * _STEP).tolist():
        yield part[start : start + _STRETCH_BYTES]


def _holds_more(run: bytes, living: bytes) -> bool:
    if run in living:
        return False
    strange = 0
    for at in range(len(run) - WINDOW_BYTES + 1):
        window = run[at : at + WINDOW_BYTES]
        strange = strange + 1 if _is_text(window) and window not in living else 0
        if strange >= WINDOW_BYTES:
            return True
    return False


def _is_text(piece: bytes) -> bool:
    """Tell words from numbers that happen to be printable, as the lists of a page's cells are."""
    words = piece.decode("utf-8", "replace")
    return sum(letter.isalnum() or letter in " \ufffd" for letter in words) >= _LETTERS_SHARE * len(words)


def _vector_pieces(part: bytes) -> Iterable[bytes]:
    """Yield the middle of each long row of numbers such as unit vectors have."""
    for shift in range(4):
        numbers = np.frombuffer(part, "<f4", (len(part) - shift) // 4, shift) if len(part) - shift >= 4 else None
        if numbers is None or len(numbers) < LEAST_NUMBERS:
            continue
        size = np.abs(numbers)
        fits = np.concatenate([[False], (size > _SMALLEST) & (size < _LARGEST), [False]])
        edges = np.flatnonzero(fits[1:] != fits[:-1])
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if end - start >= LEAST_NUMBERS and not _is_of_places(part[shift + 4 * start : shift + 4 * end]):
                middle = shift + 4 * ((start + end) // 2)
                yield part[middle : middle + _VECTOR_PIECE_BYTES]
