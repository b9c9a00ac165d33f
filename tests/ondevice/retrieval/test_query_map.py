"""The query map: what it does to vectors, and which bytes it reads."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from ondevice.errors import CorruptError, VersionError
from ondevice.retrieval.query_map import QueryMap
from tests.tiny_refinement import random_map


def test_it_adds_what_its_directions_say_and_normalizes() -> None:
    up, down = np.array([[0.0], [2.0]], np.float32), np.array([[1.0], [0.0]], np.float32)
    made = QueryMap(encoder_id="e", up=up, down=down)
    assert made.apply(np.array([1.0, 0.0], np.float32)) == pytest.approx([5**-0.5, 2 * 5**-0.5])
    several = made.apply(np.array([[0.0, 1.0], [0.6, 0.8]], np.float32))
    assert several[0] == pytest.approx([0.0, 1.0])
    assert several[1] == pytest.approx(np.array([0.6, 2.0]) / np.hypot(0.6, 2.0))
    assert several.dtype == np.float32


def test_zeros_change_nothing_and_no_query_becomes_nothing() -> None:
    query = np.array([0.6, 0.8], np.float32)
    zeros = np.zeros((2, 1), np.float32)
    assert QueryMap(encoder_id="e", up=zeros, down=zeros + 1).apply(query) == pytest.approx(query)
    away = QueryMap(encoder_id="e", up=-query[:, None], down=query[:, None])
    assert away.apply(query) == pytest.approx(query)


def test_bytes_are_as_specified_and_read_back() -> None:
    made = random_map("tiny-1", dim=6, rank=2)
    data = made.to_bytes()
    assert data[:20] == b"ODQM" + struct.pack("<IIII", 1, 6, 2, 6)
    assert data[20:26] == b"tiny-1"
    assert len(data) == 20 + 6 + 8 * 6 * 2
    assert np.frombuffer(data[26 : 26 + 48], "<f4").reshape(6, 2) == pytest.approx(made.up)
    again = QueryMap.from_bytes(data)
    assert (again.encoder_id, again.dim, again.rank) == ("tiny-1", 6, 2)
    assert np.array_equal(again.up, made.up)
    assert np.array_equal(again.down, made.down)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: b"X" + data[1:],
        lambda data: data[:10],
        lambda data: b"",
        lambda data: data[:4] + struct.pack("<I", 0) + data[8:],
        lambda data: data[:8] + struct.pack("<II", 2, 6) + data[16:],
        lambda data: data[:16] + struct.pack("<I", 0) + data[20:],
        lambda data: data[:20] + b"\xff\xff" + data[22:],
        lambda data: data[:-4] + struct.pack("<f", float("nan")),
        lambda data: data[:-4] + struct.pack("<f", float("-inf")),
    ],
)
def test_other_bytes_are_refused(damage) -> None:
    with pytest.raises(CorruptError, match="query map is damaged"):
        QueryMap.from_bytes(damage(random_map("tiny-1", dim=6, rank=2).to_bytes()))


def test_a_newer_format_is_told() -> None:
    data = random_map("tiny-1", dim=6, rank=2).to_bytes()
    with pytest.raises(VersionError, match="format 2"):
        QueryMap.from_bytes(data[:4] + struct.pack("<I", 2) + data[8:])


def test_wrong_shapes_are_told() -> None:
    with pytest.raises(ValueError, match="rank at most dim"):
        QueryMap(encoder_id="e", up=np.zeros((2, 3), np.float32), down=np.zeros((2, 3), np.float32))
    with pytest.raises(ValueError, match="5 numbers, but the map is for 6"):
        random_map("e", dim=6, rank=2).apply(np.zeros(5, np.float32))


def test_clearing_overwrites_and_nothing_shows_in_its_repr() -> None:
    made = random_map("tiny-1", dim=6, rank=2)
    assert "array" not in repr(made)
    made.clear()
    assert not made.up.any()
    assert not made.down.any()
