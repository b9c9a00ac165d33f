"""A folder that is there for a while: it goes with its block, or, where that was killed, with a later run.

Its owner holds the lock of a file in it. A folder is one of these if it holds that file and nothing else that they do
not hold, and dead if nobody has the lock. Whatever else bears such a name is left as it is.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ondevice.errors import StorageError
from ondevice.safety.file_lock import take_lock

PREFIX = "ondevice-work-"
OWNER, CONTENT = "owner", "content"
MARK = b"A temporary folder of ondevice. Nobody needs it once the process that made it has ended.\n"
"""What the owner writes into its file when it has the lock."""

_OPEN = os.O_RDWR | sum(getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"))
_seen: set[str] = set()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a new folder, which goes with the block; a process that asks first removes the dead ones of earlier ones.

    Raises:
        StorageError: If the disk refuses.
    """
    parent = tempfile.gettempdir()
    if parent not in _seen:
        _seen.add(parent)
        remove_dead(Path(parent))
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    except OSError as error:
        raise _refused(error) from None
    try:
        with _owned(folder) as content:
            yield content
    finally:
        _remove_empty(folder)


@contextmanager
def _owned(folder: Path) -> Iterator[Path]:
    """Hold the lock of a new folder, and give the folder in it for the content, which goes with the block."""
    content = folder / CONTENT
    try:
        descriptor = os.open(folder / OWNER, _OPEN | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _refused(error) from None
    try:
        try:
            # Whoever looks for dead folders just now has the lock for a moment.
            if not take_lock(descriptor, waits=True):
                raise TimeoutError(errno.ETIMEDOUT, "somebody else has the lock of a new file")
            with open(descriptor, "r+b", closefd=False) as file:
                file.write(MARK)
            content.mkdir(mode=0o700)
        except OSError as error:
            raise _refused(error) from None
        yield content
    finally:
        shutil.rmtree(content, ignore_errors=True)
        os.close(descriptor)  # Windows removes no open file


def remove_dead(parent: Path) -> None:
    """Remove the temporary folders below ``parent`` whose owners have ended; what is not proven to be one stays."""
    with suppress(OSError):
        for folder in sorted(parent.glob(f"{PREFIX}*")):
            with suppress(OSError):
                _remove_if_dead(folder)


def _remove_if_dead(folder: Path) -> None:
    if not _is_own(folder, stat.S_ISDIR) or not _is_own(folder / OWNER, stat.S_ISREG):
        return
    descriptor = os.open(folder / OWNER, _OPEN)
    try:
        # Looked at once the lock is held: an owner who is just making the folder has written no mark yet.
        is_dead = take_lock(descriptor) and os.read(descriptor, len(MARK) + 1) == MARK
        is_dead = is_dead and {path.name for path in folder.iterdir()} <= {OWNER, CONTENT}
        if is_dead:
            shutil.rmtree(folder / CONTENT, ignore_errors=True)
    finally:
        os.close(descriptor)
    if is_dead:
        _remove_empty(folder)


def _is_own(path: Path, is_kind: Callable[[int], bool]) -> bool:
    """Say whether a path is of that kind, no link, and this user's alone."""
    found = path.lstat()
    is_private = os.name != "posix" or (found.st_uid == os.geteuid() and not found.st_mode & 0o077)
    return is_kind(found.st_mode) and is_private


def _remove_empty(folder: Path) -> None:
    """Remove a folder unless content is left. Its mark goes last, so that what is left can still be told."""
    with suppress(OSError):
        if not os.path.lexists(folder / CONTENT):
            (folder / OWNER).unlink(missing_ok=True)
            folder.rmdir()


def _refused(error: OSError) -> StorageError:
    return StorageError(
        f"no temporary folder can be made in {tempfile.gettempdir()}: {error.strerror}",
        hint="make room there, or name another place with the variable TMPDIR",
    )
