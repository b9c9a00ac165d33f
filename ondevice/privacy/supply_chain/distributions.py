"""Which installed distributions the SDK depends on, found by walking their requirements."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Literal, TypeAlias

from ondevice.privacy.supply_chain.licences import Licence, licence_of_metadata
from ondevice.safety.printable import one_line

ROOT = "ondevice-sdk"
BILL_WRITER = "cyclonedx-python-lib"
# Of the SDK's extras these are for its developers: no user's device runs them.
_DEVELOPERS = frozenset({"dev", "docs"})

Source: TypeAlias = metadata.Distribution
"""Where a distribution's metadata is read."""

Origin = Literal["index", "archive", "folder", "editable folder", "repository"]


@dataclass(frozen=True)
class Installed:
    """One installed distribution.

    Args:
        name: In the form in which names are compared.
        version: As it says itself.
        source: Where its metadata is read.
        needs: The names of the installed distributions that it requires here.
    """

    name: str
    version: str
    source: Source = field(repr=False)
    needs: tuple[str, ...] = ()

    @cached_property
    def licence(self) -> Licence:
        """Under which licence it says it is."""
        return licence_of_metadata(self.source.metadata)  # type: ignore[arg-type]

    @property
    def site(self) -> Path:
        """The folder that it is installed in."""
        return Path(str(self.source.locate_file("")))

    @cached_property
    def origin(self) -> Origin:
        """Where its installer took it from; without a word of it, from an index."""
        try:
            said = json.loads(self.source.read_text("direct_url.json") or "{}")
            if "dir_info" in said:
                return "editable folder" if said["dir_info"].get("editable") else "folder"
        except (OSError, ValueError, AttributeError, TypeError):
            return "index"
        return "repository" if "vcs_info" in said else "archive" if "archive_info" in said else "index"

    def found_at(self, module: str, path: Sequence[str] | None) -> list[Path]:
        """Return where an import of one of its modules would look; nothing is imported."""
        spec = PathFinder.find_spec(module, path)
        if spec is None:
            return []
        places = spec.submodule_search_locations or ([spec.origin] if spec.origin else [])
        return [Path(place) for place in places]


@dataclass(frozen=True, kw_only=True, slots=True)
class Dependencies:
    """The SDK's distribution and all that it needs.

    Args:
        needed: These distributions, the SDK's own among them, by name; empty where the SDK itself is not installed.
        every: All distributions of the environment, by name.
        extras: The SDK's extras that are installed.
        unmet: What is required but not there, or there in another version: (who requires it, what).
    """

    needed: tuple[Installed, ...]
    every: tuple[Source, ...]
    extras: tuple[str, ...]
    unmet: tuple[tuple[str, str], ...]

    @property
    def can_write_bill(self) -> bool:
        """Whether the library that writes bills of materials is there."""
        return BILL_WRITER in _by_name(self.every)


def find_dependencies(path: Sequence[str] | None = None) -> Dependencies:
    """Walk the requirements from the SDK's own distribution.

    Args:
        path: Where distributions are looked for; Python's own path by default.
    """
    every = tuple(metadata.distributions() if path is None else metadata.distributions(path=list(path)))
    by_name = _by_name(every)
    if ROOT not in by_name:
        return Dependencies(needed=(), every=every, extras=(), unmet=())
    extras = tuple(sorted(_installed_extras(by_name)))
    asked: dict[str, set[str]] = {ROOT: {"", *extras}}
    needs: dict[str, set[str]] = {}
    unmet: set[tuple[str, str]] = set()
    to_do = [ROOT]
    while to_do:
        name = to_do.pop()
        needs[name] = set()
        for required in _requirements(by_name[name], asked[name]):
            other = required.key
            found = by_name.get(other)
            if found is None or not required.allows(_version(found)):
                unmet.add((name, required.text))
            if found is None:
                continue
            needs[name].add(other)
            before = asked.setdefault(other, set())
            if new := {"", *required.extras} - before:
                before |= new
                to_do.append(other)
    needed = tuple(
        Installed(name, _version(by_name[name]), by_name[name], tuple(sorted(needs[name]))) for name in sorted(needs)
    )
    return Dependencies(needed=needed, every=every, extras=extras, unmet=tuple(sorted(unmet)))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Required:
    key: str
    extras: frozenset[str]
    versions: str
    text: str

    def allows(self, version: str) -> bool:
        from packaging.specifiers import SpecifierSet
        from packaging.version import InvalidVersion

        try:
            return SpecifierSet(self.versions).contains(version, prereleases=True)
        except InvalidVersion:
            return not self.versions


def _requirements(source: Source, extras: set[str]) -> Iterator[_Required]:
    """Give the requirements that hold on this system under any of the extras; what cannot be read is left out."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    for line in source.requires or ():
        try:
            required = Requirement(line)
        except InvalidRequirement:
            continue
        if required.marker is None or any(required.marker.evaluate({"extra": extra}) for extra in extras):
            yield _Required(
                key=str(canonicalize_name(required.name)),
                extras=frozenset(required.extras),
                versions=str(required.specifier),
                text=one_line(f"{required.name}{required.specifier}"),
            )


def _installed_extras(by_name: dict[str, Source]) -> Iterator[str]:
    """Give the SDK's extras of which every requirement is there."""
    root = by_name[ROOT]
    plain = {required.key for required in _requirements(root, {""})}
    for extra in root.metadata.get_all("Provides-Extra") or ():
        wanted = {required.key for required in _requirements(root, {extra})} - plain
        if extra not in _DEVELOPERS and wanted and wanted <= by_name.keys():
            yield extra


def _by_name(every: Sequence[Source]) -> dict[str, Source]:
    """Return the distribution that counts of each name: the first, but one with a record of its files before others."""
    from packaging.utils import canonicalize_name

    found: dict[str, Source] = {}
    for source in every:
        key = str(canonicalize_name(_field(source, "Name")))
        if key and (key not in found or (_has_record(source) and not _has_record(found[key]))):
            found[key] = source
    return found


def _version(source: Source) -> str:
    return one_line(_field(source, "Version") or "unknown")


def _field(source: Source, name: str) -> str:
    """Return a field of the metadata; nothing where there are none, or where they are no text."""
    try:
        found = source.metadata.get_all(name) if source.metadata is not None else None
        return str(found[0]) if found else ""
    except (OSError, ValueError):
        return ""


def _has_record(source: Source) -> bool:
    try:
        return bool(source.read_text("RECORD"))
    except (OSError, ValueError):
        return False
