"""The operating system's lock on an open file, which ends with the process that holds it, however that ends.

It keeps out whoever asks for it, and nobody else. The file may be read meanwhile, and it may be deleted.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

from ondevice.safety.regular_files import NotRegularError

_APPEND = (
    os.O_RDWR
    | os.O_APPEND
    | os.O_CREAT
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_WINDOWS_PLACE = (1 << 31) - 2
"""Windows locks bytes, and nobody else may read them. So it is one behind all others, the last that it counts to."""


def take_lock(descriptor: int, *, waits: bool = False) -> bool:
    """Take the lock of an open file; return ``False`` if somebody else holds it.

    Args:
        descriptor: Of a file that may be written. Closing it gives the lock back.
        waits: Wait for whoever holds it.

    Raises:
        OSError: If the file system has no locks.
    """
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, _WINDOWS_PLACE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if waits else msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def open_locked(path: Path, *, waits: bool = False) -> BinaryIO | None:
    """Open a regular file to read it and to write behind its end, made where it is missing, and take its lock.

    Returns:
        The file, or ``None`` if somebody else holds the lock.

    Raises:
        NotRegularError: If it is a pipe or a device.
        OSError: If the operating system refuses, or the file system has no locks.
    """
    descriptor = os.open(path, _APPEND, 0o666)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotRegularError(errno.EINVAL, "not a regular file")
        if take_lock(descriptor, waits=waits):
            return open(descriptor, "a+b")
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None
