"""JSON files of any length, value by value: no more is kept than the value that is being read.

The brackets alone are followed down to the wanted values; each of these is then read by Python's own reader, so that a
value that is broken costs itself and not the rest of the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ondevice.errors import InputError
from ondevice.importers.found import Reason, Skipped
from ondevice.importers.source import Member, Source

MAX_VALUE_BYTES = 32 << 20
"""A value that takes more is left out; a long conversation has some millions."""
MAX_DEPTH = 64
MAX_STRETCH_BYTES = 64 << 20
"""So much may stand between two brackets."""
TORN = "!"
MAX_LOOKED_AT = 20_000
"""So many files of a folder are looked at for the form."""

_CHUNK_BYTES = 256 << 10
_BOM = b"\xef\xbb\xbf"
_BLANKS = re.compile(rb"[ \t\r\n]*+")
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(rb"[-+.0-9A-Za-z]++")
_OPENING = b"[{"


class _TornError(Exception):
    """The file ends, or goes on as no JSON does."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Stands where a value cannot be had: why, in words of its own."""

    reason: Reason
    detail: str

    def at(self, place: str) -> Skipped:
        """Return what is left out."""
        return Skipped(place=place, reason=self.reason, detail=self.detail)


def json_members(source: Source, *signs: re.Pattern[str]) -> Iterator[Member]:
    """Yield the JSON files of a source whose first bytes have all the signs of a form."""
    for member in source.members():
        if (source.is_single or member.suffix == ".json") and has_signs(member, *signs):
            yield member


def has_json(source: Source, *signs: re.Pattern[str]) -> bool:
    """Say whether there is such a file, among the first some thousands."""
    for number, member in enumerate(source.members()):
        if number >= MAX_LOOKED_AT:
            return False
        if (source.is_single or member.suffix == ".json") and has_signs(member, *signs):
            return True
    return False


def has_signs(member: Member, *signs: re.Pattern[str]) -> bool:
    """Say whether a file begins as JSON does, and its first bytes have all the signs; not where it cannot be read."""
    try:
        head = member.head().removeprefix(_BOM).decode("utf-8", "replace").lstrip()
    except InputError:
        return False
    return head.startswith(("[", "{")) and all(sign.search(head) for sign in signs)


def values_at(member: Member, *paths: str, opens: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    """Yield each value that stands at one of the paths, with its path, in the order of the file.

    Where a value is broken, too large or too deep, a :class:`Fault` stands in its place. One at the path ``"!"`` comes
    last where the file is no JSON from there on.

    Args:
        member: The file.
        paths: Such as ``chats.list.item.name``, with ``item`` for whatever stands in a list; ``""`` for the whole.
        opens: Paths at which objects begin that are not to be had whole: ``None`` is yielded as one begins.
    """
    try:
        with member.opened() as file:
            walk = _Walk(_Stream(file), frozenset(paths), frozenset(opens))
            yield from walk.values("")
            walk.end()
    except _TornError:
        yield TORN, Fault("broken", "the file is no valid JSON from here on; what follows is left out")
    except InputError as error:
        yield TORN, Fault("broken", error.message)


class _Stream:
    """The file's bytes, with only so many in the memory as the value takes that is being read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._data = file.read(_CHUNK_BYTES).removeprefix(_BOM)
        self._at = 0

    def peek(self) -> bytes:
        """Return the next byte that is no blank, without taking it; none at the end."""
        while True:
            match = _BLANKS.match(self._data, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._data):
                return self._data[self._at : self._at + 1]
            if not self._fill():
                return b""

    def take(self, *wanted: bytes) -> bytes:
        """Take the next byte, which must be one of these."""
        byte = self.peek()
        if byte not in wanted:
            raise _TornError
        self._at += 1
        return byte

    def value(self, *, is_kept: bool = True) -> bytes | Fault:
        """Take a whole value and return its bytes; none of what is not kept."""
        first = self.peek()
        if first in (b"[", b"{"):
            return self._nested(is_kept=is_kept)
        return self._matched(_STRING if first == b'"' else _SCALAR)

    def _matched(self, pattern: re.Pattern[bytes]) -> bytes:
        size = _CHUNK_BYTES
        while (match := pattern.match(self._data, self._at)) is None or match.end() == len(self._data):
            if not self._fill(size):
                break
            size *= 2
        if match is None:
            raise _TornError
        self._at = match.end()
        return match[0]

    def _nested(self, *, is_kept: bool) -> bytes | Fault:
        depth = deepest = n_bytes = 0
        pieces: list[bytes] = []
        size = _CHUNK_BYTES
        while True:
            at = self._at
            while (match := _TO_BRACKET.match(self._data, at)) is not None:
                at = match.end()
                depth += 1 if match[1] in _OPENING else -1
                deepest = max(depth, deepest)
                if not depth:
                    break
            n_bytes += at - self._at
            if is_kept and n_bytes <= MAX_VALUE_BYTES and deepest <= MAX_DEPTH:
                pieces.append(self._data[self._at : at])
            size = _CHUNK_BYTES if at > self._at else size * 2
            self._at = at
            if not depth and match is not None:
                break
            if not self._fill(size):
                raise _TornError
        if deepest > MAX_DEPTH:
            return Fault("broken", f"it is nested more than {MAX_DEPTH} deep")
        if n_bytes > MAX_VALUE_BYTES:
            return Fault("too long", f"it takes more than {MAX_VALUE_BYTES} bytes")
        return b"".join(pieces)

    def _fill(self, size: int = _CHUNK_BYTES) -> bool:
        """Read on, and let go of what has been taken; return whether there was more."""
        more = self._file.read(size)
        self._data, self._at = self._data[self._at :] + more, 0
        if len(self._data) > MAX_STRETCH_BYTES:
            raise InputError(f"a single value takes more than {MAX_STRETCH_BYTES} bytes")
        return bool(more)


class _Walk:
    """Goes down to the wanted paths, and passes over what does not lead there."""

    def __init__(self, stream: _Stream, wanted: frozenset[str], opens: frozenset[str]) -> None:
        self._stream, self._wanted, self._opens = stream, wanted, opens
        self._on_the_way = set(opens)
        for path in wanted | opens:
            while path:
                path = path.rpartition(".")[0]
                self._on_the_way.add(path)

    def values(self, path: str) -> Iterator[tuple[str, object]]:
        """Yield what is wanted of the value that comes next, which stands at the path."""
        first = self._stream.peek()
        if path in self._opens and first == b"{":
            yield path, None
        if path in self._wanted:
            yield path, _decoded(self._stream.value())
        elif path in self._on_the_way and first in (b"[", b"{"):
            yield from self._parts(path, closing=b"]" if first == b"[" else b"}")
        else:
            passed = self._stream.value(is_kept=False)
            if not path and first not in (b"[", b"{") and isinstance(_decoded(passed), Fault):
                raise _TornError

    def end(self) -> None:
        """See that nothing follows."""
        if self._stream.peek():
            raise _TornError

    def _parts(self, path: str, *, closing: bytes) -> Iterator[tuple[str, object]]:
        stream, before = self._stream, f"{path}." if path else ""
        stream.take(b"[", b"{")
        if stream.peek() == closing:
            stream.take(closing)
            return
        while True:
            name: object = "item"
            if closing == b"}":
                if stream.peek() != b'"':
                    raise _TornError
                name = _decoded(stream.value())
                stream.take(b":")
            yield from self.values(f"{before}{name}")
            if stream.take(b",", closing) == closing:
                return


def _decoded(data: bytes | Fault) -> object:
    if isinstance(data, Fault):
        return data
    try:
        value: object = json.loads(data.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return Fault("broken", "it is no valid JSON")
    return value
