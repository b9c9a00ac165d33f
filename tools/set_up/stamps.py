"""What has been done in an environment, by the content it was done for: a checkout changes the times of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path


class Stamps:
    """A small file in the environment, which goes with it when it is removed."""

    def __init__(self, path: Path) -> None:
        """Read what is there; a file that cannot be read stamps nothing."""
        self._path = path
        try:
            read = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            read = {}
        self._stamps: dict[str, str] = read if isinstance(read, dict) else {}

    def has(self, name: str, stamp: str) -> bool:
        """Return whether this was done, for just this content."""
        return self._stamps.get(name) == stamp

    def put(self, name: str, stamp: str) -> None:
        """Write down that this is done."""
        self._stamps[name] = stamp
        self._path.write_text(json.dumps(self._stamps, indent=1) + "\n", "utf-8")


def stamp_of(*parts: bytes | str) -> str:
    """Return one short name for contents."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def stamp_of_files(paths: Sequence[Path]) -> str:
    """Return a name for files as they lie there, by size and time of change: they are large, and verified already.

    Raises:
        OSError: If one is not there.
    """
    seen = []
    for path in paths:
        status = path.stat()
        seen.append(f"{path}\0{status.st_size}\0{status.st_mtime_ns}")
    return stamp_of(*seen)
