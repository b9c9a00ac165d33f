"""What a kill, a full disk or a refusal leaves is whole, or ends whole at the next try."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from ondevice.errors import LockedError, StorageError
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault
from ondevice.vault.commits import CommitRecord, Commits

NEW = AppKey(b"\x09" * 32)
NOBODY = 65534
PAGE_BYTES = 4096
FRAME_BYTES = PAGE_BYTES + 24
LOG_HEADER_BYTES = 32


@pytest.fixture
def filled(vault: Vault) -> Vault:
    vault.items.put_many([Draft(text=f"item {i} about roses", id=f"id{i}") for i in range(50)])
    vault.derived.put("adapter", "mine", b"weights", item_ids=["id1"])
    return vault


def pages_in(log: bytes) -> list[int]:
    frames = range(LOG_HEADER_BYTES, len(log) - FRAME_BYTES + 1, FRAME_BYTES)
    return sorted({int.from_bytes(log[at : at + 4], "big") for at in frames})


@pytest.mark.parametrize("has_index", [True, False], ids=["with -shm", "without -shm"])
def test_a_copy_whose_log_was_being_moved_into_the_file_is_restored(
    has_index: bool, filled: Vault, app_key: AppKey, tmp_path: Path
) -> None:
    """A power cut may tear any page that the log still holds whole."""
    filled.database.checkpoint()
    filled.items.put_many([Draft(text=f"in the log {i}", id=f"log{i}") for i in range(20)])
    copy = tmp_path / "copy"
    shutil.copytree(filled.path, copy)
    place = copy / "epoch-1" / "profile.db"
    pages = pages_in((copy / "epoch-1" / "profile.db-wal").read_bytes())
    data = bytearray(place.read_bytes())
    torn = [page for page in pages if 1 < page <= len(data) // PAGE_BYTES]
    assert torn
    for page in torn:
        data[(page - 1) * PAGE_BYTES + 2000 : page * PAGE_BYTES] = bytes(PAGE_BYTES - 2000)
    place.write_bytes(data)
    if not has_index:
        (copy / "epoch-1" / "profile.db-shm").unlink()
    Vault.restore(copy, tmp_path / "restored", app_key)
    for path in (tmp_path / "restored", copy):
        with Vault.open(path, app_key) as vault:
            assert (vault.items.count(), vault.derived.read("adapter", "mine"), vault.check()) == (70, b"weights", [])


@pytest.mark.parametrize("has_folder", [False, True], ids=["no folder", "an empty folder"])
def test_a_creation_that_a_full_disk_refuses_at_any_moment_leaves_nothing(
    has_folder: bool, tmp_path: Path, app_key: AppKey, file_limit: Callable[[int], AbstractContextManager[None]]
) -> None:
    place, n_refused = tmp_path / "a" / "p", 0
    if has_folder:
        place.mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    for limit in (*range(0, 8192, 1000), *range(8192, 400_000, 4096)):
        try:
            with file_limit(limit):
                vault = Vault.create(place, app_key)
        except StorageError:
            n_refused += 1
            assert sorted(tmp_path.rglob("*")) == before, limit
        else:
            vault.close()
            break
    assert n_refused > 10
    with Vault.open_or_create(place, app_key) as vault:
        assert vault.check() == []


def refuse(*_: object) -> None:
    raise StorageError("made up")


def no_blobs(vault: Vault, patched: pytest.MonkeyPatch) -> None:
    patched.setattr(vault.sealed, "move", refuse)


def no_record(vault: Vault, patched: pytest.MonkeyPatch) -> None:
    real = CommitRecord.read

    def read(record: CommitRecord) -> Commits:
        if record.path.parent.name == "epoch-2":
            raise StorageError("made up")
        return real(record)

    patched.setattr(CommitRecord, "read", read)


@pytest.mark.parametrize("fail", [no_blobs, no_record])
def test_a_new_key_that_was_not_taken_up_wholly_is_not_used_by_half(
    fail: Callable[[Vault, pytest.MonkeyPatch], None], filled: Vault, app_key: AppKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        fail(filled, patched)
        with pytest.raises(StorageError, match="made up"):
            filled.rekey(NEW)
    uses: list[Callable[[], object]] = [
        lambda: filled.items.put_many([Draft(text="after")]),
        lambda: filled.items.count(),
        lambda: filled.settings.set("a", 1),
        lambda: filled.derived.put("adapter", "other", b"lost?", item_ids=["id2"]),
        lambda: filled.sealed.write("adapter-x", b"lost?", version=1),
        lambda: filled.forget(["id3"]),
        lambda: filled.add_slot(app_key),
        lambda: filled.rekey(app_key),
        lambda: filled.check(),
    ]
    for use in uses:
        with pytest.raises(StorageError, match="close it and open it again"):
            use()
    filled.close()
    with pytest.raises(LockedError):
        Vault.open(filled.path, app_key)
    with Vault.open(filled.path, NEW) as again:
        assert (again.epoch, again.items.count(), again.settings.get("a")) == (2, 50, None)
        assert again.derived.read("adapter", "mine") == b"weights"
        assert (len(again.sealed.names()), again.check()) == (1, [])


@pytest.mark.parametrize("done", [0, 1, 2])
def test_what_is_kept_while_a_rekeying_runs_is_there_afterwards(
    done: int, filled: Vault, app_key: AppKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No wait is for ever: whichever of the two waits for the other, it ends."""
    begun, go_on, written = threading.Event(), threading.Event(), threading.Event()
    real, failures = filled.sealed.write, list[BaseException]()

    def write(name: str, data: bytes | Iterable[bytes], *, version: int) -> int:
        begun.set()
        go_on.wait(1)
        n_bytes = real(name, data, version=version)
        written.set()
        return n_bytes

    def keep() -> None:
        try:
            filled.derived.put("summary", "s", b"summed up", item_ids=["id2"])
        except BaseException as error:
            failures.append(error)

    def on_progress(now: int, _: int) -> None:
        if now == done:
            go_on.set()
            written.wait(1)

    monkeypatch.setattr(filled.sealed, "write", write)
    keeper = threading.Thread(target=keep)
    keeper.start()
    assert begun.wait(60)
    filled.rekey(app_key, on_progress=on_progress)
    keeper.join()
    assert failures == []
    assert (filled.derived.read("summary", "s"), filled.check()) == (b"summed up", [])
    filled.close()
    with Vault.open(filled.path, app_key) as again:
        assert (again.derived.read("summary", "s"), again.check()) == (b"summed up", [])


@pytest.fixture
def unnamed(filled: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a profile as a kill leaves it between the new key file and the new epoch's name."""
    rename = Path.rename

    def refuse_epochs(path: Path, target: Path) -> Path:
        if path.name.startswith(".epoch-2."):
            raise OSError("made up")
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse_epochs)
        with pytest.raises(StorageError):
            filled.rekey(NEW)
    shutil.copytree(filled.path, tmp_path / "unnamed")
    assert not (tmp_path / "unnamed" / "epoch-2").exists()
    return tmp_path / "unnamed"


def test_a_new_epoch_that_has_no_name_yet_is_restored(unnamed: Path, tmp_path: Path, app_key: AppKey) -> None:
    before = sorted(unnamed.rglob("*"))
    with pytest.raises(LockedError):
        Vault.restore(unnamed, tmp_path / "restored", app_key)
    Vault.restore(unnamed, tmp_path / "restored", NEW)
    assert sorted(unnamed.rglob("*")) == before
    for path in (tmp_path / "restored", unnamed):
        with Vault.open(path, NEW) as vault:
            assert (vault.epoch, vault.items.count(), vault.check()) == (2, 50, [])
            assert vault.derived.read("adapter", "mine") == b"weights"


def test_a_new_epoch_that_has_no_name_yet_is_read_where_nothing_can_be_written(unnamed: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        place = Path(shutil.move(unnamed, Path(folder) / "medium"))
        is_root = os.geteuid() == 0
        for path in (place, *place.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
            if is_root:
                os.chown(path, NOBODY, NOBODY)
        before = {path: path.stat().st_mtime_ns for path in place.rglob("*")}
        if is_root:
            os.seteuid(NOBODY)
        try:
            with Vault.open(place, NEW) as vault:
                assert (vault.is_read_only, vault.epoch, vault.items.count(), vault.check()) == (True, 2, 50, [])
                assert vault.derived.read("adapter", "mine") == b"weights"
        finally:
            if is_root:
                os.seteuid(0)
        assert {path: path.stat().st_mtime_ns for path in place.rglob("*")} == before
        for path in (place, *place.rglob("*")):
            path.chmod(0o700)
