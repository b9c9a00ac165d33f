"""Where bundles lie in a models' folder, and which of them is opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ondevice.bundle.manifest import is_bundle_name
from ondevice.bundle.model_set import ModelFolder, ModelSet
from ondevice.bundle.places import PLAIN, POINTER_NAME, is_version_folder, read_pointer
from ondevice.bundle.reading import MANIFEST_NAME, read_manifest
from ondevice.bundle.signature import SIGNATURE_NAME
from ondevice.bundle.versions import version_order
from ondevice.errors import OndeviceError, StorageError


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a bundle lies in a models' folder.

    Args:
        home: The model's folder, by whose name apps ask for it.
        version: The installed version's folder in it, or ``.`` for the model's folder itself.
        is_current: Whether it is the one that is opened.
        is_used: Whether the model set asks for it as well.
    """

    home: Path
    version: str
    is_current: bool
    is_used: bool

    @property
    def folder(self) -> Path:
        """The bundle's own folder."""
        return self.home / self.version

    @property
    def name(self) -> str:
        """The folder's name, where it is one that a bundle may have; others may say something of the user."""
        return self.home.name if is_bundle_name(self.home.name) else "(a folder with no name for a model)"

    @property
    def shown(self) -> str:
        """What to call it in a sentence."""
        return repr(self.name) if self.version == PLAIN else f"{self.name!r} in {self.version}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """A model's folder: where its bundles lie, and whether it can be told which of them is opened.

    Args:
        name: Of the folder, as it may be shown.
        places: Its bundles.
        problem: Why the bundle in use cannot be told.
        links: What in it is a link that leads out of the models' folder.
        is_used: Whether the model set asks for it.
        n_loose: How many files lie in it beside its bundles, where it holds installed versions alone.
    """

    name: str
    places: tuple[Place, ...]
    problem: str | None
    links: tuple[str, ...]
    is_used: bool
    n_loose: int = 0

    def newer_than_current(self) -> tuple[str, str] | None:
        """Return (version in use, newer version) where a newer one lies beside the one in use."""
        versions = {place: version for place in self.places if (version := _version_of(place)) is not None}
        current = next((version for place, version in versions.items() if place.is_current), None)
        newest = max(versions.values(), key=lambda version: version_order(version) or (), default=None)
        if current is None or newest is None or (version_order(newest) or ()) <= (version_order(current) or ()):
            return None
        return current, newest


def models_folder(models: ModelSet) -> Path:
    """Return where the models lie."""
    return ModelFolder(models).path


def used_names(models: ModelSet) -> tuple[str, ...]:
    """Return the names that the model set asks for, and those of a selector's pool that are in the folder."""
    folder = models_folder(models)
    named = [models.encoder, models.generator, models.adapter, *models.retrievers, models.selector, models.persona]
    names = [name for name in named if name is not None]
    if models.selector is not None:
        names += [name for name in _pool(folder / models.selector) if (folder / name).is_dir()]
    return tuple(dict.fromkeys(names))


def find_homes(models: ModelSet) -> tuple[Home, ...]:
    """Return every model's folder, by name; none where there is no such folder.

    Raises:
        StorageError: If the models' folder cannot be read.
    """
    folder, used = models_folder(models), used_names(models)
    try:
        entries = sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise StorageError(f"the models' folder cannot be read: {error.strerror}") from None
    homes = (_home(entry, is_used=entry.name in used) for entry in entries)
    return tuple(home for home in homes if home.places or home.problem)


def count_unlisted(folder: Path, listed: set[str]) -> int:
    """Count the files of a bundle's folder that its manifest does not name; other versions' are theirs."""
    known = {MANIFEST_NAME, SIGNATURE_NAME, POINTER_NAME, *(os.path.normpath(path) for path in listed)}
    count = 0
    for where, below, names in os.walk(folder):
        relative = os.path.relpath(where, folder)
        if relative == ".":
            below[:] = [name for name in below if not is_version_folder(name)]
        links = [name for name in below if (Path(where) / name).is_symlink()]
        count += sum(os.path.normpath(os.path.join(relative, name)) not in known for name in [*names, *links])
    return count


def _home(home: Path, *, is_used: bool) -> Home:
    problem, current = None, PLAIN
    try:
        pointer = read_pointer(home)
        current = PLAIN if pointer is None else pointer.current
        if not (home / current).is_dir() or (current != PLAIN and not (home / current / MANIFEST_NAME).exists()):
            problem = "the version in use is missing"
    except OndeviceError:
        problem, current = f"the file {POINTER_NAME!r} names no version", ""
    # A folder in use is looked at whether or not it has a manifest; others without one are no model's.
    versions = [PLAIN] if (home / MANIFEST_NAME).exists() or (is_used and current == PLAIN) else []
    try:
        versions += sorted(entry.name for entry in home.iterdir() if is_version_folder(entry.name) and entry.is_dir())
    except OSError:
        problem = "its folder cannot be read"
    places = tuple(
        Place(home=home, version=each, is_current=each == current, is_used=is_used and each == current)
        for each in versions
    )
    outside = [home, *(home / each for each in (*versions, POINTER_NAME) if each != PLAIN)]
    links = tuple("." if link == home else link.name for link in outside if _leads_out(link, home.parent))
    return Home(
        name=home.name if is_bundle_name(home.name) else "(a folder with no name for a model)",
        places=places,
        problem=problem,
        links=links,
        is_used=is_used,
        n_loose=0 if PLAIN in versions else count_unlisted(home, set()),
    )


def _leads_out(link: Path, models: Path) -> bool:
    return link.is_symlink() and not Path(os.path.realpath(link)).is_relative_to(os.path.realpath(models))


def _pool(home: Path) -> Iterator[str]:
    try:
        pointer = read_pointer(home)
        selector = read_manifest(home / (PLAIN if pointer is None else pointer.current)).selector
    except OndeviceError:
        return
    if selector is not None:
        yield from (name for name in selector.pool or () if is_bundle_name(name))


def _version_of(place: Place) -> str | None:
    try:
        return read_manifest(place.folder).version
    except OndeviceError:
        return None
