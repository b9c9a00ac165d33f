from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.errors import ProfileExistsError, StorageError
from ondevice.vault.layout import claim_folder, clear_leftovers, remove_tree, rename, temporary_beside


def test_leftovers_are_what_interrupted_changes_make(tmp_path: Path) -> None:
    for name in ("epoch-1", "epoch-2", "epoch-x", "notes"):
        (tmp_path / name).mkdir()
    temporary_beside(tmp_path / "keys.json").touch()
    (tmp_path / "keys.json").touch()
    assert clear_leftovers(tmp_path, epoch=2) == 2
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["epoch-2", "epoch-x", "keys.json", "notes"]


def test_claimed_folder_is_private(tmp_path: Path) -> None:
    claim_folder(tmp_path / "new" / "p")
    assert (tmp_path / "new" / "p").stat().st_mode & 0o777 == 0o700


def test_foreign_folder_is_not_claimed(tmp_path: Path) -> None:
    (tmp_path / "other.txt").touch()
    with pytest.raises(ProfileExistsError):
        claim_folder(tmp_path)


def test_rename_that_fails_is_translated(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot put b in its place: no such file"):
        rename(tmp_path / "a", tmp_path / "b")


def test_removing_what_is_gone_is_nothing(tmp_path: Path) -> None:
    remove_tree(tmp_path / "gone")
    assert list(tmp_path.iterdir()) == []
