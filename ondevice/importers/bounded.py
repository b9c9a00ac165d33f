"""A file's content as a stream that ends: gzip unpacked as it goes, and never more than a limit allows."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, BinaryIO

from ondevice.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_RATIO = 100
"""A gzip file may unpack to so many times its size; text rarely comes to 20."""
FREE_BYTES = 64 << 20
"""So much may be unpacked in any case."""

_CHUNK_BYTES = 16 << 10
_GZIP_WINDOW = 31
_GZIP_MAGIC = b"\x1f\x8b"


class Bounded(io.RawIOBase):
    """The bytes of an open file, as they are or unpacked; closing it closes the file."""

    def __init__(self, file: BinaryIO, name: str, *, limit_bytes: int, is_gzip: bool) -> None:
        """Read from ``file``, which errors call ``name``, and refuse to go beyond ``limit_bytes``."""
        self._file, self._name, self._limit_bytes = file, name, limit_bytes
        self._unpacker = _Unpacker(file, name) if is_gzip else None
        self._n_bytes = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    @property
    def n_taken_bytes(self) -> int:
        """How much of the file has been taken, as it lies there."""
        return self._n_bytes if self._unpacker is None else self._unpacker.n_packed

    def fileno(self) -> int:
        """Return the file's descriptor."""
        return self._file.fileno()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer with what comes next; 0 at the end.

        Raises:
            InputError: If there is more than the limit, or a gzip file is damaged or unpacks to more than text does.
        """
        view = memoryview(buffer).cast("B")
        if not view:
            return 0
        data = self._file.read(len(view)) if self._unpacker is None else self._unpacker.read(len(view))
        self._n_bytes += len(data)
        if self._n_bytes > self._limit_bytes:
            raise InputError(
                f"the file {self._name!r} is longer than {self._limit_bytes} bytes", hint="take a part of it"
            )
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file too."""
        self._file.close()
        super().close()


class _Unpacker:
    """Unpacks the members of a gzip file (RFC 1952), one after the other; zeros behind the last are padding."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        self._packed = b""
        self.n_packed = self._n_unpacked = 0
        self._is_at_start = True

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes, which must not be 0; none at the end."""
        try:
            data = self._unpack(size)
        except zlib.error:
            raise self._damaged() from None
        self._n_unpacked += len(data)
        if self._n_unpacked > max(FREE_BYTES, MAX_RATIO * self.n_packed):
            raise InputError(
                f"the file {self._name!r} unpacks to more than {MAX_RATIO} times its size",
                hint="unpack it and look at it",
            )
        return data

    def _unpack(self, size: int) -> bytes:
        while True:
            if self._member.eof and not self._begin_member():
                return b""
            if not self._packed and not self._more():
                # A file without a single byte, too, is none.
                raise self._damaged()
            data = self._member.decompress(self._packed, size)
            self._packed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if data:
                return data

    def _begin_member(self) -> bool:
        """Go on to the next member; return whether there is one."""
        while not (rest := self._packed.lstrip(b"\0")):
            if not self._more():
                return False
        self._packed = rest
        if len(rest) < len(_GZIP_MAGIC):
            self._more(before=rest)
        if not self._packed.startswith(_GZIP_MAGIC):
            raise self._damaged()
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        return True

    def _more(self, before: bytes = b"") -> bool:
        chunk = self._file.read(_CHUNK_BYTES)
        self._packed = before + chunk
        self.n_packed += len(chunk)
        return bool(chunk)

    def _damaged(self) -> InputError:
        return InputError(f"the file {self._name!r} is a damaged gzip file")
