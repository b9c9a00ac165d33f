"""What a GGUF file says of itself, read by a reader that believes nothing: not the counts, nor the lengths.

The whole header is walked once, in order. What it claims is compared with the file's size before memory is taken for
it, and of long lists only the length is kept. The tensors are not read: a header tells how many weights there are.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from export.errors import AddError
from ondevice.safety.regular_files import NotRegularError, open_regular

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_KEYS = 4096
MOST_TENSORS = 65_536
MOST_AXES = 4
MOST_KEY_BYTES = 1024
MOST_TEXT_BYTES = 4 << 20
MOST_HEADER_BYTES = 512 << 20
MOST_TEXTS = 2_000_000
"""In a list: the largest vocabularies hold some hundred thousand."""
_SCALARS: Mapping[int, struct.Struct] = {
    0: struct.Struct("<B"), 1: struct.Struct("<b"), 2: struct.Struct("<H"), 3: struct.Struct("<h"),
    4: struct.Struct("<I"), 5: struct.Struct("<i"), 6: struct.Struct("<f"), 7: struct.Struct("<?"),
    10: struct.Struct("<Q"), 11: struct.Struct("<q"), 12: struct.Struct("<d"),
}  # fmt: skip
_TEXT, _LIST = 8, 9

Value = str | int | float | bool | range
"""A value of the header; of a list only its length is known, as a ``range``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GgufHeader:
    """A header's values by key, and what the list of tensors adds up to."""

    values: Mapping[str, Value]
    n_tensors: int
    n_parameters: int

    @property
    def architecture(self) -> str:
        """What kind of network it is, as llama.cpp names it."""
        return self.text("general.architecture")

    def text(self, key: str) -> str:
        """Return a text, empty where there is none."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int | None:
        """Return a whole number, or ``None`` where there is none."""
        value = self.values.get(key)
        return value if type(value) is int else None


class CutHeaderError(AddError):
    """The file ends within its header; of one that is still arriving that says nothing."""


def read_header(path: Path, *, n_bytes: int | None = None) -> GgufHeader:
    """Read the header of a GGUF file.

    Args:
        path: The file.
        n_bytes: How long it will be, where it is still arriving.

    Raises:
        AddError: If it is none, or it claims what the file cannot hold.
    """
    try:
        with open_regular(path) as file:
            n_here = file.seek(0, 2)
            file.seek(0)
            return _Reader(file, n_here, n_bytes or n_here).header()
    except NotRegularError:
        raise AddError(f"{path.name!r} is no regular file") from None
    except OSError as error:
        raise AddError(f"{path.name!r} cannot be read: {error.strerror or type(error).__name__}") from None


class _Reader:
    def __init__(self, file: BinaryIO, n_here: int, n_bytes: int) -> None:
        self._file = file
        self._n_here = n_here
        self._n_bytes = n_bytes
        self._n_left = min(n_bytes, MOST_HEADER_BYTES)

    def header(self) -> GgufHeader:
        if self._n_here < len(MAGIC) or self._take(len(MAGIC)) != MAGIC:
            raise AddError("it is no GGUF file", hint="a model for llama.cpp is one file that ends with .gguf")
        version = self._number(4)
        if version not in VERSIONS:
            raise AddError(
                f"it is a GGUF file of version {version if version < 1 << 16 else 'another byte order'}, not "
                f"{' or '.join(map(str, VERSIONS))}",
                hint="get a newer file of the model",
            )
        n_tensors, n_keys = self._count(10, MOST_TENSORS, "tensors"), self._count(10, MOST_KEYS, "keys")
        values: dict[str, Value] = {}
        for _ in range(n_keys):
            key = self._text(MOST_KEY_BYTES)
            if key in values:
                _refuse(f"it has the key {key[:60]!r} twice")
            values[key] = self._value(self._number(4))
        return GgufHeader(values=values, n_tensors=n_tensors, n_parameters=self._parameters(n_tensors))

    def _parameters(self, n_tensors: int) -> int:
        n_parameters = 0
        for _ in range(n_tensors):
            self._text(MOST_KEY_BYTES)
            n_axes = self._number(4)
            if n_axes > MOST_AXES:
                _refuse(f"a tensor has {n_axes} axes")
            n_parameters += math.prod(self._number(10) for _ in range(n_axes))
            self._take(4 + 8)
        # No type packs more than a handful of weights into a byte.
        if n_parameters > self._n_bytes * 16:
            _refuse(f"it claims {n_parameters:,} weights in {self._n_bytes:,} bytes")
        return n_parameters

    def _value(self, kind: int) -> Value:
        if kind == _TEXT:
            return self._text(MOST_TEXT_BYTES)
        if kind != _LIST:
            return self._scalar(kind)
        of = self._number(4)
        length = self._count(10, MOST_TEXTS if of == _TEXT else self._n_left, "values in a list")
        if of == _TEXT:
            for _ in range(length):
                self._skip(self._count(10, self._n_left, "bytes in a text"))
        elif of in _SCALARS:
            self._skip(length * _SCALARS[of].size)
        else:
            _refuse(f"a list holds values of the unknown kind {of}")
        return range(length)

    def _scalar(self, kind: int) -> int | float | bool:
        form = _SCALARS.get(kind)
        if form is None:
            _refuse(f"a value is of the unknown kind {kind}")
        value: int | float | bool = form.unpack(self._take(form.size))[0]
        return value

    def _number(self, kind: int) -> int:
        return int(self._scalar(kind))

    def _count(self, kind: int, most: int, what: str) -> int:
        number = self._number(kind)
        if number > most:
            _refuse(f"it claims {number:,} {what}, more than {most:,}")
        return number

    def _text(self, most: int) -> str:
        return self._take(self._count(10, min(most, self._n_left), "bytes in a text")).decode("utf-8", "replace")

    def _take(self, length: int) -> bytes:
        self._spend(length)
        data = self._file.read(length)
        if len(data) != length:
            raise _cut()
        return data

    def _skip(self, length: int) -> None:
        self._spend(length)
        self._file.seek(length, 1)

    def _spend(self, length: int) -> None:
        if length > self._n_left:
            raise _cut()
        self._n_left -= length


def _cut() -> CutHeaderError:
    return CutHeaderError("it ends within its header", hint="it arrived in part: get the model again")


def _refuse(reason: str) -> NoReturn:
    raise AddError(f"its header is damaged or made to do harm: {reason}", hint="get the model again from its publisher")
