"""The one form that a member's header may have in a bundle's archive: 512 bytes of POSIX ustar (IEEE 1003.1-1988).

A member is a plain file of mode 0644, owned by nobody, from 1 January 1970. A header is accepted only if it is, byte
for byte, the one that :func:`member_header` gives: links, devices, extensions and owners have no way to be said.
"""

from __future__ import annotations

from typing import NoReturn

from ondevice.errors import CorruptError

BLOCK_BYTES = 512
MAX_MEMBER_BYTES = 8**11 - 1

_MAX_NAME, _MAX_PREFIX = 100, 155
_NAME, _SIZE, _TYPE, _PREFIX = slice(0, 100), slice(124, 136), 156, slice(345, 500)
_TYPES = {b"1": "a link", b"2": "a link", b"3": "a device", b"4": "a device", b"5": "a folder", b"6": "a pipe"}


def member_header(path: str, size: int) -> bytes:
    """Return the header of a plain file.

    Raises:
        ValueError: If the path or the size does not fit the format.
    """
    if not 0 <= size <= MAX_MEMBER_BYTES:
        raise ValueError(f"a member has 0 to {MAX_MEMBER_BYTES} bytes, not {size}")
    prefix, name = _split(path.encode())
    before = name.ljust(_MAX_NAME, b"\0") + _octal(0o644, 8) + _octal(0, 8) * 2 + _octal(size, 12) + _octal(0, 12)
    after = b"0" + bytes(100) + b"ustar\x0000" + bytes(64) + _octal(0, 8) * 2 + prefix.ljust(_MAX_PREFIX, b"\0")
    after += bytes(BLOCK_BYTES - len(before) - 8 - len(after))
    checksum = sum(before) + 8 * ord(" ") + sum(after)
    return before + f"{checksum:06o}".encode() + b"\0 " + after


def read_header(block: bytes) -> tuple[str, int]:
    """Return the path and the size that a header says.

    Raises:
        CorruptError: If it is not exactly the header of a plain file as :func:`member_header` writes it.
    """
    kind = block[_TYPE : _TYPE + 1]
    if kind in _TYPES:
        refuse_archive(f"it holds {_TYPES[kind]}, and may hold plain files only")
    try:
        prefix, name = (block[field].rstrip(b"\0").decode("ascii") for field in (_PREFIX, _NAME))
        path = f"{prefix}/{name}" if prefix else name
        size = int(block[_SIZE][:-1].decode("ascii"), 8)
        expected = member_header(path, size)
    except ValueError:
        refuse_archive("a header is damaged")
    if block != expected:
        refuse_archive("a header is damaged, or says more than path and size")
    return path, size


def refuse_archive(reason: str) -> NoReturn:
    """Raise the one error of an archive whose bytes are wrong."""
    raise CorruptError(f"the archive cannot be used: {reason}", hint="get it from its publisher again")


def _split(path: bytes) -> tuple[bytes, bytes]:
    """Return the path as the format holds it: a prefix of folders, and a name of at most 100 bytes."""
    if len(path) <= _MAX_NAME:
        return b"", path
    for at in (index for index, byte in enumerate(path) if byte == ord("/")):
        if at <= _MAX_PREFIX and 0 < len(path) - at - 1 <= _MAX_NAME:
            return path[:at], path[at + 1 :]
    raise ValueError(f"a path of {len(path)} bytes does not fit")


def _octal(value: int, width: int) -> bytes:
    return f"{value:0{width - 1}o}".encode() + b"\0"
