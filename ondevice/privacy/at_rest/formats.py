"""What a file's first bytes say it is, and what lies packed in it."""

from __future__ import annotations

import bz2
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Protocol

from ondevice.privacy.at_rest.randomness import readable_places

HEAD_BYTES = 512
_MOST_UNPACKED = 16 << 20
_MIN_UNPACKED, _MIN_HEADLESS = 16, 32
_MOST_STREAMS = 500
_MOST_MEMBERS = 200

_MAGIC = (
    (b"SQLite format 3\x00", "a plain SQLite database"),
    (b"GGUF", "a model or an adapter (GGUF)"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstandard"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"7z\xbc\xaf\x27\x1c", "7-zip"),
    (b"\x93NUMPY", "an array (NumPy)"),
    (b"\x89HDF\r\n", "HDF5"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"%PDF", "PDF"),
)
_MODELS = frozenset({"a model or an adapter (GGUF)", "weights (safetensors)", "an array (NumPy)", "a pickle"})
_CORE = "a core file"
_ZLIB = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")


class _Unpacker(Protocol):
    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


_BY_HEAD: tuple[tuple[re.Pattern[bytes], Callable[[], _Unpacker]], ...] = (
    (re.compile(rb"BZh[1-9]1AY&SY"), bz2.BZ2Decompressor),
    (re.compile(rb"\xfd7zXZ\x00"), lzma.LZMADecompressor),
    (re.compile(rb"\x5d\x00\x00[\x00-\xff]{2}[\x00-\xff]{8}\x00"), lzma.LZMADecompressor),
)
_ZIP_END = b"PK\x05\x06"


def format_of(head: bytes) -> str | None:
    """Name the format that these first bytes of a file are the sign of; ``None`` where none is known."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head.startswith(b"\x7fELF") and head[16:18] in (b"\x04\x00", b"\x00\x04"):
        return _CORE
    if len(head) > 9 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 32:
        return "weights (safetensors)"
    if len(head) > 2 and head[:1] == b"\x80" and head[1] in range(2, 6) and head[2:3] in b"\x95}](cX\x8c":
        return "a pickle"
    if head.lstrip()[:1] in (b"{", b"[") and is_text(head):
        return "JSON"
    return "text" if is_text(head) else None


def is_model(name: str | None) -> bool:
    """Say whether a file of this format can hold what was learned."""
    return name in _MODELS


def is_core(name: str | None) -> bool:
    """Say whether it is what a crash leaves."""
    return name == _CORE


def is_text(head: bytes) -> bool:
    """Say whether bytes can be read: as UTF-8 without control characters, or because a run of them is text."""
    if not head:
        return False
    try:
        # The last character may be cut.
        text = head.decode("utf-8") if len(head) < 4 else head[:-3].decode("utf-8", "strict")
    except UnicodeDecodeError:
        return bool([place for place in readable_places(head) if head[place : place + 1].strip(b"\0")])
    return all(character.isprintable() or character in "\t\n\r\x0b\x0c\x1b" for character in text)


def unpacked(data: bytes) -> Iterator[bytes]:
    """Yield what lies compressed in these bytes of a file, as far as it can be unpacked without a password.

    Streams of zlib, gzip, bzip2 and xz are found anywhere; a zip where the bytes end with its list.
    """
    if _ZIP_END in data:
        yield from _members(data)
    for magic, make in _BY_HEAD:
        for found in islice(magic.finditer(data), _MOST_STREAMS):
            try:
                yield make().decompress(data[found.start() :], _MOST_UNPACKED)
            except (OSError, EOFError, lzma.LZMAError):
                continue
    # What was packed without a head is known only at its beginning.
    with suppress(zlib.error):
        if len(piece := zlib.decompressobj(-15).decompress(data, _MOST_UNPACKED)) >= _MIN_HEADLESS:
            yield piece
    view, n_left = memoryview(data), _MOST_UNPACKED
    for found in islice(_ZLIB.finditer(data), _MOST_STREAMS):
        try:
            # 32 + 15: a header of zlib or of gzip.
            piece = zlib.decompressobj(47).decompress(view[found.start() :], n_left)
        except zlib.error:
            continue
        n_left -= len(piece)
        if len(piece) >= _MIN_UNPACKED:
            yield piece
        if n_left <= 0:
            return


def _members(data: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist()[:_MOST_MEMBERS]:
                with archive.open(member) as file:
                    yield file.read(_MOST_UNPACKED)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, zlib.error):
        return
