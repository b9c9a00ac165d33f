from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.errors import CorruptError, LockedError, StorageError
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault, verify_receipt

Unit = Callable[[int], NDArray[np.float32]]
Notes = Callable[[int], list[Draft]]
NEW = AppKey(b"\x09" * 32)


@pytest.fixture
def filled(vault: Vault, notes: Notes, unit: Unit) -> Vault:
    vault.items.put_many(notes(12), vectors={"e": unit(12)})
    vault.items.put_many([Draft(text="changing", id="u", metadata={"a": 1})])
    vault.items.update("u", text="changed")
    vault.settings.set("choice", [1, 2])
    vault.sealed.write("adapter-a", b"weights" * 30_000, version=7)
    vault.lineage.record("adapter", "a", ["u"], sealed_name="adapter-a")
    return vault


def state(vault: Vault) -> list[object]:
    rows, matrix, revision = vault.vectors.load("e")
    return [
        list(vault.items.iterate()),
        vault.items.history("u"),
        vault.lexical.match(["note"], filter=None, limit=50),
        (rows.tolist(), matrix.tobytes(), revision),
        vault.settings.get("choice"),
        vault.sealed.read("adapter-a", version=7),
        vault.lineage.list(),
        vault.schema_version,
        vault.profile_id,
        vault.receipt_key,
    ]


def test_everything_is_there_under_the_new_key_only(filled: Vault, profile_path: Path, app_key: AppKey) -> None:
    before, old_bytes = state(filled), filled.database.path.read_bytes()
    told: list[tuple[int, int]] = []
    filled.rekey([NEW], on_progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2), (2, 2)]
    assert state(filled) == before
    assert filled.epoch == 2
    assert filled.check() == []
    assert not (profile_path / "epoch-1").exists()
    filled.items.put_many([Draft(text="after")])
    filled.sealed.write("adapter-b", b"new", version=1)
    filled.close()
    with pytest.raises(LockedError):
        Vault.open(profile_path, app_key)
    with Vault.open(profile_path, NEW) as vault:
        assert vault.items.count() == 14
        assert vault.sealed.read("adapter-b", version=1) == b"new"
        assert [event.kind for event in vault.events.list()] == ["created", "rekeyed"]
        assert vault.database.path.read_bytes()[:16] != old_bytes[:16]


def test_duplicates_and_receipts_outlive_the_key(filled: Vault, notes: Notes) -> None:
    receipt = filled.forget(["u"])
    filled.rekey(NEW)
    assert all(filled.items.is_known(notes(12)))
    assert verify_receipt(receipt, public_key=filled.receipt_key)


def test_secure_deletion_outlives_the_key(filled: Vault, decrypted: Callable[[Vault], bytes]) -> None:
    filled.items.put_many([Draft(text="xylophonist marmalade", id="c")])
    filled.rekey(NEW)
    assert filled.forget(["c"]).verified
    assert b"marmalad" not in decrypted(filled)


def test_damaged_blob_stops_it(filled: Vault, profile_path: Path, app_key: AppKey) -> None:
    blob = profile_path / "epoch-1" / "sealed" / "adapter-a.sealed"
    data = bytearray(blob.read_bytes())
    data[100] ^= 1
    blob.write_bytes(data)
    with pytest.raises(CorruptError):
        filled.rekey(NEW)
    assert filled.epoch == 1
    assert sorted(entry.name for entry in profile_path.glob("epoch-*")) == ["epoch-1"]
    filled.items.put_many([Draft(text="still writable")])
    filled.close()
    Vault.open(profile_path, app_key).close()


def test_failing_key_file_stops_it(filled: Vault, profile_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise StorageError("cannot write")

    monkeypatch.setattr("ondevice.vault.keyfile.write_atomic", refuse)
    with pytest.raises(StorageError, match="cannot write"):
        filled.rekey(NEW)
    assert filled.epoch == 1
    assert sorted(entry.name for entry in profile_path.glob("epoch-*")) == ["epoch-1"]
    assert filled.items.count() == 13


def test_flush_that_fails_after_the_rename_does_not_undo_it(
    filled: Vault, profile_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new keys.json is on the disk then; removing its epoch would destroy the profile."""
    from ondevice.vault import files

    def refuse(folder: Path) -> None:
        if folder == profile_path and b'"epoch": 2' in (profile_path / "keys.json").read_bytes():
            raise StorageError("cannot flush")

    before = state(filled)
    with monkeypatch.context() as patched:
        patched.setattr(files, "fsync_dir", refuse)
        filled.rekey(NEW)
    assert filled.epoch == 2
    assert state(filled) == before


def test_no_secret_is_misuse(filled: Vault) -> None:
    with pytest.raises(ValueError, match="1 to"):
        filled.rekey([])
    assert filled.epoch == 1


def test_readers_wait_and_none_fails(vault: Vault, app_key: AppKey, notes: Notes) -> None:
    vault.items.put_many(notes(300))
    over = threading.Event()
    seen: list[int] = []
    failures: list[BaseException] = []

    def read() -> None:
        while not over.is_set():
            try:
                seen.append(len(vault.lexical.match(["note"], filter=None, limit=5)) and vault.items.count())
            except BaseException as error:
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for _ in range(6):
        vault.rekey(app_key)
    over.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert set(seen) <= {0, 300}


def test_a_full_disk_says_so_and_leaves_the_old_epoch(
    vault: Vault, app_key: AppKey, notes: Notes, file_limit: Callable[[int], AbstractContextManager[None]]
) -> None:
    vault.items.put_many(notes(300))
    vault.sealed.write("adapter-x", bytes(3_000_000), version=1)
    for limit in (20_000, 1_000_000):
        with file_limit(limit), pytest.raises(StorageError, match=r"disk refused|disk is full|file too large"):
            vault.rekey(app_key)
    assert [path.name for path in vault.path.glob("*epoch-*")] == ["epoch-1"]
    assert (vault.epoch, vault.items.count(), vault.check()) == (1, 300, [])
    vault.rekey(app_key)
    assert vault.epoch == 2


def test_a_new_key_that_could_not_be_taken_up_is_told_and_not_taken_for_misuse(
    vault: Vault, app_key: AppKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.items.put_many([Draft(text="kept")])

    def refuse(*_: object, **__: object) -> None:
        raise StorageError("made up")

    with monkeypatch.context() as patched:
        patched.setattr(vault.database, "_attach", refuse)
        with pytest.raises(StorageError, match="made up"):
            vault.rekey(NEW)
    for use in (vault.items.count, vault.check, lambda: vault.settings.set("a", 1)):
        with pytest.raises(StorageError, match="could not be opened with it") as caught:
            use()
        assert caught.value.hint == "close it and open it again"
    vault.close()
    with Vault.open(vault.path, NEW) as again:
        assert (again.items.count(), again.check()) == (1, [])


@pytest.mark.parametrize("done", [0, 1, 2])
def test_who_reports_its_progress_can_change_nothing_that_would_be_lost(filled: Vault, done: int) -> None:
    """Only this thread could: all others wait. What it changed would not be in the copy, or come back with it."""
    told: list[str] = []
    before = state(filled)
    changes: list[Callable[[], object]] = [
        lambda: filled.items.put_many([Draft(text="said in between")]),
        lambda: filled.forget(["u"]),
        lambda: filled.settings.set("choice", 3),
        lambda: filled.rekey(NEW),
        lambda: filled.add_slot(NEW),
        filled.close,
    ]

    def on_progress(now: int, total: int) -> None:
        if now == done:
            for change in changes:
                with pytest.raises(ValueError, match="is being copied"):
                    change()
                told.append("refused")
            assert filled.items.get("u").text == "changed"

    filled.rekey(NEW, on_progress=on_progress)
    assert len(told) == len(changes)
    assert state(filled) == before
    changes[0]()
