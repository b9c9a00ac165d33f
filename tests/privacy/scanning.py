"""Looking for the user's text, and for numbers made of it, in files and in what a process holds open."""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RUN = 8
"""So many numbers in a row are nobody else's by accident."""


def spellings(text: str) -> list[bytes]:
    """Return the ways a text could lie readable: plain, in other case, wide, and encoded without a key."""
    raw = text.encode()
    encoded = [base64.b64encode(raw[shift:])[:-4].rstrip(b"=") for shift in range(3)]
    return [raw, raw.title(), raw.upper(), text.encode("utf-16-le"), raw.hex().encode(), *encoded]


def runs(numbers: NDArray[np.float32]) -> list[bytes]:
    """Return the ways in which parts of float32[n, m] could lie readable: as floats of each width, and encoded."""
    parts = [row[start : start + RUN] for row in numbers for start in range(0, len(row) - RUN + 1, RUN)]
    raw = [part.astype(width).tobytes() for part in parts for width in ("<f2", "<f4", "<f8")]
    return [*raw, *(each.hex().encode() for each in raw), *(base64.b64encode(each)[:-4] for each in raw)]


def holding(folder: Path, needles: list[bytes]) -> list[Path]:
    """Return the files below ``folder`` that hold any of these bytes."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in files for data in [path.read_bytes()] if any(needle in data for needle in needles)]


def readable(folder: Path, texts: list[str]) -> list[Path]:
    """Return the files below ``folder`` that hold any of the texts in any spelling."""
    return holding(folder, [needle for text in texts for needle in spellings(text)])


def open_files(pid: int) -> Iterator[bytes]:
    """Yield the bytes of every regular file a process holds open, deleted ones included (Linux)."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if stat.S_ISREG(descriptor.stat().st_mode) and ".gguf" not in os.readlink(descriptor):
                yield descriptor.read_bytes()
        except FileNotFoundError:
            continue
