"""The values of a long JSON array, one after the other, without the whole array in memory."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from ondevice.errors import InputError
from ondevice.importers.decoding import wide_encoding
from ondevice.importers.source import Source
from ondevice.safety.strict_json import parse_json

MAX_ITEM_CHARS = 32 << 20
_CHUNK_BYTES = 256 << 10
_STRUCTURE = re.compile(r'["\\{}\[\],]')
_DEEPER = {"{": 1, "[": 1, "}": -1, "]": -1}
_SPACE = " \t\r\n"


def json_items(file: BinaryIO, name: str) -> Iterator[tuple[int, str]]:
    """Yield the texts of the values of the one array in a file, with their numbers, from 1.

    Only quotation marks and brackets are looked at, so that a value may still be no JSON.

    Args:
        file: One that has just been opened; its text is UTF-8, or has a byte order mark.
        name: What errors call it.

    Raises:
        InputError: If it is no array, does not end, or a value is too long.
    """
    text = _Text(file, name)
    if text.skip_space() != "[":
        raise InputError(f"the file {name!r} is no JSON array")
    text.take(1)
    number = 0
    while True:
        following = text.skip_space()
        if following == "]" and number == 0:
            return
        number += 1
        yield number, text.take_value(number)
        following = text.skip_space()
        text.take(1)
        if following == "]":
            return
        if following != ",":
            raise InputError(f"the file {name!r} is not valid JSON behind entry {number}")


def first_entry(source: Source) -> Mapping[str, Any]:
    """Return the first value of the array that a single file is, if it is an object, else an empty one."""
    if not source.is_single:
        return {}
    member = next(source.members())
    with member.opened() as file:
        try:
            _, first = next(json_items(file, member.place))
            value = parse_json(first)
        except (InputError, ValueError, StopIteration):
            return {}
    return value if isinstance(value, dict) else {}


class _Text:
    """The text of a file, as much as is needed of it."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        head = file.read(_CHUNK_BYTES)
        self._decoder = codecs.getincrementaldecoder(wide_encoding(head[:1024]) or "utf-8-sig")("replace")
        self._text, self._at = self._decoder.decode(head), 0

    def skip_space(self) -> str:
        """Return the next character that is no white space, and stay before it; none at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def take(self, n_chars: int) -> None:
        """Go on."""
        self._at += n_chars

    def take_value(self, number: int) -> str:
        """Return the text up to the comma or bracket that ends a value of the array."""
        depth, is_in_string, at = 0, False, self._at
        while True:
            match = _STRUCTURE.search(self._text, at)
            if match is None or (match[0] == "\\" and match.end() == len(self._text)):
                at = self._refilled(len(self._text) if match is None else match.start(), number)
                continue
            at, sign = match.end(), match[0]
            if sign == "\\":
                at += is_in_string
            elif sign == '"':
                is_in_string = not is_in_string
            elif not is_in_string:
                if not depth and sign in ",]}":
                    value, self._at = self._text[self._at : match.start()], match.start()
                    return value
                depth += _DEEPER.get(sign, 0)

    def _refilled(self, at: int, number: int) -> int:
        """Read on in the middle of a value, and return where a place in the text lies then."""
        n_chars = at - self._at
        if n_chars > MAX_ITEM_CHARS:
            raise InputError(f"the file {self._name!r}, entry {number}: it is longer than {MAX_ITEM_CHARS} characters")
        if not self._more():
            raise InputError(f"the file {self._name!r} ends in the middle of entry {number}")
        return n_chars

    def _more(self) -> bool:
        """Read on, and forget what was taken."""
        data = self._file.read(_CHUNK_BYTES)
        piece = self._decoder.decode(data, final=not data)
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(data)
