"""Known vulnerabilities, from files of the OSV format (https://ossf.github.io/osv-schema/) that lie on this machine.

Nothing is fetched. What OSV publishes for PyPI, a zip file of one JSON file each, is read as it is.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ondevice.safety.printable import one_line
from ondevice.safety.regular_files import read_regular

_MAX_BYTES = 16 << 20
_MALICIOUS = "MAL-"


@dataclass(frozen=True, kw_only=True, slots=True)
class Advisory:
    """What is known against some versions of one distribution.

    Args:
        id: The advisory's.
        aliases: Other ids of the same.
        name: The distribution's name, in the form in which names are compared.
        versions: Affected versions, one by one.
        ranges: And in ranges: the events of each, as (kind, version).
    """

    id: str
    aliases: tuple[str, ...]
    name: str
    versions: tuple[str, ...]
    ranges: tuple[tuple[tuple[str, str], ...], ...]

    @property
    def is_malicious(self) -> bool:
        """Whether the distribution itself was made to do harm."""
        return self.id.startswith(_MALICIOUS)

    def affects(self, version: str) -> bool:
        """Say whether a version is affected."""
        from packaging.version import InvalidVersion, Version

        try:
            asked = Version(version)
        except InvalidVersion:
            return version in self.versions
        return any(asked == one for one in _parsed(self.versions)) or any(
            _is_within(asked, events) for events in self.ranges
        )

    @property
    def fixed_in(self) -> str:
        """The versions that mend it, where any is said to."""
        return ", ".join(dict.fromkeys(at for events in self.ranges for kind, at in events if kind == "fixed"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Advisories:
    """All that were read.

    Args:
        by_name: Distribution → what is known against it.
        n_read: How many advisories there were, for whatever distribution.
        n_unreadable: How many files could not be read as one.
        newest: The day of the latest change among them.
    """

    by_name: Mapping[str, tuple[Advisory, ...]]
    n_read: int
    n_unreadable: int
    newest: str | None

    def against(self, name: str, version: str) -> tuple[Advisory, ...]:
        """Return what is known against one version of a distribution."""
        return tuple(advisory for advisory in self.by_name.get(name, ()) if advisory.affects(version))


def read_advisories(place: Path) -> Advisories:
    """Read a JSON file, a zip file of such files, or a folder of both.

    What is no advisory is counted; a place that is not there is one file that could not be read.
    """
    by_name: dict[str, list[Advisory]] = {}
    days: list[str] = []
    n_read = n_unreadable = 0
    for data in _documents(place):
        try:
            values = _values(data)
            found = [advisory for value in values for advisory in _advisories(value)]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            n_unreadable += 1
            continue
        n_read += len(values)
        days += [str(value.get("modified", ""))[:10] for value in values]
        for advisory in found:
            by_name.setdefault(advisory.name, []).append(advisory)
    return Advisories(
        by_name={name: tuple(sorted(those, key=lambda one: one.id)) for name, those in by_name.items()},
        n_read=n_read,
        n_unreadable=n_unreadable,
        newest=one_line(max(days, default="")) or None,
    )


def _documents(place: Path) -> Iterator[bytes | None]:
    """Give the bytes of each file; ``None`` for one that cannot be read."""
    if place.is_dir():
        files = sorted(file for file in place.rglob("*") if file.suffix.lower() in {".json", ".zip"} and file.is_file())
    else:
        files = [place]
    for file in files:
        try:
            if file.suffix.lower() == ".zip":
                yield from _zipped(file)
            else:
                yield read_regular(file, limit_bytes=_MAX_BYTES)
        except (OSError, zipfile.BadZipFile):
            yield None


def _zipped(file: Path) -> Iterator[bytes | None]:
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            if not entry.is_dir() and entry.filename.lower().endswith(".json"):
                yield _unzipped(archive, entry)


def _unzipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | None:
    try:
        return archive.read(entry) if entry.file_size <= _MAX_BYTES else None
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError):  # damaged, encrypted, or packed in another way
        return None


def _values(data: bytes | None) -> list[dict[str, Any]]:
    if data is None:
        raise ValueError("no bytes")
    value = json.loads(data)
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, dict) and isinstance(one.get("id"), str) for one in values):
        raise ValueError("no advisory")
    return values


def _advisories(value: dict[str, Any]) -> Iterator[Advisory]:
    """Give an advisory for each distribution of the Python index that it is about; none where it was withdrawn."""
    from packaging.utils import canonicalize_name

    if value.get("withdrawn"):
        return
    for affected in value.get("affected", ()):
        package = affected.get("package", {})
        if str(package.get("ecosystem", "")).partition(":")[0] != "PyPI":
            continue
        yield Advisory(
            id=one_line(value["id"]),
            aliases=tuple(one_line(str(alias)) for alias in value.get("aliases", ())),
            name=str(canonicalize_name(package["name"])),
            versions=tuple(str(version) for version in affected.get("versions", ())),
            ranges=tuple(
                tuple((kind, str(at)) for event in each["events"] for kind, at in event.items())
                for each in affected.get("ranges", ())
                if each["type"] != "GIT"
            ),
        )


def _parsed(versions: Sequence[str]) -> Iterator[Any]:
    from packaging.version import InvalidVersion, Version

    for version in versions:
        try:
            yield Version(version)
        except InvalidVersion:
            continue


def _is_within(asked: Any, events: Sequence[tuple[str, str]]) -> bool:  # noqa: ANN401 - a version, loaded late
    """Walk the events in the order of their versions; the last one that is not above decides."""
    from packaging.version import InvalidVersion, Version

    ordered: list[tuple[Any, str]] = []
    for kind, at in events:
        try:
            ordered.append((Version("0.dev0" if at == "0" else at), kind))
        except InvalidVersion:
            continue
    is_affected = False
    for version, kind in sorted(ordered, key=lambda event: event[0]):
        if kind == "introduced" and asked >= version:
            is_affected = True
        elif (kind == "fixed" and asked >= version) or (kind == "last_affected" and asked > version):
            is_affected = False
    return is_affected
