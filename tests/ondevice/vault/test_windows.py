from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.vault.windows import CERTAIN_BYTES, WINDOW_BYTES, Windows


def pages_with(piece: bytes, place: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    page = bytearray(4016)
    page[place : place + len(piece)] = piece
    return np.frombuffer(bytes(page), np.uint8).reshape(1, -1)


@given(start=st.integers(0, 60), place=st.integers(0, 4016 - CERTAIN_BYTES))
def test_any_long_enough_piece_is_found_wherever_it_lies(start: int, place: int) -> None:
    secret = bytes(range(1, 92))
    piece = secret[start : start + CERTAIN_BYTES]
    assert len(Windows([secret]).found_in_pages(pages_with(piece, place))) >= 1
    assert len(Windows([secret]).found_in(bytes(place) + piece)) >= 8


def test_every_place_is_searched_with_the_right_stride() -> None:
    secret = os.urandom(1536)
    windows = Windows([secret], every=128, run=8)
    assert len(windows.hashes) == 12 * 8
    for start in range(0, 1536 - 159, 37):
        for place in range(8):
            assert len(windows.found_in_pages(pages_with(secret[start : start + 159], place))) >= 1


def test_foreign_bytes_are_not_found() -> None:
    windows = Windows([os.urandom(300) for _ in range(100)])
    heap = np.frombuffer(os.urandom(4016 * 200), np.uint8).reshape(200, -1)
    assert len(windows.found_in_pages(heap)) == 0
    assert len(windows.found_in(os.urandom(600_000))) == 0


def test_windows_do_not_reach_from_one_part_into_the_next() -> None:
    first, second = os.urandom(40), os.urandom(40)
    windows = Windows([first, second])
    assert len(windows.hashes) == 2 * (40 - WINDOW_BYTES + 1)
    assert len(windows.found_in(first[-20:] + second[:20])) == 0


def test_what_is_skipped_is_not_looked_for() -> None:
    secret = os.urandom(60)
    windows = Windows([secret], skip=[30])
    assert len(windows.found_in(secret[:30])) == 0
    assert len(windows.found_in(secret[:31])) == 1


@pytest.mark.parametrize("parts", [[], [b""], [b"short"], [bytes(100)]])
def test_nothing_to_look_for(parts: list[bytes]) -> None:
    windows = Windows(parts)
    assert len(windows.found_in_pages(np.zeros((3, 4016), np.uint8))) == 0
    assert len(windows.found_in(bytes(100))) == 0


def test_slices_overlap() -> None:
    secret = os.urandom(40)
    for before in range((1 << 18) - 45, (1 << 18) + 5, 3):
        assert len(Windows([secret]).found_in(bytes(before) + secret + bytes(100))) == 40 - WINDOW_BYTES + 1
