"""Read what the shim wrote down: every change that a process made below a folder, in order."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

_HEAD = struct.Struct("<cHHqq")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One change or mark: ``what`` is the letter that the shim wrote."""

    what: str
    path: str
    to: str
    at: int
    data: bytes


def read_trace(file: Path) -> list[Step]:
    """Return the steps of a trace; what a kill cut off at its end is left out."""
    data = memoryview(file.read_bytes())
    steps, at = [], 0
    while at + _HEAD.size <= len(data):
        what, n_path, n_to, offset, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        n_data = length if what == b"W" else 0
        if at + n_path + n_to + n_data > len(data):
            break
        path, to = str(data[at : at + n_path], "utf-8"), str(data[at + n_path : at + n_path + n_to], "utf-8")
        at += n_path + n_to
        steps.append(Step(what=what.decode(), path=path, to=to, at=offset, data=bytes(data[at : at + n_data])))
        at += n_data
    return steps
