"""Write private files whole or not at all.

A crash, a full disk or a kill leaves either the file that was there or the new one. What an
interrupted write leaves behind is a temporary file beside it, which :func:`remove_leftovers` clears;
its name starts with a dot, so that no reader takes it for a real one. Callers only ever pass sealed
or public bytes, so a leftover holds nothing readable.

Nothing here follows a link in order to change what it points to.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from ondevice.errors import CorruptError, NotFoundError, StorageError
from ondevice.safety.regular_files import NotRegularError, open_regular

_TEMPORARY = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.tmp")
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def write_atomic(path: Path, chunks: bytes | Iterable[bytes], mode: int = 0o600) -> int:
    """Replace the file at ``path`` by these bytes, or leave it as it was.

    The bytes go to a temporary file in the same folder, which is flushed to the disk and then renamed
    over ``path``; the rename is flushed too.

    Returns:
        The number of bytes written.

    Raises:
        StorageError: If the disk is full or refuses; nothing half-written is left.
    """
    path = Path(path)
    temporary = temporary_beside(path)
    try:
        descriptor = os.open(temporary, _NEW_FILE, mode)
    except OSError as error:
        raise refused("write", path, error) from None
    try:
        try:
            n_bytes = write_all(descriptor, (chunks,) if isinstance(chunks, bytes) else chunks)
            # An explicit mode, because the process's umask may have taken bits away.
            os.chmod(temporary, mode)
            _flush(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise refused("write", path, error) from None
        raise
    fsync_dir(path.parent)
    return n_bytes


def temporary_beside(path: Path) -> Path:
    """Return an unused name in the same folder, from which :func:`temporary_of` tells what it was to become."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")


def temporary_of(name: str) -> str | None:
    """Return the name of the file that a temporary file was to become, or ``None`` if this is no such name."""
    found = _TEMPORARY.fullmatch(name)
    return None if found is None else found["name"]


def read_bounded(path: Path, limit_bytes: int) -> bytes:
    """Read a regular file that must not be larger than ``limit_bytes``.

    Raises:
        NotFoundError: If there is no such file.
        CorruptError: If it is larger, or no regular file; it is not read then.
        StorageError: If the operating system refuses.
    """
    path = Path(path)
    try:
        with open_regular(path) as file:
            data = file.read(limit_bytes + 1)
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {path.name} in {path.parent}") from None
    except NotRegularError:
        raise CorruptError(f"{path.name} is not a regular file") from None
    except OSError as error:
        raise refused("read", path, error) from None
    if len(data) > limit_bytes:
        raise CorruptError(f"{path.name} is larger than {limit_bytes} bytes, the most such a file may have")
    return data


def make_private_dir(path: Path) -> list[Path]:
    """Make the folder, and its parents, where it is missing, and let only this user into it (0700).

    Returns:
        The folders that were made, the outermost first.

    Raises:
        StorageError: If something else is at that path, or the operating system refuses; nothing is then made.
    """
    path = Path(path)
    made: list[Path] = []
    try:
        missing = [] if path.is_dir() else [folder for folder in (*reversed(path.parents), path) if not folder.is_dir()]
        for folder in missing:
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError:
                # Another process was faster.
                if not folder.is_dir():
                    raise
            else:
                made.append(folder)
        for folder in made:
            fsync_dir(folder.parent)
        # Explicitly, because the process's umask may have taken bits away.
        for folder in made:
            os.chmod(folder, 0o700)
        make_private(path)
    except OSError as error:
        remove_empty(made)
        raise refused("make", path, error) from None
    return made


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove those of these folders that are empty, the last first; what is not empty stays."""
    for folder in reversed(list(folders)):
        with suppress(OSError):
            folder.rmdir()


def is_folder(path: str | Path) -> bool:
    """Whether there is a folder, and not a link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def is_file(path: str | Path) -> bool:
    """Whether there is a regular file, and not a link to one."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def make_private(path: str | Path) -> None:
    """Take away whatever mode lets others than this user reach a file or folder; a link is left alone.

    Raises:
        StorageError: If the operating system refuses.
    """
    if sys.platform == "win32":
        return
    try:
        mode = os.lstat(path).st_mode
        if mode & 0o077 and (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                os.fchmod(descriptor, 0o700 if stat.S_ISDIR(mode) else 0o600)
            finally:
                os.close(descriptor)
    except FileNotFoundError:
        return
    except OSError as error:
        raise refused("make private", Path(path), error) from None


def remove_file(path: Path) -> bool:
    """Unlink the file and flush the folder; return whether it was there.

    The blocks the file had are not overwritten: on flash and on copying file systems that would
    promise what it cannot keep. What was in them is sealed.

    Raises:
        StorageError: If the operating system refuses.
    """
    path = Path(path)
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise refused("remove", path, error) from None
    fsync_dir(path.parent)
    return True


def remove_leftovers(folder: Path, is_own: Callable[[str], bool]) -> int:
    """Remove what interrupted writes left in this folder, and return how many files that were.

    Only for the holder of the profile's lock: to anyone else a leftover may be a write under way.

    Args:
        folder: Where the temporary files lie.
        is_own: Says whether a file of that name is one that we write here; other temporary files stay.

    Raises:
        StorageError: If the operating system refuses.
    """
    folder = Path(folder)
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise refused("list", folder, error) from None
    own = [folder / name for name in names if name.startswith(".") and is_own(temporary_of(name) or "")]
    return sum(remove_file(entry) for entry in own if is_file(entry))


def fsync_dir(folder: Path) -> None:
    """Flush a folder's entries to the disk, so that a rename or removal in it outlives a power cut.

    Windows cannot open a folder for that; there the file system's own journal keeps renames.

    Raises:
        StorageError: If the operating system refuses.
    """
    if sys.platform == "win32":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise refused("flush", Path(folder), error) from None


def write_all(descriptor: int, chunks: Iterable[bytes]) -> int:
    """Write every byte, however few the operating system takes at a time."""
    n_bytes = 0
    for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            n_written = os.write(descriptor, rest)
            rest = rest[n_written:]
            n_bytes += n_written
    return n_bytes


def _flush(descriptor: int) -> None:
    """Wait until the bytes are on the medium; on macOS ``fsync`` alone stops at the drive's own cache."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def refused(verb: str, path: Path, error: OSError) -> StorageError:
    """Translate an operating system's refusal to do this with that file."""
    reason = (error.strerror or type(error).__name__).lower()
    hint = "free some space on that disk" if error.errno in _FULL else None
    return StorageError(f"cannot {verb} {path}: {reason}", hint=hint)
