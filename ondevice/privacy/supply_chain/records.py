"""Whether the files of installed distributions are still those that were installed, by the record of each.

An installer writes ``RECORD``: the path, SHA-256 and size of every file. It is not signed, so whoever changes a file
and its line in the record is not found out.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ondevice.privacy.supply_chain.distributions import Installed, Source
from ondevice.safety.regular_files import open_regular

_RECORD = "RECORD"
_CHUNK_BYTES = 1 << 20
_STRONG = ("sha256", "sha384", "sha512")
_NATIVE = re.compile(r".+\.(so(\.\d+)*|dylib|pyd|dll|exe)", re.IGNORECASE)
# What no installer gives a hash: the record itself, its signatures, and what Python compiles.
_UNHASHED = re.compile(r"(.*/)?RECORD(\.jws|\.p7s)?|(.*/)?__pycache__/[^/]+\.pyc")
_AT_START = ("sitecustomize.py", "usercustomize.py")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a record: a file, its hash (as ``sha256=…``, or empty) and its size, where they are given."""

    path: str
    hash: str
    size: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Native:
    """One library of machine code."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A distribution's files compared with its record; paths are relative to where it is installed.

    Args:
        has_record: Whether there is one that can be read.
        n_files: How many files were read and compared.
        changed: Files of other bytes than were installed.
        missing: Files that are gone, but for those outside the folder that it is installed in.
        unhashed: Files of which the record does not say enough to compare them.
        unlisted: Files in the distribution's folders that no record names.
        natives: Its machine code, as it lies there now.
    """

    has_record: bool
    n_files: int = 0
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unhashed: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    natives: tuple[Native, ...] = ()


def read_record(source: Source) -> tuple[Line, ...]:
    """Return the lines of a distribution's record; none where there is none or it cannot be read."""
    try:
        rows = list(csv.reader((source.read_text(_RECORD) or "").splitlines()))
        return tuple(
            Line(path=path, hash=digest, size=int(size) if size else None)
            for path, digest, size in (row for row in rows if row)
        )
    except (OSError, ValueError, csv.Error):
        return ()


def named_files(every: Sequence[Source]) -> frozenset[str]:
    """Return the whole path of every file that any record of the environment names."""
    # Of tens of thousands of files: Path objects would take most of the time.
    return frozenset(
        os.path.normpath(os.path.join(site, line.path))
        for source in every
        for site in [str(source.locate_file(""))]
        for line in read_record(source)
    )


def verify(distribution: Installed, named: frozenset[str]) -> Verified:
    """Read every file that the record names, and look for others beside them.

    Args:
        distribution: Whose.
        named: What :func:`named_files` returned.
    """
    lines = read_record(distribution.source)
    if not lines:
        return Verified(has_record=False)
    site = str(distribution.site)
    changed, missing, unhashed, natives, n_files = [], [], [], [], 0
    for line in lines:
        if _UNHASHED.fullmatch(line.path):
            continue
        algorithm = line.hash.partition("=")[0]
        try:
            digests, size = _read(os.path.join(site, line.path), algorithm)
        except (FileNotFoundError, NotADirectoryError):
            if not line.path.startswith("../"):  # a command or a manual: some installers put these elsewhere
                missing.append(line.path)
            continue
        except (OSError, ValueError):  # a path that no system takes is a ValueError
            changed.append(line.path)
            continue
        n_files += 1
        if algorithm not in _STRONG:
            unhashed.append(line.path)
        elif line.hash != f"{algorithm}={digests[algorithm]}" or line.size not in (None, size):
            changed.append(line.path)
        if _NATIVE.fullmatch(line.path):
            natives.append(Native(path=line.path, sha256=_hex(digests["sha256"]), bytes=size))
    return Verified(
        has_record=True,
        n_files=n_files,
        changed=tuple(changed),
        missing=tuple(missing),
        unhashed=tuple(unhashed),
        unlisted=tuple(_unlisted(distribution, lines, named)),
        natives=tuple(natives),
    )


def shadowed(distribution: Installed, path: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the modules of a distribution in whose place an import would take another file or folder."""
    found = []
    for module, place in sorted(_modules(distribution).items()):
        places = distribution.found_at(module, path)
        if places and place not in (_same(one) for one in places):
            found.append(module)
    return tuple(found)


def startup_files(path: Sequence[str], named: frozenset[str], standard_library: Path) -> tuple[str, ...]:
    """Return the names of files that run at each start of Python and that no record names."""
    found = set()
    for entry in dict.fromkeys(path):
        folder = Path(entry)
        if not entry or not folder.is_dir() or _same(folder) == _same(standard_library):
            continue
        for file in [*(folder / name for name in _AT_START), *sorted(folder.glob("*.pth"))]:
            if os.path.normpath(file) not in named and _runs(file):
                found.add(file.name)
    return tuple(sorted(found))


def _runs(file: Path) -> bool:
    """Say whether a file runs code at the start; of a ``.pth`` file only lines that begin with an import do."""
    try:
        with open_regular(file) as opened:
            data = opened.read(_CHUNK_BYTES)
    except OSError:
        return False
    return file.suffix == ".py" or any(line.startswith((b"import ", b"import\t")) for line in data.splitlines())


def _unlisted(distribution: Installed, lines: Sequence[Line], named: frozenset[str]) -> Iterator[str]:
    folders = {line.path.split("/")[0] for line in lines if "/" in line.path and not line.path.startswith("../")}
    for folder in sorted(folders):
        for where, below, names in os.walk(distribution.site / folder):
            below.sort()
            for name in sorted(names):
                file = os.path.normpath(os.path.join(where, name))
                if file not in named and not _is_bytecode(Path(file)):
                    yield Path(file).relative_to(os.path.normpath(distribution.site)).as_posix()


def _is_bytecode(file: Path) -> bool:
    """Say whether Python wrote this beside a source; elsewhere bytecode is loaded like a source."""
    return file.suffix == ".pyc" and file.parent.name == "__pycache__"


def _modules(distribution: Installed) -> dict[str, Path]:
    """Return the modules at the top, and where the record has them."""
    found = {}
    for line in read_record(distribution.source):
        first, _, rest = line.path.partition("/")
        is_code = line.path.endswith(".py") or _NATIVE.fullmatch(line.path) is not None
        name = first if rest else first.split(".")[0]
        if is_code and name.isidentifier() and (rest or not name.startswith("__editable__")):
            found[name] = _same(distribution.site / first)
    return found


def _same(place: Path) -> Path:
    return Path(os.path.realpath(place))


def _read(file: str, algorithm: str) -> tuple[dict[str, str], int]:
    """Read a file once; return its hashes, each as a record writes it, and its size."""
    digests = {name: hashlib.new(name) for name in {"sha256", algorithm} if name in _STRONG}
    size = 0
    with open_regular(file, buffering=0) as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            size += len(chunk)
            for digest in digests.values():
                digest.update(chunk)
    return {name: base64.urlsafe_b64encode(each.digest()).rstrip(b"=").decode() for name, each in digests.items()}, size


def _hex(digest: str) -> str:
    return base64.urlsafe_b64decode(digest + "=" * (-len(digest) % 4)).hex()
