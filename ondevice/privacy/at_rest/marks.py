r"""What text says in which characters stand behind marks: ``\u00f6``, ``%C3``, ``=C3``, ``&#246;``, ``[104, 105]``.

Unlike a spelling, which is looked for as a whole, this is read wherever marks stand, also between plain letters, more
than once over, and whatever was marked.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import numpy as np

_LEAST_MARKS = 3
"""Fewer are anybody's: a path of Windows, a percentage."""

_BLOCK_BYTES = 32
_FIRST_LETTER, _BLANKS = 32, (9, 10, 13, 27)

_CHARACTERS = re.compile(rb"(?:\\+u[0-9a-fA-F]{4})+")
_BYTE = re.compile(rb"\\+x([0-9a-fA-F]{2})")
_OCTAL = re.compile(rb"\\+([0-3][0-7]{2})")
_LETTER = re.compile(rb"\\+([nrtbf\"'/])")
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"", b"f": b"\n"}
_PERCENT = re.compile(rb"%(?:25)*([0-9a-fA-F]{2})")
_EQUALS, _SOFT_BREAK = re.compile(rb"=([0-9A-Fa-f]{2})"), re.compile(rb"=[ \t]*\r?\n")
_ENTITY = re.compile(rb"&(?:amp;)*(?:#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|[a-zA-Z]{2,8});")
_NUMBERS = re.compile(rb"(?:[0-9]{1,3}[ \t]*[,;\s][\s]{0,4}){16,}")


def unmarked(data: bytes) -> Iterator[bytes]:
    """Yield the text in these bytes with what stands behind marks of each kind in their place, where there are some."""
    text = _text_in(data)
    yield from _read(text)


def _read(text: bytes) -> Iterator[bytes]:
    if lines := _lines_with(b"\\", text):
        yield from _without_escapes(lines)
    if lines := _lines_with(b"%", text):
        yield _PERCENT.sub(_as_byte, lines)
    if lines := _lines_with(b"=", text):
        yield _EQUALS.sub(_as_byte, _SOFT_BREAK.sub(b"", lines))
    if lines := _lines_with(b"&", text):
        yield _ENTITY.sub(_as_character, lines)
    if said := b"\n".join(map(_from_numbers, _NUMBERS.findall(text))):
        yield said


def _lines_with(mark: bytes, text: bytes) -> bytes:
    """Return the lines that have a mark, if there are enough of it."""
    if text.count(mark) < _LEAST_MARKS:
        return b""
    return b"\n".join(line for line in text.split(b"\n") if mark in line)


def _text_in(data: bytes) -> bytes:
    """Return the blocks without control characters in them and around them: of random bytes one in ten is one."""
    if not data:
        return b""
    values = np.frombuffer(data, np.uint8)
    is_control = (values < _FIRST_LETTER) & ~np.isin(values, _BLANKS)
    is_clean = ~np.logical_or.reduceat(is_control, range(0, len(values), _BLOCK_BYTES))
    padded = np.pad(is_clean, 1, constant_values=True)
    is_text = padded[:-2] & padded[1:-1] & padded[2:]
    padded = np.pad(is_text, 2)
    is_near = np.logical_or.reduce([padded[at : at + len(is_text)] for at in range(5)])
    text: bytes = values[np.repeat(is_near, _BLOCK_BYTES)[: len(values)]].tobytes()
    return text


def _without_escapes(data: bytes) -> Iterator[bytes]:
    wide = _CHARACTERS.sub(_from_halves, data)
    plain = _LETTER.sub(lambda found: _LETTERS.get(found[1], found[1]), wide)
    # A program writes a byte in this way, and another a letter of Latin-1.
    yield _OCTAL.sub(_as_octal, _BYTE.sub(_as_byte, plain))
    if _BYTE.search(plain):
        yield _BYTE.sub(lambda found: chr(int(found[1], 16)).encode(), plain)


def _from_halves(found: re.Match[bytes]) -> bytes:
    """Read characters as halves of UTF-16: those beyond the first 65,536 have two."""
    halves = b"".join(bytes.fromhex(each.decode("ascii")) for each in re.findall(rb"u(....)", found[0]))
    return halves.decode("utf-16-be", "replace").encode()


def _as_byte(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])


def _as_octal(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8)])


def _as_character(found: re.Match[bytes]) -> bytes:
    return html.unescape(html.unescape(found[0].decode("ascii"))).encode("utf-8", "replace")


def _from_numbers(run: bytes) -> bytes:
    values = [int(each) for each in re.findall(rb"[0-9]+", run)]
    return bytes(value for value in values if value < 256)
