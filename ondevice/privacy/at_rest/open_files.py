"""What a process holds open: files that have no name any more can still be read there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

MOST_BYTES = 64 << 20
_OF_PROCESS = "/proc/{}/fd"
_IN_MEMORY = "/memfd:"


def can_list(pid: int | str = "self") -> bool:
    """Say whether the system tells what a process holds open: Linux does."""
    return os.access(_OF_PROCESS.format(pid), os.R_OK | os.X_OK)


def open_files(pid: int | str = "self") -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every regular file that a process holds open, deleted ones included.

    Files in memory are left out: they are on no disk. So are those of more than 64 MiB: they are models.
    """
    for descriptor in sorted(Path(_OF_PROCESS.format(pid)).iterdir()):
        try:
            found, name = descriptor.stat(), os.readlink(descriptor)
            if stat.S_ISREG(found.st_mode) and found.st_size <= MOST_BYTES and not name.startswith(_IN_MEMORY):
                yield name, descriptor.read_bytes()
        except OSError:
            continue
