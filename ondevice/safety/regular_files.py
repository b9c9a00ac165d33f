"""Open a file that someone else may have put in place: never a pipe, a device or a folder.

Opening a pipe waits for a writer, and a device may never end. So the file is opened without waiting, and what was
opened is looked at, not what stood at that path a moment before.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

_READ = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class NotRegularError(OSError):
    """What stands at the path is no regular file."""


class TooLongError(OSError):
    """The file holds more bytes than may be read of it."""


def open_regular(path: Path | str, *, buffering: int = -1) -> BinaryIO:
    """Open a regular file for reading.

    Args:
        path: The file; a link to one counts.
        buffering: As for :func:`open`.

    Raises:
        NotRegularError: If it is a pipe, a device, a socket or a folder; nothing was read, and nothing waited.
        OSError: If it is not there, or the operating system refuses.
    """
    try:
        descriptor = os.open(path, _READ)
    except OSError as error:
        # A socket cannot be opened at all.
        if error.errno == errno.ENXIO:
            raise NotRegularError(errno.EINVAL, "not a regular file") from None
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotRegularError(errno.EINVAL, "not a regular file")
        return open(descriptor, "rb", buffering=buffering)
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: Path | str, *, limit_bytes: int) -> bytes:
    """Return all bytes of a regular file that may have so many.

    A file that is said to be longer is not read at all, and one that turns out to be longer no further than the limit.

    Raises:
        TooLongError: If there are more; the error's words name the limit.
        NotRegularError: If it is a pipe, a device, a socket or a folder.
        OSError: If it is not there, or the operating system refuses.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        is_longer = size > limit_bytes
        # Not up to the limit at once: the memory for all of that would be asked for.
        data = b"" if is_longer else file.read(size + 1)
        if len(data) > size:
            data += file.read(limit_bytes + 1 - len(data))
    if is_longer or len(data) > limit_bytes:
        raise TooLongError(errno.EFBIG, f"it is longer than {limit_bytes} bytes")
    return data
