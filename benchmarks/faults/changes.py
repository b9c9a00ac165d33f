"""Change the bytes of a profile that nobody has open: what someone with the disk may do, or a failing disk itself."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.kinds import Kind
from benchmarks.faults.ledger import Ledger

_LOCK = "lock"
_PAGE_BYTES = 4096
_FRAME_BYTES = _PAGE_BYTES + 24
_LOG_HEADER_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A profile as it was at some time: a copy of its files, and what it held."""

    files: Path
    ledger: Ledger


@dataclass(frozen=True, kw_only=True)
class Past:
    """Where other bytes come from: earlier copies of the profile, and another profile of the same key."""

    earlier: Sequence[Moment]
    foreign: Path


def names_of(profile: Path) -> list[str]:
    """Return the files of a profile that say something, by their path in it."""
    found = sorted(file for file in profile.rglob("*") if file.is_file() and file.name != _LOCK)
    return [str(file.relative_to(profile)) for file in found]


def make_folder(folder: Path) -> None:
    """Make a folder, and those above, as a profile has them."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700)


def change(rng: random.Random, profile: Path, kind: Kind, past: Past) -> str | None:
    """Change a profile in one way, and say where; ``None`` if this kind cannot be had here."""
    return _CHANGES[kind](rng, profile, past)


def _flip(rng: random.Random, profile: Path, past: Past) -> str | None:
    """Change bits, a sector, a page, or put one page in another's place."""
    file = _chosen(rng, profile)
    data = bytearray(file.read_bytes())
    if not data:
        return None
    way = rng.choice(("bit", "bit", "bytes", "zeros", "noise", "page"))
    at = rng.randrange(len(data))
    if way == "bit":
        data[at] ^= 1 << rng.randrange(8)
    elif way == "bytes":
        for _ in range(rng.randint(2, 20)):
            data[rng.randrange(len(data))] ^= rng.randint(1, 255)
    elif way in ("zeros", "noise"):
        size = rng.choice((16, 512, _PAGE_BYTES))
        start = at - at % size
        part = data[start : start + size]
        data[start : start + size] = bytes(len(part)) if way == "zeros" else rng.randbytes(len(part))
    else:
        size, skip = (_FRAME_BYTES, _LOG_HEADER_BYTES) if file.name.endswith("-wal") else (_PAGE_BYTES, 0)
        n = (len(data) - skip) // size
        if n < 2:
            return None
        a, b = (skip + size * place for place in rng.sample(range(n), 2))
        data[a : a + size] = data[b : b + size]
    file.write_bytes(data)
    return f"{way} of {_name(profile, file)}"


def _cut(rng: random.Random, profile: Path, past: Past) -> str | None:
    """Cut a file short, at any byte or between pages, or let it grow."""
    file = _chosen(rng, profile)
    data = file.read_bytes()
    if not data:
        return None
    way = rng.choice(("any", "any", "boundary", "boundary", "empty", "grown"))
    if way == "grown":
        data += rng.randbytes(rng.choice((1, 100, _PAGE_BYTES, _FRAME_BYTES)))
    elif way == "empty":
        data = b""
    elif way == "any":
        data = data[: rng.randrange(len(data))]
    else:
        size, skip = (_FRAME_BYTES, _LOG_HEADER_BYTES) if file.name.endswith("-wal") else (_PAGE_BYTES, 0)
        data = data[: skip + size * rng.randrange(max(1, (len(data) - skip) // size))]
    file.write_bytes(data)
    return f"{way} of {_name(profile, file)}"


def _remove(rng: random.Random, profile: Path, past: Past) -> str | None:
    """Remove a file, or a folder with all in it."""
    if rng.random() < 0.15:
        folder = rng.choice(sorted(path for path in profile.rglob("*") if path.is_dir()))
        shutil.rmtree(folder)
        return _name(profile, folder)
    file = _chosen(rng, profile)
    file.unlink()
    return _name(profile, file)


def _swap(rng: random.Random, profile: Path, past: Past) -> str | None:
    """Put two files in each other's place."""
    names = names_of(profile)
    blobs = [name for name in names if name.endswith(".sealed")]
    pool = blobs if len(blobs) > 1 and rng.random() < 0.6 else names
    if len(pool) < 2:
        return None
    a, b = (profile / name for name in rng.sample(pool, 2))
    data = a.read_bytes()
    a.write_bytes(b.read_bytes())
    b.write_bytes(data)
    return f"{_name(profile, a)} and {_name(profile, b)}"


def _older(rng: random.Random, profile: Path, past: Past) -> str | None:
    """Put an earlier copy of one file back, or of the database and its log together."""
    moment = rng.choice(past.earlier)
    pairs = [
        [name]
        for name in names_of(moment.files)
        if not (profile / name).exists() or (profile / name).read_bytes() != (moment.files / name).read_bytes()
    ]
    both = [name for name in names_of(moment.files) if Path(name).name in ("profile.db", "profile.db-wal")]
    pairs += [both] * 2
    chosen = rng.choice(pairs)
    for name in chosen:
        make_folder((profile / name).parent)
        shutil.copy2(moment.files / name, profile / name)
    if chosen is both and len(both) == 1:
        (profile / f"{both[0]}-wal").unlink(missing_ok=True)
    return " and ".join(map(_told, chosen))


def _foreign(rng: random.Random, profile: Path, past: Past) -> str | None:
    """Put another profile's file in the place of the one of that name."""
    names = [name for name in names_of(past.foreign) if (profile / name).exists()]
    if not names:
        return None
    name = rng.choice(names)
    shutil.copy2(past.foreign / name, profile / name)
    return _told(name)


_CHANGES: dict[Kind, Callable[[random.Random, Path, Past], str | None]] = {
    Kind.FLIP: _flip,
    Kind.CUT: _cut,
    Kind.REMOVAL: _remove,
    Kind.SWAP: _swap,
    Kind.OLDER: _older,
    Kind.FOREIGN: _foreign,
}
CHANGED = (*_CHANGES, Kind.ROLLBACK)


def _chosen(rng: random.Random, profile: Path) -> Path:
    """Choose a file, each sort as often as another."""
    by_sort: dict[str, list[str]] = {}
    for name in names_of(profile):
        by_sort.setdefault(Path(name).suffix or Path(name).name, []).append(name)
    return profile / rng.choice(by_sort[rng.choice(sorted(by_sort))])


def _name(profile: Path, file: Path) -> str:
    return _told(str(file.relative_to(profile)))


def _told(name: str) -> str:
    """Tell a file without what is random or numbered in its name."""
    parts = Path(name).parts
    base = parts[-1]
    if base.endswith(".sealed"):
        base = f"{base.split('-')[0]}-….sealed"
    return "/".join(("epoch-N" if part.startswith("epoch-") else part) for part in (*parts[:-1], base))
