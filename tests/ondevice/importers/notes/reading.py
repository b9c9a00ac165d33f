"""Folders of invented notes, and what is read of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ondevice.importers.found import Found, ReadOptions, Skipped
from ondevice.importers.notes import NotesFormat
from ondevice.importers.source import Source


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return folder


def read(path: Path, **options: object) -> list[Found | Skipped]:
    told = ReadOptions(**{"time_zone": "UTC", **options})  # type: ignore[arg-type]
    return list(NotesFormat().read(Source(path), told))


def read_one(folder: Path, text: str | bytes, name: str = "a.md") -> Found:
    (found,) = read(write(folder, {name: text}))
    assert isinstance(found, Found)
    return found
