from __future__ import annotations

import gzip
import io
import zlib

import pytest

from ondevice.errors import InputError
from ondevice.importers import bounded
from ondevice.importers.bounded import Bounded


def read_all(data: bytes, *, limit_bytes: int = 1 << 40, size: int = 1 << 16) -> bytes:
    raw = Bounded(io.BytesIO(data), "notes.gz", limit_bytes=limit_bytes, is_gzip=True)
    with io.BufferedReader(raw) as file:
        return b"".join(iter(lambda: file.read(size), b""))


def bomb(n_bytes: int) -> bytes:
    """Return a gzip file of that many spaces, made without holding them."""
    packer = zlib.compressobj(9, wbits=31)
    block = b" " * (1 << 20)
    return b"".join([*(packer.compress(block) for _ in range(n_bytes >> 20)), packer.flush()])


@pytest.mark.parametrize("size", [1, 1000, 1 << 20])
def test_members_behind_one_another_and_padding_are_one_content(size: int) -> None:
    content = bytes(range(256)) * 300
    data = gzip.compress(content[:100]) + gzip.compress(b"") + gzip.compress(content[100:]) + bytes(600)
    assert read_all(data, size=size) == content


def test_a_name_and_a_comment_in_the_header_do_not_count() -> None:
    data = bytearray(gzip.compress(b"content"))
    data[3] |= 0x10
    assert read_all(bytes(data[:10]) + b"c" * 100_000 + b"\0" + bytes(data[10:])) == b"content"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain text",
        gzip.compress(b"x" * 5000)[:-4],
        gzip.compress(b"x" * 5000)[:-12],
        gzip.compress(b"x")[:5],
        gzip.compress(b"x" * 5000)[:-8] + bytes(8),
        gzip.compress(b"x") + b"garbage",
        gzip.compress(b"x") + bytes(40) + b"\x1f",
        gzip.compress(b"x") + gzip.compress(b"y" * 900)[:-9],
    ],
    ids=["empty", "plain", "tail", "body", "header", "checksum", "garbage", "byte", "second"],
)
def test_damage_is_told(data: bytes) -> None:
    with pytest.raises(InputError, match="is a damaged gzip file"):
        read_all(data)


def test_what_unpacks_without_end_is_refused_early() -> None:
    data = bomb(256 << 20)
    raw = Bounded(io.BytesIO(data), "notes.gz", limit_bytes=1 << 40, is_gzip=True)
    pieces = iter(lambda: len(raw.read(1 << 20)), 0)
    read: list[int] = []
    with pytest.raises(InputError, match="more than 100 times its size"):
        read.extend(pieces)
    assert sum(read) <= bounded.FREE_BYTES


def test_a_few_megabytes_may_be_packed_as_well_as_they_can() -> None:
    assert len(read_all(bomb(8 << 20))) == 8 << 20


def test_the_limit_counts_what_is_unpacked() -> None:
    data = gzip.compress(b"x" * 1000)
    assert len(read_all(data, limit_bytes=1000)) == 1000
    with pytest.raises(InputError, match="longer than 999 bytes"):
        read_all(data, limit_bytes=999)
