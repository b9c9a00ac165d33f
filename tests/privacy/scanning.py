"""Looking for the user's text in files and in what a process holds open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ondevice.privacy.at_rest import open_files as holding
from ondevice.privacy.at_rest.spellings import spellings


def readable(folder: Path, texts: list[str]) -> list[Path]:
    """Return the files below ``folder`` that hold any of the texts in any spelling."""
    needles = [needle for text in texts for needle in spellings(text)]
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            found += [path] if any(needle in data for needle in needles) else []
    return found


def open_files(pid: int) -> Iterator[bytes]:
    """Yield the bytes of every regular file a process holds open, deleted ones included (Linux)."""
    yield from (data for name, data in holding.open_files(pid) if ".gguf" not in name)
