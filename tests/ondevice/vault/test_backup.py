from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.errors import (
    CorruptError,
    LockedError,
    NotFoundError,
    ProfileExistsError,
    StorageError,
    VersionError,
)
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault

Unit = Callable[[int], NDArray[np.float32]]
Notes = Callable[[int], list[Draft]]


@pytest.fixture
def filled(vault: Vault, notes: Notes, unit: Unit) -> Vault:
    vault.items.put_many(notes(10), vectors={"e": unit(10)})
    vault.sealed.write("adapter-a", b"weights" * 1000, version=3)
    return vault


def test_backup_opens_as_a_profile(filled: Vault, tmp_path: Path, app_key: AppKey) -> None:
    report = filled.backup(tmp_path / "copies" / "one")
    assert report.n_files == 4
    files = [file for file in report.path.rglob("*") if file.is_file()]
    assert report.n_bytes == sum(file.stat().st_size for file in files)
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    with Vault.open(report.path, app_key) as copy:
        assert [item.text for item in copy.items.list()] == [item.text for item in filled.items.list()]
        assert copy.sealed.read("adapter-a", version=3) == b"weights" * 1000
        assert copy.check() == []


def test_restore_brings_everything_back(filled: Vault, tmp_path: Path, app_key: AppKey) -> None:
    filled.backup(tmp_path / "b")
    filled.forget([item.id for item in filled.items.list(limit=3)])
    Vault.restore(tmp_path / "b", tmp_path / "r", app_key)
    with Vault.open(tmp_path / "r", app_key) as restored:
        assert restored.items.count() == 10
        assert restored.vectors.count("e") == 10
        assert [event.kind for event in restored.events.list()][-1] == "restored"
        assert restored.check() == []


def test_backup_while_others_write_is_whole(filled: Vault, tmp_path: Path, app_key: AppKey) -> None:
    done = threading.Event()

    def write() -> None:
        n = 0
        while not done.is_set():
            filled.items.put_many([Draft(text=f"pair {n} a"), Draft(text=f"pair {n} b")])
            n += 1

    writer = threading.Thread(target=write)
    writer.start()
    for n in range(3):
        filled.backup(tmp_path / f"b{n}")
    done.set()
    writer.join()
    for n in range(3):
        with Vault.open(tmp_path / f"b{n}", app_key) as copy:
            assert copy.items.count() % 2 == 0
            assert copy.check() == []


def test_wrong_secret_restores_nothing(filled: Vault, tmp_path: Path) -> None:
    filled.backup(tmp_path / "b")
    with pytest.raises(LockedError):
        Vault.restore(tmp_path / "b", tmp_path / "r", AppKey(b"\x08" * 32))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["b", "me.profile"]


@pytest.mark.parametrize("part", ["keys.json", "epoch-1/profile.db", "epoch-1/sealed/adapter-a.sealed"])
def test_damaged_backup_restores_nothing(filled: Vault, tmp_path: Path, app_key: AppKey, part: str) -> None:
    filled.backup(tmp_path / "b")
    file = tmp_path / "b" / part
    data = bytearray(file.read_bytes())
    data[len(data) * 3 // 4] ^= 1
    file.write_bytes(data)
    with pytest.raises((CorruptError, LockedError)):
        Vault.restore(tmp_path / "b", tmp_path / "r", app_key)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["b", "me.profile"]


def test_incomplete_backup_restores_nothing(filled: Vault, tmp_path: Path, app_key: AppKey) -> None:
    filled.backup(tmp_path / "b")
    (tmp_path / "b" / "epoch-1" / "profile.db").unlink()
    with pytest.raises(CorruptError, match="lost its database"):
        Vault.restore(tmp_path / "b", tmp_path / "r", app_key)
    with pytest.raises(NotFoundError):
        Vault.restore(tmp_path / "nothing", tmp_path / "r", app_key)
    assert not (tmp_path / "r").exists()


def test_newer_backup_is_a_version_error(filled: Vault, tmp_path: Path, app_key: AppKey) -> None:
    with filled.database.writing() as connection:
        connection.execute("PRAGMA user_version = 99")
    filled.backup(tmp_path / "b")
    with pytest.raises(VersionError):
        Vault.restore(tmp_path / "b", tmp_path / "r", app_key)
    assert not (tmp_path / "r").exists()


def test_nothing_is_overwritten(filled: Vault, tmp_path: Path, app_key: AppKey) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(ProfileExistsError):
        filled.backup(tmp_path / "taken")
    filled.backup(tmp_path / "b")
    with pytest.raises(ProfileExistsError):
        Vault.restore(tmp_path / "b", tmp_path / "taken", app_key)
    with pytest.raises(ValueError, match="inside the profile"):
        filled.backup(filled.path / "b")


def test_restore_does_not_write_to_the_backup(filled: Vault, tmp_path: Path, app_key: AppKey) -> None:
    filled.backup(tmp_path / "b")
    before = {file: file.stat().st_mtime_ns for file in sorted((tmp_path / "b").rglob("*"))}
    Vault.restore(tmp_path / "b", tmp_path / "r", app_key)
    assert {file: file.stat().st_mtime_ns for file in sorted((tmp_path / "b").rglob("*"))} == before


def test_a_backup_that_is_refused_is_not_there(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the copy is whole and only the event log cannot be written any more."""

    def refuse(*_: object, **__: object) -> None:
        raise StorageError("made up")

    monkeypatch.setattr(vault.events, "append", refuse)
    with pytest.raises(StorageError, match="made up"):
        vault.backup(tmp_path / "copies" / "one")
    assert not (tmp_path / "copies").exists()
