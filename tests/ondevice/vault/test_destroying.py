from __future__ import annotations

import os
from pathlib import Path

import pytest

from ondevice.errors import NotFoundError, ProfileBusyError
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault


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


def test_slots_are_overwritten_before_anything_goes(
    vault: Vault, profile_path: Path, app_key: AppKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another name for the same file sees what became of its bytes."""
    vault.close()
    os.link(profile_path / "keys.json", profile_path.parent / "same")
    Vault.destroy(profile_path)
    assert set((profile_path.parent / "same").read_bytes()) == {0}


def test_foreign_files_stay(vault: Vault, profile_path: Path) -> None:
    vault.close()
    (profile_path / "holiday.jpg").write_text("x")
    Vault.destroy(profile_path)
    assert [entry.name for entry in profile_path.iterdir()] == ["holiday.jpg"]


def test_damaged_key_file_can_be_destroyed(vault: Vault, profile_path: Path) -> None:
    vault.close()
    (profile_path / "keys.json").write_text("nonsense")
    Vault.destroy(profile_path)
    assert not profile_path.exists()
