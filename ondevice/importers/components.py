"""The parts of calendars and of contacts' files: what stands between BEGIN and END, one at a time."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import BinaryIO, cast

MAX_COMPONENT_BYTES = 4 << 20
_LINE_BYTES = 64 << 10
_BEGIN, _END = b"BEGIN:", b"END:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """One part.

    Args:
        name: What it is, as ``VEVENT``.
        line: The number of its first line.
        data: It as it stands, UTF-8 or not; ``None`` where it does not end, or is too long.
        is_long: Whether it is too long.
    """

    name: str
    line: int
    data: bytes | None = field(repr=False)
    is_long: bool = False


def read_components(file: BinaryIO, names: Set[str]) -> Iterator[Component]:
    """Yield the parts of these names, however deep they lie, reading as it goes.

    One that begins before the last has ended means that the last is torn, unless it is a card within a card.
    """
    current: _Open | None = None
    before = b""
    for number, line in enumerate(_lines(file), start=1):
        mark = line.strip().upper()
        if mark.startswith(_BEGIN) and (name := mark[len(_BEGIN) :].decode("ascii", "replace")) in names:
            if current is not None and name == current.name and before.startswith(b"AGENT"):
                current.depth += 1
            else:
                if current is not None:
                    yield current.torn()
                current = _Open(name, number)
        if current is not None:
            current.add(line)
            if mark == _END + current.name.encode("ascii"):
                current.depth -= 1
                if not current.depth:
                    yield current.whole()
                    current = None
        before = mark
    if current is not None:
        yield current.torn()


class _Open:
    """A part that has begun."""

    def __init__(self, name: str, line: int) -> None:
        self.name, self.depth = name, 1
        self._line, self._n_bytes = line, 0
        self._lines: list[bytes] = []

    def add(self, line: bytes) -> None:
        """Add a line, or forget all where there are too many."""
        self._n_bytes += len(line)
        if self._n_bytes <= MAX_COMPONENT_BYTES:
            self._lines.append(line)
        else:
            self._lines.clear()

    def whole(self) -> Component:
        """Return what has ended."""
        is_long = self._n_bytes > MAX_COMPONENT_BYTES
        data = None if is_long else b"".join(self._lines)
        return Component(name=self.name, line=self._line, data=data, is_long=is_long)

    def torn(self) -> Component:
        """Return what will not end."""
        return Component(name=self.name, line=self._line, data=None)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines in bytes, those of a file of UTF-16 in UTF-8; the pieces of a long one are lines each."""
    head = cast("io.BufferedReader", file).peek(2)[:2]
    if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        text = io.TextIOWrapper(file, encoding="utf-16", errors="replace")
        try:
            while words := text.readline(_LINE_BYTES):
                yield words.encode("utf-8", "replace")
        finally:
            text.detach()
        return
    line = file.readline(_LINE_BYTES).removeprefix(codecs.BOM_UTF8)
    while line:
        yield line
        line = file.readline(_LINE_BYTES)


def has_mark(head: bytes, mark: bytes) -> bool:
    """Say whether a file that begins so holds a line such as ``BEGIN:VCARD``."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.replace(b"\0", b"")
    return mark in head.upper()
