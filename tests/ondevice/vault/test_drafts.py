"""Copies that were begun and never finished: cleared by the next one to that place, unless somebody is at work."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ondevice.errors import ProfileExistsError
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault
from ondevice.vault.drafts import MARK_FILE, clear_abandoned, draft_of
from ondevice.vault.files import temporary_beside


class Killed(BaseException):
    """Stands for the end of the process: nothing is cleared up."""


@pytest.fixture
def abandoned(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a backup leaves that is killed just before it gets its name."""
    vault.items.put_many([Draft(text="secret", id="a")])

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("ondevice.vault.backup.rename", die)
        patched.setattr("ondevice.vault.drafts._remove", lambda draft: False)
        with pytest.raises(Killed):
            vault.backup(tmp_path / "copies" / "bak")
    (draft,) = (tmp_path / "copies").iterdir()
    assert (draft / "epoch-1" / "profile.db").exists()
    return draft


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_next_backup_to_that_place_clears_it(vault: Vault, abandoned: Path) -> None:
    vault.backup(abandoned.parent / "bak")
    assert names(abandoned.parent) == ["bak"]
    assert names(abandoned.parent / "bak") == ["epoch-1", "keys.json"]


def test_the_next_restore_to_that_place_clears_it(vault: Vault, abandoned: Path, app_key: AppKey) -> None:
    vault.backup(abandoned.parent / "other")
    Vault.restore(abandoned.parent / "other", abandoned.parent / "bak", app_key)
    assert names(abandoned.parent) == ["bak", "other"]


def test_a_backup_elsewhere_leaves_it(vault: Vault, abandoned: Path) -> None:
    vault.backup(abandoned.parent / "other")
    assert names(abandoned.parent) == sorted([abandoned.name, "other"])


def test_one_that_is_being_made_stays(tmp_path: Path) -> None:
    with draft_of(tmp_path / "bak") as draft:
        assert clear_abandoned(tmp_path / "bak") == 0
        assert (draft / MARK_FILE).exists()
        draft.rename(tmp_path / "bak")
    assert names(tmp_path) == ["bak"]


def test_what_is_not_shown_to_be_a_draft_stays(vault: Vault, tmp_path: Path, app_key: AppKey) -> None:
    to = tmp_path / "copies" / "bak"
    to.parent.mkdir()
    profile = temporary_beside(to)
    Vault.create(profile, app_key).close()
    photos = temporary_beside(to)
    photos.mkdir()
    (photos / MARK_FILE).write_text("a rough draft of my novel")
    link = temporary_beside(to)
    link.symlink_to(tmp_path)
    vault.backup(to)
    assert names(to.parent) == sorted(["bak", profile.name, photos.name, link.name])
    assert (photos / MARK_FILE).read_text() == "a rough draft of my novel"
    Vault.open(profile, app_key).close()


def test_a_draft_that_holds_something_else_keeps_it(vault: Vault, abandoned: Path) -> None:
    (abandoned / "holiday.jpg").touch()
    vault.backup(abandoned.parent / "bak")
    assert names(abandoned) == ["holiday.jpg"]


def test_a_failing_copy_leaves_neither_draft_nor_folders(vault: Vault, tmp_path: Path) -> None:
    os.mkfifo(vault.path / "epoch-1" / "sealed" / "adapter-1.sealed")
    with pytest.raises(Exception, match="not a regular file"):
        vault.backup(tmp_path / "new" / "deeper" / "bak")
    assert not (tmp_path / "new").exists()
    (tmp_path / "there").mkdir()
    with pytest.raises(ProfileExistsError):
        vault.backup(tmp_path / "there")
