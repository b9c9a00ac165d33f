"""What something else put into a profile is neither followed, nor played back, nor removed."""

from __future__ import annotations

import os
import shutil
import stat
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from ondevice.errors import CorruptError, ProfileExistsError
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault
from ondevice.vault.drafts import MARK_FILE, draft_of

JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
PAGE_BYTES = 4096


@pytest.fixture
def closed(vault: Vault) -> Path:
    """A profile with three items and an adapter, closed."""
    vault.items.put_many([Draft(text=f"item {i} about roses", id=f"id{i}") for i in range(3)])
    vault.derived.put("adapter", "mine", b"weights", item_ids=["id1"])
    vault.close()
    return vault.path


def tree(folder: Path) -> dict[str, tuple[int, bytes | str]]:
    def content(path: Path) -> bytes | str:
        if path.is_symlink():
            return os.readlink(path)
        return path.read_bytes() if path.is_file() else "no file"

    return {str(path): (path.lstat().st_mode, content(path)) for path in [folder, *sorted(folder.rglob("*"))]}


def header(n_pages: int) -> bytes:
    """A rollback journal's, of a database that had so many pages; it holds no page to put back."""
    return (JOURNAL_MAGIC + struct.pack(">5I", 0, 12345, n_pages, 512, PAGE_BYTES)).ljust(512, b"\0")


def naming(victim: Path) -> bytes:
    """A journal that says it is part of a group: SQLite then removes the file that it names."""
    name = str(victim).encode()
    check = sum(name) & 0xFFFFFFFF
    end = struct.pack(">I", 2**30 // PAGE_BYTES + 1) + name + struct.pack(">2I", len(name), check) + JOURNAL_MAGIC
    return header(50) + end


JOURNALS: dict[str, Callable[[Path, Path], object]] = {
    "one that cuts the database": lambda place, victim: place.write_bytes(header(3).ljust(1024, b"\0")),
    "one that names another file": lambda place, victim: place.write_bytes(naming(victim)),
    "one without a beginning": lambda place, victim: place.write_bytes(b"nonsense" * 200),
    "an empty one": lambda place, victim: place.touch(),
    "a pipe": lambda place, victim: os.mkfifo(place),
    "a link": lambda place, victim: place.symlink_to(victim),
    "a link to nowhere": lambda place, victim: place.symlink_to(victim.with_name("nowhere")),
    "a folder": lambda place, victim: place.mkdir(),
}


@pytest.mark.parametrize("lay", JOURNALS.values(), ids=JOURNALS)
def test_a_journal_that_we_never_write_is_not_played_back(
    lay: Callable[[Path, Path], object], closed: Path, app_key: AppKey, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("somebody's file, outside the profile")
    lay(closed / "epoch-1" / "profile.db-journal", victim)
    before = tree(tmp_path)
    for accept_loss in (False, True):
        with pytest.raises(CorruptError, match="journal"):
            Vault.open(closed, app_key, accept_loss=accept_loss)
    with pytest.raises(CorruptError, match="journal"):
        Vault.restore(closed, tmp_path / "restored", app_key)
    assert tree(tmp_path) == before
    if not stat.S_ISDIR((closed / "epoch-1" / "profile.db-journal").lstat().st_mode):
        (closed / "epoch-1" / "profile.db-journal").unlink()
        with Vault.open(closed, app_key) as again:
            assert (again.items.count(), again.check()) == (3, [])


def test_a_backup_with_a_journal_is_not_restored(vault: Vault, app_key: AppKey, tmp_path: Path) -> None:
    vault.backup(tmp_path / "backup")
    journal = tmp_path / "backup" / "epoch-1" / "profile.db-journal"
    journal.write_bytes(header(3).ljust(1024, b"\0"))
    with pytest.raises(CorruptError, match="journal"):
        Vault.restore(tmp_path / "backup", tmp_path / "restored", app_key)
    assert journal.exists()
    assert not (tmp_path / "restored").exists()


@pytest.mark.parametrize("part", ["epoch-1", "epoch-1/sealed"])
def test_a_folder_of_ours_that_is_a_link_is_not_followed(
    part: str, closed: Path, app_key: AppKey, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign"
    shutil.copytree(closed / part, foreign)
    foreign.chmod(0o755)
    (foreign / "index-notes.sealed").write_text("mine")
    (foreign / ".index-x.sealed.0123456789abcdef.tmp").write_text("mine")
    (foreign / ".profile.db.0123456789abcdef.tmp").write_text("mine")
    shutil.rmtree(closed / part)
    (closed / part).symlink_to(foreign)
    before = tree(tmp_path)
    for accept_loss in (False, True):
        with pytest.raises(CorruptError):
            Vault.open(closed, app_key, accept_loss=accept_loss)
    with pytest.raises(CorruptError):
        Vault.restore(closed, tmp_path / "restored", app_key)
    assert tree(tmp_path) == before


def test_a_folder_that_becomes_a_link_while_the_profile_is_open_is_not_copied(vault: Vault, tmp_path: Path) -> None:
    vault.sealed.write("adapter-a", b"weights", version=1)
    sealed = vault.path / "epoch-1" / "sealed"
    sealed.rename(tmp_path / "foreign")
    sealed.symlink_to(tmp_path / "foreign")
    before = tree(tmp_path / "foreign")
    with pytest.raises(CorruptError):
        vault.backup(tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
    assert tree(tmp_path / "foreign") == before


def test_a_profile_whose_key_file_was_renamed_is_no_beginning_of_one(
    closed: Path, app_key: AppKey, tmp_path: Path
) -> None:
    (closed / "keys.json").rename(closed / "keys.json.new")
    before = tree(tmp_path)
    for make in (Vault.create, Vault.open_or_create):
        with pytest.raises(ProfileExistsError):
            make(closed, app_key)
    assert tree(tmp_path) == before
    (closed / "keys.json.new").rename(closed / "keys.json")
    with Vault.open(closed, app_key) as again:
        assert (again.items.count(), again.derived.read("adapter", "mine"), again.check()) == (3, b"weights", [])


def test_a_profile_that_was_used_without_a_blob_is_no_beginning_either(vault: Vault, app_key: AppKey) -> None:
    vault.items.put_many([Draft(text="the only one")])
    vault.close()
    (vault.path / "keys.json").rename(vault.path / "keys.json.new")
    with pytest.raises(ProfileExistsError):
        Vault.open_or_create(vault.path, app_key)
    (vault.path / "keys.json.new").rename(vault.path / "keys.json")
    with Vault.open(vault.path, app_key) as again:
        assert again.items.count() == 1


@pytest.mark.parametrize("is_filled", [False, True], ids=["empty", "filled"])
@pytest.mark.parametrize("blob", ["index-x", "cache-x", "adapter-x", "adapter-0123456789abcdef"])
def test_a_folder_in_a_blobs_place_stops_nothing_and_stays(
    blob: str, is_filled: bool, closed: Path, app_key: AppKey
) -> None:
    folder = closed / "epoch-1" / "sealed" / f"{blob}.sealed"
    folder.mkdir()
    if is_filled:
        (folder / "theirs").write_text("x")
    before = tree(folder)
    for n in range(2):
        with Vault.open(closed, app_key) as vault:
            assert f"sealed blob {blob}: it is a folder" in [str(flaw) for flaw in vault.check()]
            assert vault.forget([f"id{n}"]).verified
    with Vault.open(closed, app_key) as vault:
        vault.rekey(app_key)
        assert vault.items.count() == 1
        assert [flaw.part for flaw in vault.check()] == ["epoch-1"]  # the folder in it is not ours to remove
    Vault.open(closed, app_key).close()
    assert tree(folder) == before


def test_only_the_epoch_that_was_replaced_is_removed(closed: Path, app_key: AppKey, tmp_path: Path) -> None:
    """An older copy was laid over the profile, its keys.json too: what came later is in the later epoch alone."""
    shutil.copytree(closed, tmp_path / "older")
    with Vault.open(closed, app_key) as vault:
        vault.rekey(app_key)
        vault.items.put_many([Draft(text="newer", id="newer")])
    newer = (closed / "keys.json").read_bytes()
    shutil.copytree(tmp_path / "older", closed, dirs_exist_ok=True)
    before = tree(closed / "epoch-2")
    for epoch in (3, 4):
        with Vault.open(closed, app_key) as vault:
            vault.rekey(app_key)
            assert (vault.epoch, vault.items.count()) == (epoch, 3)
        Vault.open(closed, app_key).close()
        assert tree(closed / "epoch-2") == before
        assert sorted(path.name for path in closed.glob("epoch-*")) == ["epoch-2", f"epoch-{epoch}"]
    (closed / "keys.json").write_bytes(newer)
    with Vault.open(closed, app_key) as vault:
        assert (vault.epoch, vault.items.get("newer").text) == (2, "newer")
        assert [flaw.part for flaw in vault.check()] == ["epoch-4"]


def test_the_mark_of_a_copy_goes_with_the_profile(vault: Vault, app_key: AppKey, tmp_path: Path) -> None:
    """A kill can leave it in a copy that is whole; there it does no harm."""
    vault.backup(tmp_path / "backup")
    with draft_of(tmp_path / "other") as draft:
        (tmp_path / "backup" / MARK_FILE).write_bytes((draft / MARK_FILE).read_bytes())
        draft.rename(tmp_path / "other")
    with Vault.open(tmp_path / "backup", app_key) as copy:
        assert copy.check() == []
    Vault.destroy(tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_a_file_of_that_name_which_is_no_mark_stays(vault: Vault) -> None:
    vault.close()
    (vault.path / MARK_FILE).write_text("of my novel")
    Vault.destroy(vault.path)
    assert [path.name for path in vault.path.iterdir()] == [MARK_FILE]
