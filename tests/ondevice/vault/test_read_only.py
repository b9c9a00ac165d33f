"""A profile on a medium that cannot be written is read, and says so where it should be changed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ondevice.errors import ProfileBusyError, StorageError
from ondevice.records import Draft, Filter
from ondevice.vault import AppKey, Vault, export_items

NOBODY = 65534


@contextmanager
def as_one_who_may_not_write() -> Iterator[None]:
    """Root may write everywhere; anyone else is stopped by the modes."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.fixture
def sealed_off(vault: Vault) -> Iterator[Path]:
    """The folder that a closed profile was copied to, without the right to write anything in it."""
    vault.items.put_many([Draft(text="read me", id="a")])
    vault.sealed.write("cache-x", b"cached", version=1)
    vault.close()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield lock_up(vault.path, Path(folder) / "medium")
        if os.geteuid():
            for path in Path(folder).rglob("*"):
                os.chmod(path, 0o700)


def lock_up(profile: Path, place: Path) -> Path:
    shutil.copytree(profile, place)
    for path in (place, *place.rglob("*")):
        os.chmod(path, 0o555 if path.is_dir() else 0o444)
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
    return place


def test_it_is_read_and_checked_and_exported(sealed_off: Path, app_key: AppKey, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sealed_off.rglob("*")}
    with as_one_who_may_not_write(), Vault.open(sealed_off, app_key) as vault:
        assert vault.is_read_only
        assert vault.items.get("a").text == "read me"
        assert len(vault.lexical.match(["read"], filter=None, limit=3)) == 1
        assert vault.sealed.read("cache-x", version=1) == b"cached"
        assert vault.check() == []
        with Vault.open(sealed_off, app_key) as second:
            assert second.items.count() == 1
    assert {path: path.stat().st_mtime_ns for path in sealed_off.rglob("*")} == before


def test_an_export_from_it_is_made_and_not_logged(sealed_off: Path, app_key: AppKey) -> None:
    with tempfile.TemporaryDirectory() as out:
        os.chmod(out, 0o777)
        with as_one_who_may_not_write(), Vault.open(sealed_off, app_key) as vault:
            n_events = vault.events.count()
            assert export_items(vault, Path(out) / "items.jsonl") == 1
            assert vault.events.count() == n_events


def test_a_backup_of_it_opens(sealed_off: Path, app_key: AppKey) -> None:
    with tempfile.TemporaryDirectory() as out:
        os.chmod(out, 0o777)
        with as_one_who_may_not_write():
            with Vault.open(sealed_off, app_key) as vault:
                vault.backup(Path(out) / "backup")
            with Vault.open(Path(out) / "backup", app_key) as copy:
                assert copy.items.count() == 1
                assert not copy.is_read_only


def test_what_earlier_releases_kept_stays_and_does_not_hinder(vault: Vault, app_key: AppKey) -> None:
    vault.items.put_many([Draft(text="read me", id="a")])
    vault.derived.put("refinement", "queries", b"ODQM", item_ids=["a"])
    vault.settings.set("refinement/in-use", True)
    vault.close()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        place = lock_up(vault.path, Path(folder) / "medium")
        with as_one_who_may_not_write(), Vault.open(place, app_key) as locked_up:
            assert (locked_up.is_read_only, locked_up.check(), locked_up.items.count()) == (True, [], 1)
            assert len(locked_up.sealed.names()) == 1
        for path in place.rglob("*"):
            os.chmod(path, 0o700)


CHANGES: dict[str, Callable[[Vault], object]] = {
    "add": lambda vault: vault.items.put_many([Draft(text="new")]),
    "update": lambda vault: vault.items.update("a", text="other"),
    "forget": lambda vault: vault.forget(Filter(kinds=("note",))),
    "setting": lambda vault: vault.settings.set("a", 1),
    "blob": lambda vault: vault.sealed.write("cache-y", b"y", version=1),
    "slot": lambda vault: vault.add_slot(AppKey(b"2" * 32)),
    "rekey": lambda vault: vault.rekey(AppKey(b"2" * 32)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_refused(sealed_off: Path, app_key: AppKey, change: Callable[[Vault], object]) -> None:
    with as_one_who_may_not_write(), Vault.open(sealed_off, app_key) as vault:
        with pytest.raises(StorageError):
            change(vault)
        assert (vault.items.get("a").text, vault.epoch) == ("read me", 1)


def test_a_log_without_its_index_cannot_be_read_there_and_says_what_to_do(
    vault: Vault, app_key: AppKey, tmp_path: Path
) -> None:
    vault.items.put_many([Draft(text="in the log")])
    shutil.copytree(vault.path, tmp_path / "copy")
    (tmp_path / "copy" / "epoch-1" / "profile.db-shm").unlink()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        place = lock_up(tmp_path / "copy", Path(folder) / "medium")
        with as_one_who_may_not_write(), pytest.raises(StorageError, match="log") as caught:
            Vault.open(place, app_key)
        assert "copy" in str(caught.value.hint)
        for path in place.rglob("*"):
            os.chmod(path, 0o700)


def test_writers_and_readers_keep_each_other_out(sealed_off: Path, app_key: AppKey) -> None:
    with as_one_who_may_not_write():
        reader = Vault.open(sealed_off, app_key)
    os.chmod(sealed_off, 0o755)
    with reader, pytest.raises(ProfileBusyError):
        Vault.open(sealed_off, app_key)
