"""Looking for the user's text, and for numbers made of it, in files and in what a process holds open."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ondevice.privacy.at_rest import open_files as descriptors
from ondevice.privacy.at_rest.spellings import spellings

RUN = 8
"""So many numbers in a row are nobody else's by accident."""


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
    yield from (data for name, data in descriptors.open_files(pid) if ".gguf" not in name)
