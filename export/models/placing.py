"""From bytes that arrived to a file that may be used: hash first, then the name."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from export.errors import FetchError
from ondevice.errors import StorageError
from ondevice.safety.regular_files import open_regular

OnProgress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all."""

CHUNK_BYTES = 1 << 20
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def ignore_progress(done: int, total: int) -> None:
    """Take no notice of progress."""


def size_of(path: Path) -> int:
    """Return a file's size, 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def sha256_of(path: Path, on_progress: OnProgress = ignore_progress) -> str:
    """Return a file's SHA-256 as 64 lowercase hex digits."""
    digest = hashlib.sha256()
    total = size_of(path)
    with open_regular(path) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            on_progress(file.tell(), total)
    return digest.hexdigest()


def is_exactly(path: Path, *, sha256: str, n_bytes: int) -> bool:
    """Return whether ``path`` is a file with that size and that hash."""
    return path.is_file() and size_of(path) == n_bytes and sha256_of(path) == sha256


def require_exactly(path: Path, *, sha256: str, n_bytes: int, what: str) -> None:
    """Keep ``path`` only if it has the pinned size and hash.

    Raises:
        FetchError: If it has not; it names what was expected and what came, and the file is removed.
    """
    size = size_of(path)
    if size != n_bytes:
        path.unlink(missing_ok=True)
        raise FetchError(f"{what} has {size} bytes, but the pinned one has {n_bytes}; it was removed")
    actual = sha256_of(path)
    if actual != sha256:
        path.unlink(missing_ok=True)
        raise FetchError(f"{what} has the sha-256 {actual}, but {sha256} is pinned; it was removed")


def place(part: Path, target: Path) -> None:
    """Give a verified file its name in one step; a crash leaves either the old file or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)


def require_space(folder: Path, n_bytes: int) -> None:
    """Refuse to start what the disk cannot hold.

    Raises:
        StorageError: If less than ``n_bytes`` are free; it names both numbers.
    """
    free = shutil.disk_usage(folder).free
    if free < n_bytes:
        raise StorageError(
            f"the disk has {free} bytes free, but the download needs {n_bytes}",
            hint="free some space, or choose another folder with --models",
        )


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Translate what the operating system refuses while ``what`` is written."""
    try:
        yield
    except OSError as error:
        hint = "the disk is full: free some space, then run the same command again" if error.errno in _FULL else None
        raise StorageError(f"{what} cannot be written: {error.strerror or type(error).__name__}", hint=hint) from None
