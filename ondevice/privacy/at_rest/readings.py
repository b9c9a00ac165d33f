"""What else bytes say: text behind escapes, digits, base64 or wide letters, and text that is broken over lines.

A spelling of a whole piece is looked for as it is. What is read here is found also where a piece was cut, wrapped,
coloured, or encoded together with what stood around it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_LEAST = 16
"""Bytes that a reading must give: fewer say too little."""

_BLANKS, _LINE_ENDS = b" \t\r\n", b"\r\n"
_DIGITS, _MARKS = b"0123456789abcdefABCDEF", b" :,-"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PLAIN = bytes(range(32, 127)) + b"\t" + _LINE_ENDS
_BLOCK_BYTES, _MIN_BLANKS = 256, 12
"""So many blanks a block of text has; of random bytes one in 64 is a blank, and hardly any block has as many."""

_COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
_COUNT = re.compile(rb"(?m)^[ ]*[0-9a-fA-F]{4,16}:? ")
_USUAL = bytes.maketrans(b"-_", b"+/")

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]


def flowing(data: bytes) -> bytes:
    """Return text with one space in place of each run of blanks and line breaks, and without a terminal's colours.

    What has hardly any blanks is no such text, and is left out.
    """
    plain = _COLOUR.sub(b"", data) if b"\x1b[" in data else data
    if not plain:
        return b""
    is_blank = _among(plain, _BLANKS)
    is_kept = ~is_blank & _near_text(is_blank)
    is_kept[1:] |= is_blank[1:] & is_kept[:-1]
    spaced: Bytes = np.where(is_blank, np.uint8(32), np.frombuffer(plain, np.uint8))
    return spaced[is_kept].tobytes()


def _near_text(is_blank: Flags) -> Flags:
    """Say of each byte whether its block, or the one before or after, has the blanks of text."""
    n_blanks = np.add.reduceat(is_blank, range(0, len(is_blank), _BLOCK_BYTES), dtype=np.int64)
    is_text = np.pad(n_blanks >= min(_MIN_BLANKS, len(is_blank) // 20 or 1), 1)
    is_near: Flags = is_text[1:-1] | is_text[:-2] | is_text[2:]
    return np.repeat(is_near, _BLOCK_BYTES)[: len(is_blank)]


def readings(data: bytes) -> Iterator[bytes]:
    """Yield what the encoded runs in these bytes say."""
    for read in (_base64, _base32, _hexadecimal, _wide):
        said = b"\n".join(read(data))
        if len(said) >= _LEAST:
            yield said


def _base64(data: bytes) -> Iterator[bytes]:
    for run in _runs(data, _among(data, _BASE64 + _LINE_ENDS)):
        # A word before or after, on a line of its own, is of the same letters.
        for first in range(2):
            lines = run.split()[first:]
            digits = b"".join(lines).translate(_USUAL)
            if len(digits) >= _LEAST:
                yield base64.b64decode(digits[: len(digits) - len(digits) % 4])
            if len(run.split()) < 2:
                break


def _base32(data: bytes) -> Iterator[bytes]:
    for run in _runs(data, _among(data, _BASE32 + _LINE_ENDS)):
        digits = b"".join(run.split())
        if len(digits) >= 2 * _LEAST:
            yield base64.b32decode(digits[: len(digits) - len(digits) % 8])


def _hexadecimal(data: bytes) -> Iterator[bytes]:
    """Read runs of digits as one: a dump has a run in each line, after the count of its bytes.

    A digit that happens to stand before a run belongs to no pair, so each is read from its second digit on too.
    """
    runs = list(_runs(data, _among(data, _DIGITS + _MARKS + _LINE_ENDS)))
    for phase in range(2):
        yield b"".join(_from_digits(run, phase) for run in runs)
        yield b"".join(_from_digits(_COUNT.sub(b"", run), phase) for run in runs)


def _from_digits(run: bytes, phase: int) -> bytes:
    digits = run.translate(None, _MARKS + _LINE_ENDS)[phase:]
    return bytes.fromhex(digits[: len(digits) - len(digits) % 2].decode("ascii"))


def _wide(data: bytes) -> Iterator[bytes]:
    """Read letters with a zero beside each; where the letter comes first it is found at one more place."""
    for phase in range(2):
        whole = data[phase : len(data) - (len(data) - phase) % 2]
        is_letter = _among(whole, _PLAIN)[::2] & (np.frombuffer(whole, np.uint8)[1::2] == 0)
        yield from _runs(whole[::2], is_letter)


def _among(data: bytes, values: bytes) -> Flags:
    table = np.zeros(256, bool)
    table[list(values)] = True
    flags: Flags = table[np.frombuffer(data, np.uint8)]
    return flags


def _runs(data: bytes, flags: Flags) -> Iterator[bytes]:
    """Yield the bytes at which the flags are set so many times in a row."""
    edges = np.flatnonzero(np.diff(flags, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    is_long = ends - starts >= _LEAST
    for start, end in zip(starts[is_long].tolist(), ends[is_long].tolist(), strict=True):
        yield data[start:end]
