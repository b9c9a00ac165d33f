"""What loaded libraries ask of the network: the functions that an ELF file takes from others, by name."""

from __future__ import annotations

import struct
import sysconfig
from dataclasses import dataclass
from pathlib import Path

FUNCTIONS = frozenset({
    "socket", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg", "recvfrom",
    "getaddrinfo", "gethostbyname", "gethostbyname_r", "gethostbyname2", "gethostbyname2_r", "gethostbyaddr",
    "getnameinfo", "res_query", "res_search", "__res_query", "curl_easy_init", "curl_easy_perform",
    "curl_multi_perform", "SSL_connect", "BIO_connect", "BIO_new_connect",
})  # fmt: skip
"""Functions that open a socket, use one, or look a name up."""

_DYNAMIC_SYMBOLS = 11
_UNDEFINED = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """One shared object.

    Args:
        name: Its file's name.
        owner: The package it belongs to, ``Python``, or ``the system``.
        functions: Which functions of the network it takes from others; ``None`` where it cannot be read.
    """

    name: str
    owner: str
    functions: tuple[str, ...] | None


def read_library(path: Path) -> Library:
    """Look at one shared object."""
    try:
        names = undefined_names(path.read_bytes())
    except (OSError, ValueError, struct.error):
        names = None
    functions = None if names is None else tuple(sorted(names & FUNCTIONS))
    return Library(name=path.name, owner=_owner(path), functions=functions)


def undefined_names(content: bytes) -> set[str] | None:
    """Return the names that a shared object takes from others; ``None`` where it does not tell.

    Args:
        content: The file; read are 64-bit ELF files, little-endian.

    Raises:
        ValueError, struct.error: If it ends early or contradicts itself.
    """
    if content[:6] != b"\x7fELF\x02\x01":
        return None
    (sections_at,) = struct.unpack_from("<Q", content, 0x28)
    size, count = struct.unpack_from("<HH", content, 0x3A)
    # Of each section: type, place, length, and the number of the section with its names.
    sections = [struct.unpack_from("<4xI16xQQI", content, sections_at + size * number) for number in range(count)]
    tables = [section for section in sections if section[0] == _DYNAMIC_SYMBOLS]
    if not tables:
        return None
    names = set()
    for _kind, place, length, link in tables:
        _, texts_at, texts_length, _ = sections[link] if link < count else (0, 0, 0, 0)
        texts = content[texts_at : texts_at + texts_length]
        for at, _info, _other, section, _value, _size in struct.iter_unpack("<IBBHQQ", content[place : place + length]):
            if section == _UNDEFINED and at:
                names.add(texts[at : texts.index(b"\0", at)].decode("ascii", "replace"))
    return names


def _owner(path: Path) -> str:
    for folder in ("site-packages", "dist-packages"):
        if folder in path.parts:
            return path.parts[path.parts.index(folder) + 1].partition(".")[0]
    is_python = path.name.startswith("libpython") or path.is_relative_to(sysconfig.get_path("stdlib"))
    return "Python" if is_python else "the system"
