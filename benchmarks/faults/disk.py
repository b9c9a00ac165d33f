"""A model of a disk that tells apart what it is bound to have and what it may have after a power cut.

A file's bytes are bound by an ``fsync`` of the file, the names in a folder by one of the folder. What came later may
be there or not: each 512-byte sector in any state it has had since, a file's length likewise, the names as after any
number of the folder's changes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, TypeVar

from benchmarks.faults.trace import Step

SECTOR_BYTES = 512

T = TypeVar("T")


@dataclass(kw_only=True)
class FileModel:
    """A file: its bytes as every process sees them, and the states each sector and the length may have on the disk."""

    data: bytearray = field(default_factory=bytearray)
    bound: bytes = b""
    sizes: list[int] = field(default_factory=list)
    sectors: dict[int, list[bytes]] = field(default_factory=dict)

    def write(self, at: int, data: bytes) -> None:
        """Change bytes."""
        end = at + len(data)
        if end > len(self.data):
            self.data.extend(bytes(end - len(self.data)))
            self.sizes.append(end)
        self.data[at:end] = data
        for sector in range(at // SECTOR_BYTES, -(-end // SECTOR_BYTES)):
            start = sector * SECTOR_BYTES
            self.sectors.setdefault(sector, []).append(bytes(self.data[start : start + SECTOR_BYTES]))

    def truncate(self, size: int) -> None:
        """Cut or grow."""
        if size < len(self.data):
            del self.data[size:]
        else:
            self.data.extend(bytes(size - len(self.data)))
        self.sizes.append(size)

    def sync(self) -> None:
        """Bind everything."""
        self.bound = bytes(self.data)
        self.sizes, self.sectors = [], {}

    def after_cut(self, rng: random.Random, kept: float) -> bytes:
        """Return the file as the power cut leaves it; ``kept`` is how likely a change is to have reached the disk."""
        if not self.sizes and not self.sectors:
            return self.bound
        size = _one_of([len(self.bound), *self.sizes], rng, kept)
        left = bytearray(self.bound[:size].ljust(size, b"\x00"))
        for sector, states in self.sectors.items():
            start = sector * SECTOR_BYTES
            old = self.bound[start : start + SECTOR_BYTES].ljust(SECTOR_BYTES, b"\x00")
            state = _one_of([old, *states], rng, kept).ljust(SECTOR_BYTES, b"\x00")
            left[start : start + SECTOR_BYTES] = state[: max(0, size - start)]
        return bytes(left[:size])


@dataclass(kw_only=True)
class FolderModel:
    """A folder: its names as every process sees them, and the states they have had since they were bound."""

    names: dict[str, Node] = field(default_factory=dict)
    states: list[dict[str, Node]] = field(default_factory=lambda: [{}])

    def set(self, name: str, node: Node | None) -> None:
        """Give a name to something, or take it away."""
        if node is None:
            self.names.pop(name, None)
        else:
            self.names[name] = node

    def changed(self) -> None:
        """End one change of the names."""
        self.states.append(dict(self.names))

    def sync(self) -> None:
        """Bind the names."""
        self.states = [dict(self.names)]


Node: TypeAlias = FileModel | FolderModel


class Disk:
    """What a folder's disk may hold at any moment of a trace."""

    def __init__(self, root: Path) -> None:
        """Take the folder as it is for bound."""
        self._root = str(root)
        self._top = _bound(root)

    def play(self, step: Step) -> None:
        """Follow one step."""
        if step.what == "M":
            return
        if step.what == "S":
            node = self._find(step.path)
            if node is not None:
                node.sync()
        elif step.what in "WT":
            file = self._find(step.path)
            if isinstance(file, FileModel):
                file.write(step.at, step.data) if step.what == "W" else file.truncate(step.at)
        else:
            self._rename(step)

    def after_cut(self, rng: random.Random, to: Path, *, ignore: str) -> None:
        """Write what a power cut at this moment may leave into an empty folder; files that end so are left out."""
        kept = rng.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        _write(self._top, to, rng, kept, ignore)

    def _rename(self, step: Step) -> None:
        folder, name = self._place(step.path)
        if folder is None:
            return
        if step.what == "R":
            target, new = self._place(step.to)
            node = folder.names.get(name)
            folder.set(name, None)
            if target is not None and node is not None:
                target.set(new, node)
                if target is not folder:
                    target.changed()
        else:
            folder.set(name, {"C": FileModel, "D": FolderModel}[step.what]() if step.what in "CD" else None)
        folder.changed()

    def _find(self, path: str) -> Node | None:
        node: Node | None = self._top
        for part in self._parts(path):
            node = node.names.get(part) if isinstance(node, FolderModel) else None
        return node

    def _place(self, path: str) -> tuple[FolderModel | None, str]:
        *parents, name = self._parts(path)
        folder = self._find("/".join([self._root, *parents]))
        return (folder if isinstance(folder, FolderModel) else None), name

    def _parts(self, path: str) -> list[str]:
        return [part for part in path.removeprefix(self._root).split("/") if part]


def _bound(folder: Path) -> FolderModel:
    model = FolderModel()
    for entry in folder.iterdir():
        if entry.is_dir():
            model.names[entry.name] = _bound(entry)
        else:
            data = entry.read_bytes()
            model.names[entry.name] = FileModel(data=bytearray(data), bound=data)
    model.sync()
    return model


def _write(folder: FolderModel, to: Path, rng: random.Random, kept: float, ignore: str) -> None:
    for name, node in _one_of(folder.states, rng, kept).items():
        if isinstance(node, FolderModel):
            (to / name).mkdir(mode=0o700)
            _write(node, to / name, rng, kept, ignore)
        elif not name.endswith(ignore):
            (to / name).write_bytes(node.after_cut(rng, kept))
            (to / name).chmod(0o600)


def _one_of(states: Sequence[T], rng: random.Random, kept: float) -> T:
    """Choose a state: the last with probability ``kept``, else the bound one or any between."""
    if rng.random() < kept:
        return states[-1]
    return states[0] if rng.random() < 0.5 else rng.choice(states)
