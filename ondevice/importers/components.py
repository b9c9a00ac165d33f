"""The parts of calendars and of contacts' files: what stands between BEGIN and END, one at a time, each an item."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, TypeAlias, cast

from ondevice.errors import InputError
from ondevice.importers.decoding import unix_text_of
from ondevice.importers.found import Found, Skipped
from ondevice.importers.source import Source

MAX_COMPONENT_BYTES = 4 << 20
_LINE_BYTES = 64 << 10
_LOOKED_AT = 2_000
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


def holds_components(source: Source, mark: bytes, suffixes: Set[str]) -> bool:
    """Say whether a file has a line such as ``BEGIN:VCARD`` near its beginning, or a folder or archive such a file."""
    if source.is_single:
        return _has_mark(next(source.members()).head(4096), mark)
    return any(member.suffix in suffixes for member in islice(source.members(), _LOOKED_AT))


ReadPart: TypeAlias = Callable[[Component, str, str], "Found | Skipped | None"]
"""Makes an item, or nothing, of a part, its text and its place; whatever it raises is that part's fault alone."""


def read_members(
    source: Source,
    names: Set[str],
    suffixes: Set[str],
    read_part: ReadPart,
    *,
    begin: Callable[[], object] = lambda: None,
) -> Iterator[Found | Skipped]:
    """Yield what becomes of each part of these names in a source's files; one that is torn or too long is skipped.

    Args:
        source: A file, whatever its name; or a folder or archive with files of these suffixes.
        names: What the parts are called.
        suffixes: The files' ends.
        read_part: Reads a part.
        begin: Called before each file.

    Raises:
        InputError, NotFoundError: If the source cannot be read.
    """
    for member in source.members():
        if not (source.is_single or member.suffix in suffixes):
            continue
        begin()
        try:
            with member.opened() as file:
                for part in read_components(file, names):
                    item = _item_of(part, f"{member.place}, line {part.line}", read_part)
                    if item is not None:
                        yield item
        except InputError as error:
            yield Skipped(place=member.place, reason="broken", detail=error.message)


def _item_of(part: Component, place: str, read_part: ReadPart) -> Found | Skipped | None:
    if part.data is None:
        reason = "it is too long" if part.is_long else "it does not end"
        return Skipped(place=place, reason="too long" if part.is_long else "broken", detail=reason)
    try:
        return read_part(part, unix_text_of(part.data) or "", place)
    except InputError as error:
        return Skipped(place=place, reason="broken", detail=error.message)
    except Exception:
        # Whatever a library finds wrong with one entry, the next is read.
        return Skipped(place=place, reason="broken", detail="it is not of the form of such an entry")


def _has_mark(head: bytes, mark: bytes) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.replace(b"\0", b"")
    return mark in head.upper()
