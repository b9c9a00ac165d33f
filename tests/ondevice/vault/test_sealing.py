"""Sealing: what goes in comes out, and nothing else ever does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ondevice.errors import CorruptError, VersionError
from ondevice.vault.sealing import CHUNK_BYTES, HEADER_BYTES, TAG_BYTES, layout_version, open_sealed, seal

KEY = bytes(range(32))
PROFILE = "0" * 32
SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES


def sealed(plain: bytes, name: str = "index", version: int = 1, profile_id: str = PROFILE, key: bytes = KEY) -> bytes:
    return b"".join(seal(key, plain, name=name, version=version, profile_id=profile_id))


def opened(data: bytes, name: str = "index", version: int = 1, profile_id: str = PROFILE, key: bytes = KEY) -> bytes:
    return b"".join(open_sealed(key, data, name=name, version=version, profile_id=profile_id))


def pattern(n_bytes: int) -> bytes:
    return (bytes(range(251)) * (n_bytes // 251 + 1))[:n_bytes]


BOUNDARIES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 1]


@pytest.mark.parametrize("n_bytes", BOUNDARIES)
def test_chunk_boundaries_round_trip_with_the_documented_size(n_bytes: int) -> None:
    data = sealed(pattern(n_bytes))
    assert len(data) == HEADER_BYTES + n_bytes + TAG_BYTES * max(1, -(-n_bytes // CHUNK_BYTES))
    assert opened(data) == pattern(n_bytes)


@given(pieces=st.lists(st.binary(max_size=300), max_size=20), cut=st.integers(1, 400))
def test_any_pieces_in_give_the_same_bytes_out(pieces: list[bytes], cut: int) -> None:
    data = b"".join(seal(KEY, iter(pieces), name="index", version=1, profile_id=PROFILE))
    in_pieces = (data[i : i + cut] for i in range(0, len(data), cut))
    assert opened(data) == b"".join(pieces)
    assert b"".join(open_sealed(KEY, in_pieces, name="index", version=1, profile_id=PROFILE)) == b"".join(pieces)


@settings(max_examples=25)
@given(n_bytes=st.integers(0, 3 * CHUNK_BYTES), piece=st.integers(1, 2 * CHUNK_BYTES))
def test_large_content_in_pieces_of_any_length(n_bytes: int, piece: int) -> None:
    plain = pattern(n_bytes)
    pieces = [plain[i : i + piece] for i in range(0, n_bytes, piece)]
    data = list(seal(KEY, pieces, name="index", version=1, profile_id=PROFILE))
    assert max(map(len, data)) <= SEALED_CHUNK
    assert b"".join(open_sealed(KEY, data, name="index", version=1, profile_id=PROFILE)) == plain


def test_every_bit_of_every_byte_counts() -> None:
    data = sealed(b"forty-two bytes of something worth keeping")
    format_at = 7
    for position in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            # A higher format or layout version is what a newer release would write.
            expected = VersionError if position in (format_at, *range(8, 12)) and changed > data else CorruptError
            with pytest.raises(expected):
                opened(bytes(changed))


def test_bit_flips_in_long_content_are_found_wherever_they_are() -> None:
    data = sealed(pattern(2 * CHUNK_BYTES + 5))
    ends = [HEADER_BYTES + i * SEALED_CHUNK for i in range(3)] + [len(data)]
    for position in [p + d for p in ends for d in (-17, -16, -1, 0, 1) if HEADER_BYTES <= p + d < len(data)]:
        changed = bytearray(data)
        changed[position] ^= 0x80
        with pytest.raises(CorruptError, match="authentication tag"):
            opened(bytes(changed))


def test_every_truncation_is_found() -> None:
    data = sealed(b"short")
    for length in range(len(data)):
        with pytest.raises(CorruptError):
            opened(data[:length])
    long = sealed(pattern(2 * CHUNK_BYTES + 5))
    for n_chunks in range(3):
        with pytest.raises(CorruptError):
            opened(long[: HEADER_BYTES + n_chunks * SEALED_CHUNK])


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2, 1), (0, 2), (1, 2), (0, 0, 1, 2), (0, 1, 2, 2), (2,)])
def test_chunks_moved_dropped_or_repeated_are_found(order: tuple[int, ...]) -> None:
    data = sealed(pattern(2 * CHUNK_BYTES + 5))
    chunks = [data[HEADER_BYTES + i * SEALED_CHUNK :][:SEALED_CHUNK] for i in range(3)]
    with pytest.raises(CorruptError):
        opened(data[:HEADER_BYTES] + b"".join(chunks[i] for i in order))


def test_chunks_of_two_blobs_do_not_mix() -> None:
    first, second = sealed(pattern(CHUNK_BYTES + 5)), sealed(pattern(CHUNK_BYTES + 5))
    at = HEADER_BYTES + SEALED_CHUNK
    with pytest.raises(CorruptError, match="chunk 1"):
        opened(first[:at] + second[at:])


def test_blob_opens_only_in_its_own_place() -> None:
    data = sealed(b"content")
    with pytest.raises(CorruptError):
        opened(data, name="adapter")
    with pytest.raises(CorruptError):
        opened(data, profile_id="1" * 32)
    with pytest.raises(CorruptError):
        opened(data, key=KEY[::-1])
    with pytest.raises(CorruptError, match="layout 1, and 2 was asked for"):
        opened(data, version=2)
    with pytest.raises(VersionError, match="layout 1, and 0 was asked for"):
        opened(data, version=0)


def test_name_and_version_do_not_run_into_each_other() -> None:
    data = bytearray(sealed(b"content", name="index", version=11))
    data[8:12] = (1).to_bytes(4, "big")
    with pytest.raises(CorruptError):
        opened(bytes(data), name="index1", version=1)


def test_same_content_twice_gives_unlike_blobs() -> None:
    assert sealed(b"content")[12:] != sealed(b"content")[12:]


def test_nothing_of_the_content_shows() -> None:
    assert b"canary" not in sealed(b"canary" * 1000)


def test_opening_hands_out_chunks_while_it_reads() -> None:
    data = sealed(pattern(3 * CHUNK_BYTES))
    n_read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal n_read
        for i in range(0, len(data), 1000):
            n_read += 1
            yield data[i : i + 1000]

    content = open_sealed(KEY, pieces(), name="index", version=1, profile_id=PROFILE)
    assert next(content) == pattern(CHUNK_BYTES)
    assert n_read * 1000 < 2 * SEALED_CHUNK


def test_newer_format_is_named_and_older_than_any_is_corrupt() -> None:
    data = bytearray(sealed(b"content"))
    data[7] = 9
    with pytest.raises(VersionError, match="format 9, and this release reads up to 1"):
        opened(bytes(data))
    data[7] = 0
    with pytest.raises(CorruptError):
        opened(bytes(data))


def test_layout_version_is_read_from_the_header() -> None:
    assert layout_version(sealed(b"", version=2**32 - 1)[:HEADER_BYTES], "index") == 2**32 - 1


@pytest.mark.parametrize("name", ["", ".hidden", "-dash", "Upper", "a/b", "..", "caf\u00e9", "a" * 101, "a\n", "nul\0"])
def test_name_of_another_form_is_refused_at_once(name: str) -> None:
    with pytest.raises(ValueError, match="a blob name has"):
        seal(KEY, b"", name=name, version=1, profile_id=PROFILE)
    with pytest.raises(ValueError, match="a blob name has"):
        open_sealed(KEY, b"", name=name, version=1, profile_id=PROFILE)


@pytest.mark.parametrize("version", [-1, 2**32])
def test_version_out_of_range_is_refused_at_once(version: int) -> None:
    with pytest.raises(ValueError, match=f"version is {version}"):
        seal(KEY, b"", name="index", version=version, profile_id=PROFILE)


def test_key_of_another_length_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="32 bytes, and this one has 16"):
        seal(KEY[:16], b"", name="index", version=1, profile_id=PROFILE)
