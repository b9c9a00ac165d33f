"""An audit reads the profile, changes nothing of it, and tries everything on copies that nobody else can open."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ondevice.bundle.model_set import ModelSet
from ondevice.errors import LockedError, NotFoundError, ProfileBusyError
from ondevice.privacy.subject import Copy, subject_of
from ondevice.records import Draft
from ondevice.vault.secrets import AppKey
from ondevice.vault.vault import Vault

KEY = AppKey(b"k" * 32)


def state_of(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Return every file's bytes, mode and time of change."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Return a closed profile with three items."""
    with Vault.create(tmp_path / "me.profile", KEY) as vault:
        vault.items.put_many([Draft(text=f"note {number}") for number in range(3)])
    return tmp_path / "me.profile"


def test_the_profile_stays_as_it_is_while_copies_change(profile: Path) -> None:
    before = state_of(profile)
    with subject_of(profile, KEY, ModelSet()) as subject:
        for _ in range(2):
            with subject.copied() as copy, copy.open() as vault:
                assert vault.items.count() == 3
                vault.items.put_many([Draft(text="only here")])
    assert state_of(profile) == before


def test_a_copy_opens_with_its_own_key_alone_and_goes(profile: Path) -> None:
    with subject_of(profile, KEY, ModelSet()) as subject:
        with subject.copied() as copy:
            with pytest.raises(LockedError):
                Vault.open(copy.path, KEY)
            copy.open().close()
        assert not copy.path.exists()
    assert not subject.scratch.exists()


def test_a_copy_has_what_its_log_holds(profile: Path) -> None:
    vault = Vault.open(profile, KEY)
    vault.items.put_many([Draft(text="written a moment ago")])
    with pytest.raises(ProfileBusyError), subject_of(profile, KEY, ModelSet()):
        pass
    vault.close()
    with subject_of(profile, KEY, ModelSet()) as subject, subject.copied() as copy, copy.open() as copied:
        assert copied.items.count() == 4


def test_no_link_is_followed(profile: Path, tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    (tmp_path / "diary.txt").chmod(0o644)
    (profile / "epoch-1" / "profile.db-journal").symlink_to(tmp_path / "diary.txt")
    with subject_of(profile, KEY, ModelSet()) as subject, subject.copied() as copy:
        assert not os.path.lexists(copy.path / "epoch-1" / "profile.db-journal")
    assert stat.S_IMODE((tmp_path / "diary.txt").stat().st_mode) == 0o644


def test_foreign_files_stay_behind(profile: Path) -> None:
    """A drill would meet them, and tell their names."""
    (profile / "epoch-1" / "sealed").mkdir(mode=0o700, exist_ok=True)
    for place in ("epoch-1/diary.log", "epoch-1/sealed/diary.log", "epoch-1/more/diary.log"):
        (profile / place).parent.mkdir(exist_ok=True)
        (profile / place).write_text("mine")
    with subject_of(profile, KEY, ModelSet()) as subject, subject.copied() as copy:
        assert not [path for path in copy.path.rglob("*") if "diary" in path.name or path.name == "more"]
        copy.open().close()


def test_a_wrong_secret_and_no_profile_are_told(profile: Path, tmp_path: Path) -> None:
    with pytest.raises(LockedError), subject_of(profile, AppKey(b"x" * 32), ModelSet()):
        pass
    with pytest.raises(NotFoundError), subject_of(tmp_path / "none", KEY, ModelSet()):
        pass


def test_a_copy_shows_no_key(profile: Path) -> None:
    assert "kkkk" not in repr(Copy(profile, b"k" * 32))
