"""Who else may reach the profile: modes, owners and access lists of its files, and the folders above it."""

from __future__ import annotations

import os
import stat
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ondevice.privacy.at_rest.profile_files import Entry
from ondevice.privacy.findings import Finding

_OTHERS, _OTHERS_WRITE = 0o077, 0o022
_ACCESS_LISTS = ("system.posix_acl_access", "system.posix_acl_default")
_USER, _GROUP, _MASK = 0x02, 0x08, 0x10
_MOST_NAMED = 3
Shown = Callable[[Entry], str]


def check_permissions(profile: Path, entries: Sequence[Entry], shown: Shown) -> Iterator[Finding]:
    """Say what others than this user may reach.

    Args:
        profile: The profile's folder.
        entries: It, and all that is in it.
        shown: Gives an entry's name as a report may show it.
    """
    if os.name != "posix":
        return
    real = [entry for entry in entries if not stat.S_ISLNK(entry.mode)]
    files = [entry for entry in real if not stat.S_ISDIR(entry.mode)]
    folders = [entry for entry in real if stat.S_ISDIR(entry.mode)]
    for code, what, those in (("file-mode", "files", files), ("folder-mode", "folders", folders)):
        yield from _check_modes(code, what, those, shown)
    foreign = [entry for entry in real if entry.uid != os.geteuid()]
    if foreign:
        yield Finding(
            code="at-rest/owner",
            level="high",
            text=f"{len(foreign)} of {len(real)} files and folders belong to another user: {_named(foreign, shown)}",
            hint="make them this user's, on the profile's folder: chown -R",
        )
    listed = [entry for entry in real if lets_others_in(entry.path)]
    if listed:
        yield Finding(
            code="at-rest/access-list",
            level="medium",
            text=f"access lists let others than this user into {len(listed)} of {len(real)} files and folders",
            hint="remove them, on the profile's folder: setfacl -R -b",
        )
    yield from _check_above(profile)


def _check_modes(code: str, what: str, entries: Sequence[Entry], shown: Shown) -> Iterator[Finding]:
    loose = [entry for entry in entries if entry.mode & _OTHERS]
    if loose:
        may_write = any(entry.mode & _OTHERS_WRITE for entry in loose)
        yield Finding(
            code=f"at-rest/{code}",
            level="high" if may_write else "medium",
            text=f"others than this user may {'change' if may_write else 'read'} {len(loose)} of {len(entries)} {what} "
            f"of the profile: {_named(loose, shown)}",
            hint="take the rights away, on the profile's folder: chmod -R go=",
        )


def _named(entries: Sequence[Entry], shown: Shown) -> str:
    names = [f"{shown(entry) or 'the profile itself'} ({stat.S_IMODE(entry.mode):04o})" for entry in entries]
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def lets_others_in(path: Path) -> bool:
    """Say whether a POSIX access list (Linux) gives somebody else a right on a file, or on new files in a folder."""
    if sys.platform != "linux":
        return False
    for name in _ACCESS_LISTS:
        try:
            found = os.getxattr(path, name, follow_symlinks=False)
        except OSError:
            continue
        if named_rights(found):
            return True
    return False


def named_rights(access_list: bytes) -> bool:
    """Say whether an access list, in the bytes that Linux keeps, gives a named user or group a right."""
    entries = list(struct.iter_unpack("<HHI", access_list[4 : 4 + (len(access_list) - 4) // 8 * 8]))
    mask = next((rights for tag, rights, _ in entries if tag == _MASK), 0o7)
    return any(tag in (_USER, _GROUP) and rights & mask for tag, rights, _ in entries)


def _check_above(profile: Path) -> Iterator[Finding]:
    """Judge the folders above: who may look at the profile's name, and who may put another in its place."""
    above = [(folder, os.stat(folder)) for folder in profile.parents]
    if above and above[0][1].st_mode & (stat.S_IROTH | stat.S_IXOTH):
        yield Finding(
            code="at-rest/parent-readable",
            level="note",
            text="other users may look into the folder in which the profile lies: they see that there is one",
            hint="put it into a folder of the user's own, such as the platform's default",
        )
    if any(_may_be_replaced(found) for _, found in above):
        yield Finding(
            code="at-rest/parent-writable",
            level="medium",
            text="other users may write to a folder above the profile: they can put another in its place",
            hint="take the right away: chmod go-w, or move the profile",
        )
    temporary = Path(tempfile.gettempdir()).resolve()
    if temporary in profile.parents or any(found.st_mode & stat.S_ISVTX for _, found in above):
        yield Finding(
            code="at-rest/temporary-place",
            level="low",
            text="the profile lies in a temporary or shared folder, which the system may clear and everybody may list",
            hint="move it into the user's own data folder",
        )


def _may_be_replaced(folder: os.stat_result) -> bool:
    """Say whether others may rename what lies in a folder; in a sticky one only what is their own."""
    is_others = folder.st_uid not in (0, os.geteuid())
    return is_others or bool(folder.st_mode & _OTHERS_WRITE and not folder.st_mode & stat.S_ISVTX)
