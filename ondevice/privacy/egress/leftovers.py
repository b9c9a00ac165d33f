"""The files that the job left beside its profile: in its home, where libraries put caches and identifiers."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from ondevice.privacy.egress.attempts import ending_of
from ondevice.privacy.egress.child import is_readable

_MOST_IDENTIFIER_BYTES = 4096
_IDENTIFIER = re.compile(rb"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_HOMES = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
_TEMPORARY = ("TMPDIR", "TMP", "TEMP")


@dataclass(frozen=True, kw_only=True, slots=True)
class Leftover:
    """One file.

    Args:
        name: The last parts of its place.
        n_bytes: Its size.
        is_readable: Whether it holds the job's text in the clear.
        is_identifier: Whether it is small and holds what looks like an identifier of a device or a session.
    """

    name: str
    n_bytes: int
    is_readable: bool
    is_identifier: bool


def homed(environment: dict[str, str], home: Path) -> dict[str, str]:
    """Return the variables with another home, and nothing that leads out of it."""
    kept = {name: value for name, value in environment.items() if not name.startswith("XDG_")}
    return {**kept, **dict.fromkeys((*_HOMES, *_TEMPORARY), str(home))}


def leftovers(folder: Path, profile: Path) -> tuple[Leftover, ...]:
    """Return the files below a folder, but for the profile's."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if Path(place, name) != profile]
        for name in sorted(names):
            path = Path(place, name)
            is_regular = stat.S_ISREG(path.lstat().st_mode)
            found.append(
                Leftover(
                    name=ending_of(str(path.relative_to(folder))),
                    n_bytes=path.lstat().st_size,
                    is_readable=is_regular and is_readable(path),
                    is_identifier=is_regular and _is_identifier(path),
                )
            )
    return tuple(found)


def _is_identifier(path: Path) -> bool:
    if path.lstat().st_size > _MOST_IDENTIFIER_BYTES:
        return False
    return _IDENTIFIER.search(path.read_bytes()) is not None
