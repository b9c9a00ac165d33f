"""Text of unknown encoding: a byte order mark decides, then UTF-8, and what is neither is read as what it looks like.

Exports of older programs are rarely marked.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from typing import AnyStr, BinaryIO, cast

from ondevice.importers.charset_guess import CharsetGuess

_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MOST_ZEROS = 0.3
"""UTF-16 without a mark has about one zero byte for each letter of Europe; other text has none."""
_GOOD_PER_TORN = 2
_WIDE_HEAD = 1024


def wide_encoding(head: bytes) -> str | None:
    """Return the encoding of a text whose characters take two bytes or more each; ``None`` for every other."""
    for mark, name in _WIDE:
        if head.startswith(mark):
            return name
    pairs = max(1, len(head) // 2)
    first, second = head[::2], head[1::2]
    for name, high, low in (("utf-16-le", second, first), ("utf-16-be", first, second)):
        if high.startswith(b"\0") and high.count(0) > _MOST_ZEROS * pairs and not low.count(0):
            text = head[: 2 * pairs].decode(name, "replace")
            return name if all(char.isprintable() or char in "\t\n\r\f\ufeff" for char in text) else None
    return None


def text_of(data: bytes) -> str:
    """Return the text of a whole file, in whatever encoding; a byte order mark is dropped, and nothing is refused."""
    wide = wide_encoding(data[:_WIDE_HEAD])
    return _decoded(data, CharsetGuess()) if wide is None else data.decode(wide, "replace").removeprefix("\ufeff")


def unix_text_of(data: bytes) -> str | None:
    r"""Return the text of a whole file with each line ended by ``\n``; ``None`` where it is no text."""
    return text_of(data).replace("\r\n", "\n").replace("\r", "\n") if is_text(data) else None


def is_text(head: bytes) -> bool:
    """Say whether a file that begins so holds text: a file of any other kind soon has a zero byte."""
    if wide_encoding(head[:_WIDE_HEAD]) is not None:
        return True
    return b"\0" not in head and not head.startswith(
        (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")
    )


def lines_of(file: BinaryIO, *, limit: int) -> Iterator[tuple[int, str | None]]:
    """Yield the lines of an open file with their numbers, from 1, and their ends; ``None`` for one beyond the limit.

    Each line of 8-bit text is UTF-8 or not by itself: a file that several programs wrote to may be of two encodings.

    Args:
        file: One that has just been opened.
        limit: The most bytes of a line, or characters of wide text.
    """
    buffered = cast("io.BufferedReader", file)
    wide = wide_encoding(buffered.peek(_WIDE_HEAD)[:_WIDE_HEAD])
    if wide is not None:
        text = io.TextIOWrapper(buffered, encoding=wide, errors="replace", newline="")
        for number, line in enumerate(_bounded(text.readline, limit), start=1):
            yield number, line.removeprefix("\ufeff") if line is not None and number == 1 else line
        return
    guess = CharsetGuess()
    for number, data in enumerate(_bounded(buffered.readline, limit), start=1):
        yield number, None if data is None else _decoded(data, guess)


def _decoded(data: bytes, guess: CharsetGuess) -> str:
    """Return bytes that are no wide text as text. UTF-8 with a few torn characters keeps the rest."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        torn = data.decode("utf-8-sig", "replace")
    n_torn = torn.count("\N{REPLACEMENT CHARACTER}")
    n_good = sum(not character.isascii() for character in torn) - n_torn
    if n_good >= _GOOD_PER_TORN * n_torn:
        return torn
    guess.add(data)
    return data.decode(guess.codec, "replace")


def _bounded(read_line: Callable[[int], AnyStr], limit: int) -> Iterator[AnyStr | None]:
    """Yield lines as they are read; of one beyond the limit nothing is kept."""
    while line := read_line(limit + 1):
        if len(line) <= limit:
            yield line
            continue
        while len(line) > limit and not _ends(line):
            line = read_line(limit + 1)
        yield None


def _ends(line: str | bytes) -> bool:
    return line.endswith("\n") if isinstance(line, str) else line.endswith(b"\n")
