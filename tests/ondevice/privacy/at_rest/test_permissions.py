"""Whatever lets others reach the profile is found: modes, owners, access lists, and the folders above."""

from __future__ import annotations

import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from ondevice.privacy.at_rest.permissions import check_permissions, named_rights
from ondevice.privacy.at_rest.profile_files import Entry, entries_of
from tests.ondevice.privacy.at_rest.conftest import Home


def levels(profile: Path, entries: tuple[Entry, ...]) -> dict[str, str]:
    found = check_permissions(profile, entries, lambda entry: entry.within)
    return {finding.code.removeprefix("at-rest/"): finding.level for finding in found}


@pytest.mark.parametrize(
    ("name", "mode", "code", "level"),
    [
        ("keys.json", 0o644, "file-mode", "medium"),
        ("epoch-1/profile.db", 0o640, "file-mode", "medium"),
        ("epoch-1/profile.commits", 0o602, "file-mode", "high"),
        ("epoch-1", 0o755, "folder-mode", "medium"),
        ("", 0o711, "folder-mode", "medium"),
        ("", 0o777, "folder-mode", "high"),
    ],
)
def test_a_loose_mode_is_found(home: Home, name: str, mode: int, code: str, level: str) -> None:
    (home.profile / name).chmod(mode)
    assert home.found()[code].level == level


def test_another_owner_is_found(home: Home) -> None:
    entries = entries_of(home.profile)
    assert "owner" not in levels(home.profile, entries)
    entries = (*entries[:-1], replace(entries[-1], uid=os.geteuid() + 1))
    assert levels(home.profile, entries)["owner"] == "high"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([(0x01, 6, 0), (0x04, 0, 0), (0x20, 0, 0)], False),
        ([(0x01, 6, 0), (0x02, 4, 1234), (0x04, 0, 0), (0x10, 4, 0), (0x20, 0, 0)], True),
        ([(0x01, 6, 0), (0x02, 4, 1234), (0x04, 0, 0), (0x10, 0, 0), (0x20, 0, 0)], False),
        ([(0x01, 6, 0), (0x08, 6, 100), (0x04, 0, 0), (0x10, 6, 0), (0x20, 0, 0)], True),
    ],
    ids=["nobody", "a user", "a user behind a mask", "a group"],
)
def test_an_access_list_is_read_with_its_mask(entries: list[tuple[int, int, int]], expected: bool) -> None:
    access_list = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    assert named_rights(access_list) is expected


def test_the_folders_above_are_judged(home: Home) -> None:
    above = home.profile.parent
    above.chmod(0o700)
    assert "parent-readable" not in levels(home.profile, entries_of(home.profile))
    above.chmod(0o755)
    assert levels(home.profile, entries_of(home.profile))["parent-readable"] == "note"
    above.chmod(0o777)
    assert levels(home.profile, entries_of(home.profile))["parent-writable"] == "medium"
    above.chmod(0o1777)
    found = levels(home.profile, entries_of(home.profile))
    assert found["temporary-place"] == "low"
    assert "parent-writable" not in found
