from __future__ import annotations

import os
from pathlib import Path

import pytest

from ondevice.errors import CorruptError, NotFoundError, ProfileBusyError
from ondevice.records import Draft
from ondevice.vault import Vault


def test_nothing_is_left(vault: Vault, profile_path: Path) -> None:
    vault.items.put_many([Draft(text="x")])
    vault.sealed.write("cache-x", b"x", version=1)
    vault.close()
    Vault.destroy(profile_path)
    assert not profile_path.exists()
    with pytest.raises(NotFoundError):
        Vault.destroy(profile_path)


def test_open_profile_is_busy(vault: Vault, profile_path: Path) -> None:
    with pytest.raises(ProfileBusyError):
        Vault.destroy(profile_path)
    assert vault.check() == []


def test_slots_are_overwritten_before_anything_goes(vault: Vault, profile_path: Path) -> None:
    """Whoever has the file open still sees what became of its bytes."""
    vault.close()
    with (profile_path / "keys.json").open("rb") as file:
        Vault.destroy(profile_path)
        assert set(file.read()) == {0}


def test_another_name_of_the_key_file_keeps_its_bytes(vault: Vault, profile_path: Path) -> None:
    """A backup program may have made a hard link, and that file is not the profile's."""
    vault.close()
    before = (profile_path / "keys.json").read_bytes()
    os.link(profile_path / "keys.json", profile_path.parent / "same")
    Vault.destroy(profile_path)
    assert not profile_path.exists()
    assert (profile_path.parent / "same").read_bytes() == before


def test_foreign_files_stay(vault: Vault, profile_path: Path) -> None:
    vault.close()
    (profile_path / "holiday.jpg").write_text("x")
    Vault.destroy(profile_path)
    assert [entry.name for entry in profile_path.iterdir()] == ["holiday.jpg"]


def test_what_is_not_shown_to_be_a_profile_is_not_destroyed(vault: Vault, profile_path: Path, tmp_path: Path) -> None:
    vault.close()
    keys = profile_path / "keys.json"
    good = keys.read_bytes()
    victim = tmp_path / "victim"
    victim.write_bytes(good)
    for change in (lambda: keys.write_text("nonsense"), lambda: keys.symlink_to(victim), lambda: os.mkfifo(keys)):
        keys.unlink(missing_ok=True)
        change()
        with pytest.raises(CorruptError, match="nothing shows"):
            Vault.destroy(profile_path)
        assert (profile_path / "epoch-1" / "profile.db").exists()
    assert victim.read_bytes() == good
