"""Where else than in the profile this SDK, or an app around it, may have left something."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ondevice.bundle.places import POINTER_NAME
from ondevice.bundle.reading import MANIFEST_NAME, read_manifest
from ondevice.errors import OndeviceError
from ondevice.privacy.subject import Subject

OWN_NAME = "ondevice"
_VARIABLES = "ONDEVICE_"
_SHARED = ("/var/tmp", "/dev/shm")  # noqa: S108 - looked at, never written to
_CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")
_DEEP, _LOGS, _SHALLOW = 8, 5, 3
_LOG_FOLDERS = ("log", "logs")
_MOST_ENTRIES = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A folder to look into.

    Args:
        name: What reports call it.
        path: The folder.
        depth: How many folders further down; 1 takes its own files alone.
        only_own: Of its direct entries take only those that bear the SDK's name, or are logs.
        only_logs: Of its files take only logs, by their names or that of their folder.
    """

    name: str
    path: Path
    depth: int
    only_own: bool = False
    only_logs: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Located:
    """A file in a place.

    Args:
        path: Where it is.
        place: What reports call the folder.
        is_own: Whether the folder is the SDK's, so that nothing else has business there.
        bears_name: Whether it bears the SDK's name, or lies in a folder that does.
        is_of_model: Whether it lies in a model's folder, where licences and cards may be read.
        size: Its bytes.
        changed_ns: When its content changed.
    """

    path: Path
    place: Place
    is_own: bool
    bears_name: bool
    is_of_model: bool
    size: int
    changed_ns: int

    @property
    def within(self) -> str:
        """Its path within the place."""
        return str(self.path.relative_to(self.place.path))


def places_of(subject: Subject) -> tuple[Place, ...]:
    """Return the folders that there are, each once: the SDK's own, and those where anybody leaves something."""
    import platformdirs

    named = [("models", Path(subject.models.folder))] if subject.models.folder is not None else []
    named += [
        (name, Path(value))
        for name, value in sorted(os.environ.items())
        if name.startswith(_VARIABLES) and os.path.isabs(value)
    ]
    for kind in ("cache", "data", "config", "state", "log"):
        named.append((kind, getattr(platformdirs, f"user_{kind}_path")(OWN_NAME, appauthor=False)))
    found = [Place(name=name, path=path, depth=_DEEP) for name, path in named]
    home, above = Path.home(), subject.profile.parent
    found += [
        Place(name="home", path=home / f".{OWN_NAME}", depth=_DEEP),
        Place(name="temporary", path=Path(tempfile.gettempdir()), depth=_SHALLOW),
        Place(name="beside the profile", path=above, depth=1 if above in (home, *home.parents) else _SHALLOW),
        *(Place(name="working folder", path=path, depth=1, only_own=True) for path in _working_folder()),
        Place(name="home", path=home, depth=1, only_own=True),
        # Where other temporary files lie on some systems, and where cores are told to go.
        *(Place(name="shared", path=Path(path), depth=_SHALLOW, only_own=True) for path in (*_SHARED, *_runtime())),
        *(Place(name="core files", path=path, depth=1) for path in _core_folders()),
        *(Place(name="copies of the profile", path=path, depth=_SHALLOW) for path in _copies(subject.profile)),
        *(Place(name="logs of programs", path=path, depth=_LOGS, only_logs=True) for path in _program_folders()),
    ]
    return _each_once(found)


def _working_folder() -> Iterator[Path]:
    # Somebody may have deleted it.
    with suppress(OSError):
        yield Path.cwd()


def _runtime() -> Iterator[str]:
    if named := os.environ.get("XDG_RUNTIME_DIR"):
        yield named


def _copies(profile: Path) -> Iterator[Path]:
    """Yield the folders that lie beside the profile and are named after it."""
    beginnings = (profile.name, *(f"{profile.stem}{mark}" for mark in "-_. "))
    for entry in _entries(profile.parent):
        if entry.name != profile.name and entry.name.startswith(beginnings) and entry.is_dir(follow_symlinks=False):
            yield Path(entry.path)


def _program_folders() -> Iterator[Path]:
    """Yield the folders in which programs of this user keep what they write, their logs among it."""
    import platformdirs

    for kind in ("state", "log", "cache", "data", "config"):
        yield getattr(platformdirs, f"user_{kind}_path")()


def _core_folders() -> Iterator[Path]:
    try:
        pattern = _CORE_PATTERN.read_text("utf-8", "replace").strip()
    except OSError:
        return
    if pattern.startswith("/"):
        yield Path(pattern).parent


def files_in(places: Sequence[Place], *, without: Sequence[Path]) -> Iterator[Located]:
    """Yield this user's regular files in the places, each once. Links are not followed, and models are left out.

    Args:
        places: Where to look.
        without: Folders to stay out of.
    """
    seen: set[Path] = {path.resolve() for path in without}
    for place in places:
        yield from _files(place, place.path, place.depth, False, seen)


def _files(place: Place, folder: Path, depth: int, is_named: bool, seen: set[Path]) -> Iterator[Located]:
    is_own = place.depth == _DEEP
    seen |= _model_files(folder)
    is_of_model = any((folder / name).is_file() for name in (MANIFEST_NAME, POINTER_NAME))
    for entry in _entries(folder):
        bears_name = is_named or OWN_NAME in entry.name.lower()
        if place.only_own and not bears_name and not entry.name.endswith(".log"):
            continue
        path = Path(entry.path)
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        if path in seen or not _is_this_users(found, is_own):
            continue
        seen.add(path)
        if stat.S_ISREG(found.st_mode) and place.only_logs and not _is_log(entry.name, folder):
            continue
        if stat.S_ISREG(found.st_mode):
            yield Located(
                path=path,
                place=place,
                is_own=is_own,
                bears_name=bears_name,
                is_of_model=is_of_model,
                size=found.st_size,
                changed_ns=found.st_mtime_ns,
            )
        elif stat.S_ISDIR(found.st_mode) and depth > 1:
            yield from _files(place, path, depth - 1, bears_name, seen)


def count_closed(places: Sequence[Place]) -> int:
    """Return how many folders, of the places and directly in them, this user may not list."""
    folders = {place.path for place in places}
    for place in places:
        if place.depth > 1 and not place.only_own:
            folders |= {Path(entry.path) for entry in _entries(place.path) if entry.is_dir(follow_symlinks=False)}
    return sum(not os.access(folder, os.R_OK | os.X_OK) for folder in folders)


def _is_log(name: str, folder: Path) -> bool:
    """Say whether a file is a log: one that was put aside has a number, a day or a packing behind its name."""
    return ".log" in name.lower() or folder.name.lower() in _LOG_FOLDERS


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for _, entry in zip(range(_MOST_ENTRIES), entries, strict=False)]
    except OSError:
        return []


def _is_this_users(found: os.stat_result, is_own: bool) -> bool:
    return is_own or os.name != "posix" or found.st_uid == os.geteuid()


def _model_files(folder: Path) -> set[Path]:
    """Return the files that a model's manifest names: they are everybody's, and read where the models are checked."""
    if not (folder / MANIFEST_NAME).is_file():
        return set()
    try:
        return {folder / MANIFEST_NAME, *(folder / entry.path for entry in read_manifest(folder).files.values())}
    except OndeviceError:
        return set()


def _each_once(places: Sequence[Place]) -> tuple[Place, ...]:
    """Leave out what is not there, and what another place before it holds as a whole."""
    kept: list[Place] = []
    for place in places:
        path = place.path.resolve()
        is_held = any(
            path == other.path or (other.depth == _DEEP and path.is_relative_to(other.path)) for other in kept
        )
        if path.is_dir() and not is_held:
            kept.append(replace(place, path=path))
    return tuple(kept)
