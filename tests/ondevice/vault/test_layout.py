from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.errors import StorageError
from ondevice.vault.files import temporary_beside
from ondevice.vault.layout import clear_leftovers, epoch_folder, free_epoch, remove_epoch, rename


def make_epoch(folder: Path) -> Path:
    (folder / "sealed").mkdir(parents=True)
    for name in ("profile.db", "profile.db-wal", "profile.commits", "sealed/cache-x.sealed"):
        (folder / name).touch()
    temporary_beside(folder / "sealed" / "cache-x.sealed").touch()
    return folder


def names_in(folder: Path) -> list[str]:
    return sorted(entry.relative_to(folder).as_posix() for entry in folder.rglob("*"))


def test_leftovers_are_what_interrupted_changes_make(tmp_path: Path) -> None:
    for name in ("epoch-1", "epoch-2", "epoch-3", "epoch-x", "notes"):
        make_epoch(tmp_path / name)
    make_epoch(temporary_beside(tmp_path / "epoch-3"))
    temporary_beside(tmp_path / "keys.json").touch()
    temporary_beside(tmp_path / "epoch-2" / "profile.commits").touch()
    foreign = temporary_beside(tmp_path / "thesis.odt")
    foreign.touch()
    (tmp_path / "keys.json").touch()
    clear_leftovers(tmp_path, epoch=2, replaced=1)
    found = sorted(entry.name for entry in tmp_path.iterdir())
    assert found == [foreign.name, "epoch-2", "epoch-3", "epoch-x", "keys.json", "notes"]
    assert [name for name in names_in(tmp_path / "epoch-2") if name.startswith(".")] == []


def test_files_and_links_called_like_epochs_stay(tmp_path: Path) -> None:
    elsewhere = make_epoch(tmp_path / "elsewhere")
    profile = tmp_path / "p"
    make_epoch(epoch_folder(profile, 3))
    (profile / "epoch-1").symlink_to(elsewhere)
    (profile / "epoch-2").write_text("a file")
    clear_leftovers(profile, epoch=3, replaced=1)
    assert sorted(entry.name for entry in profile.iterdir()) == ["epoch-1", "epoch-2", "epoch-3"]
    assert (elsewhere / "profile.db").exists()


def test_an_epoch_that_holds_something_else_keeps_it(tmp_path: Path) -> None:
    elsewhere = make_epoch(tmp_path / "elsewhere")
    epoch = make_epoch(tmp_path / "epoch-1")
    (epoch / "weights.bin").touch()
    (epoch / "sealed" / "photo.jpg").touch()
    (epoch / "sealed" / "link.sealed").symlink_to(elsewhere / "profile.db")
    remove_epoch(epoch)
    assert names_in(epoch) == ["sealed", "sealed/link.sealed", "sealed/photo.jpg", "weights.bin"]
    other = make_epoch(tmp_path / "epoch-2")
    remove_epoch(other / "sealed")
    (other / "sealed" / "cache-x.sealed").unlink(missing_ok=True)
    for entry in (other / "sealed").iterdir():
        entry.unlink()
    (other / "sealed").rmdir()
    (other / "sealed").symlink_to(elsewhere / "sealed")
    remove_epoch(other)
    assert (elsewhere / "sealed" / "cache-x.sealed").exists()


def test_the_next_epoch_takes_no_name_that_is_taken(tmp_path: Path) -> None:
    (tmp_path / "epoch-2").mkdir()
    (tmp_path / "epoch-3").touch()
    (tmp_path / "epoch-4").symlink_to("nowhere")
    assert free_epoch(tmp_path, 1) == 5


def test_rename_that_fails_is_translated(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot put b in its place: no such file"):
        rename(tmp_path / "a", tmp_path / "b")
