"""Files that are as others have published them: tracked by Git and unchanged, or as an installed package recorded them.

What stands in one of them has not been written there since. A profile that was filled from a program's own examples
would otherwise be told of every checkout of it.
"""

from __future__ import annotations

import base64
import csv
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_MOST_BYTES = 64 << 20
_GIT, _POINTER = ".git", "gitdir:"
_HASH_BYTES, _FLAG_BYTES = 20, 2
"""What stands before a path in Git's index: the hash of the file's content, and flags."""
_RECORDS, _SHA256 = "*.dist-info/RECORD", "sha256="


def is_published(path: Path) -> bool:
    """Say whether a file is byte for byte what version control, or the package that it belongs to, says it is."""
    with suppress(OSError, ValueError):
        if path.lstat().st_size <= _MOST_BYTES:
            content = path.read_bytes()
            return any(
                _is_tracked(path, folder, content) or _is_recorded(path, folder, content) for folder in path.parents
            )
    return False


def _is_tracked(path: Path, folder: Path, content: bytes) -> bool:
    """Say whether the content is the one in the index of a working tree at this folder."""
    if not (folder / _GIT).exists():
        return False
    index = (_git_folder(folder) / "index").read_bytes()
    named = b"\0%s\0" % path.relative_to(folder).as_posix().encode()
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).digest()
    # The flags end with the length of the path, and no hash holds it by chance.
    flags = min(len(named) - 2, 0xFFF).to_bytes(_FLAG_BYTES, "big")
    return blob + flags + named[1:] in index


def _git_folder(folder: Path) -> Path:
    """Return where Git keeps its own files: a further working tree has a file that says so."""
    pointer = folder / _GIT
    if pointer.is_dir():
        return pointer
    return folder / pointer.read_text("utf-8").removeprefix(_POINTER).strip()


def _is_recorded(path: Path, folder: Path, content: bytes) -> bool:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return [path.relative_to(folder).as_posix(), f"{_SHA256}{digest}"] in _recorded(folder)


def _recorded(folder: Path) -> Iterator[list[str]]:
    for record in folder.glob(_RECORDS):
        with record.open(encoding="utf-8", newline="") as file:
            yield from (row[:2] for row in csv.reader(file))
