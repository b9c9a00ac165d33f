"""Read files that somebody else may be changing, within bounds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ondevice.safety.regular_files import open_regular

PART_BYTES = 8 << 20
"""A multiple of a page."""


@dataclass(kw_only=True)
class Budget:
    """How much may still be read; what was left out is counted."""

    n_bytes: int
    n_files_read: int = 0
    n_bytes_read: int = 0
    n_left_out: int = 0
    n_unreadable: int = 0

    def parts(self, path: Path, *, overlap: int) -> Iterator[bytes]:
        """Yield a file in parts that overlap; of one that is larger than what is left its beginning and its end.

        A file that is gone, is no regular file or may not be read is counted and yields nothing.
        """
        if self.n_bytes <= 0:
            self.n_left_out += 1
            return
        try:
            with open_regular(path) as file:
                size = os.fstat(file.fileno()).st_size
                is_whole = size <= self.n_bytes
                spans = [(0, size)] if is_whole else [(0, PART_BYTES), (size - PART_BYTES, size)]
                self.n_left_out += not is_whole
                for first, end in spans:
                    for start in range(max(0, first), end, PART_BYTES):
                        file.seek(start)
                        part = file.read(min(PART_BYTES + overlap, end - start))
                        self.n_bytes -= len(part)
                        self.n_bytes_read += len(part)
                        yield part
        except OSError:
            self.n_unreadable += 1
            return
        self.n_files_read += 1


def head_of(path: Path, n_bytes: int) -> bytes | None:
    """Return a file's first bytes, or ``None`` where it cannot be read."""
    try:
        with open_regular(path) as file:
            return file.read(n_bytes)
    except OSError:
        return None
