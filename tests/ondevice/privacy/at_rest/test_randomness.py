"""Ciphertext passes, and what is not does not, down to a few words in a page."""

from __future__ import annotations

import os

import numpy as np
import pytest

from ondevice.privacy.at_rest.randomness import BLOCK_BYTES, blocks_not_random, readable_places

PROSE = ("It rained all day, and nobody came to the shore but the two of us and a dog. " * 60).encode()


@pytest.mark.parametrize("n_bytes", [0, 1, 33, 100, 1279, 1280, 4096, 5000, 8192, 1 << 20])
def test_random_bytes_pass_at_every_size(n_bytes: int) -> None:
    assert blocks_not_random(os.urandom(n_bytes)) == 0


@pytest.mark.parametrize(
    "page",
    [
        bytes(BLOCK_BYTES),
        PROSE[:BLOCK_BYTES],
        PROSE.decode().encode("utf-16-le")[:BLOCK_BYTES],
        np.random.default_rng(1).standard_normal(1024).astype("<f4").tobytes(),
        np.random.default_rng(1).standard_normal(2048).astype("<f2").tobytes(),
        np.clip(np.random.default_rng(1).standard_normal(4096) * 40, -127, 127).astype(np.int8).tobytes(),
        "ירד גשם כל היום ואיש לא בא אל החוף. ".encode() * 80,
        "一日中雨が降り、岸辺には誰も来なかった。".encode() * 70,
    ],
    ids=["zeros", "text", "wide", "float32", "float16", "int8", "hebrew", "japanese"],
)
def test_one_page_among_encrypted_ones_is_found(page: bytes) -> None:
    around = 3 * BLOCK_BYTES
    assert blocks_not_random(os.urandom(around) + page[:BLOCK_BYTES] + os.urandom(around)) == 1


@pytest.mark.parametrize("text", [PROSE[:48], PROSE[:24].decode().encode("utf-16-le"), b"\0" * 16])
def test_a_few_words_in_a_page_are_found(text: bytes) -> None:
    data = os.urandom(5000) + text + os.urandom(5000)
    assert blocks_not_random(data) == 1
    assert readable_places(data)


@pytest.mark.parametrize("text", [b"a line of a log that somebody wrote\n", bytes(64), b"0123456789abcdef" * 20])
def test_a_small_file_that_can_be_read_is_found(text: bytes) -> None:
    assert blocks_not_random(text) == 1
