from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from ondevice.errors import CorruptError, OndeviceError, StorageError
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault
from ondevice.vault.cipher import PAGE_BYTES
from ondevice.vault.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database.create(tmp_path / "x.db", b"k" * 32)
    with made.writing() as connection:
        connection.execute("CREATE TABLE t (a)")
    return made


def count(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])


def insert_and_fail(database: Database) -> None:
    with database.writing() as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        raise KeyError


def test_block_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(KeyError):
        insert_and_fail(database)
    assert count(database) == 0


def test_inner_block_belongs_to_the_outer(database: Database) -> None:
    with pytest.raises(KeyError), database.writing():
        insert_and_fail(database)
    assert count(database) == 0
    with database.writing(), database.writing() as connection:
        connection.execute("INSERT INTO t VALUES (1)")
    assert count(database) == 1


def test_exclusive_refuses_inside_a_transaction(database: Database) -> None:
    with database.writing(), pytest.raises(ValueError, match="under way"), database.exclusive():
        pass


def test_readers_see_only_what_is_committed(database: Database) -> None:
    with database.writing() as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        assert count(database) == 0
    assert count(database) == 1


def test_version_changes_with_every_change(database: Database) -> None:
    before = database.version
    with database.writing() as connection:
        connection.execute("INSERT INTO t VALUES (1)")
    assert database.version != before


def test_use_after_close_is_misuse(database: Database) -> None:
    database.close()
    database.close()
    with pytest.raises(ValueError, match="closed"), database.reading():
        pass
    with pytest.raises(ValueError, match="closed"), database.writing():
        pass


def test_switch_serves_the_other_file(database: Database, tmp_path: Path) -> None:
    Database.create(tmp_path / "y.db", b"y" * 32).close()
    database.switch(tmp_path / "y.db", b"y" * 32)
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_checkpoint_says_when_a_reader_is_in_the_way(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ondevice.vault.log.BUSY_TIMEOUT_S", 0.1)
    with database.writing() as connection:
        connection.execute("INSERT INTO t VALUES (1)")
    with database.reading() as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM t").fetchall()
        with database.writing() as connection:
            connection.execute("INSERT INTO t VALUES (2)")
        assert not database.checkpoint()
        reader.execute("COMMIT")
    assert database.checkpoint()


def test_threads_read_while_one_writes(vault: Vault) -> None:
    """Every reader sees whole batches, and no one gets an error."""
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                assert vault.items.count() % 10 == 0
                assert len(vault.items.list(limit=None)) % 10 == 0
                vault.lexical.match(["batch"], filter=None, limit=5)
        except BaseException as error:
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for batch in range(15):
        vault.items.put_many([Draft(text=f"batch {batch} item {i}") for i in range(10)])
    done.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert vault.items.count() == 150


def test_full_disk_keeps_what_was_there(vault: Vault) -> None:
    vault.items.put_many([Draft(text="already here")])
    with vault.database.exclusive() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="disk is full"):
        vault.items.put_many([Draft(text=f"too much {i} " * 50) for i in range(200)])
    assert [item.text for item in vault.items.list()] == ["already here"]
    assert vault.check() == []


def test_refused_write_keeps_what_was_there(
    vault: Vault, file_limit: Callable[[int], AbstractContextManager[None]]
) -> None:
    vault.items.put_many([Draft(text="already here", id="a")])
    size = vault.database.path.stat().st_size
    with file_limit(size):
        for call in (
            lambda: vault.items.put_many([Draft(text=f"too much {i} " * 500) for i in range(500)]),
            lambda: vault.rekey(AppKey(b"\x0b" * 32)),
            lambda: vault.backup(vault.path.parent / "copy"),
        ):
            with pytest.raises(StorageError), file_limit(size // 2):
                call()
    assert vault.epoch == 1
    assert [item.text for item in vault.items.list()] == ["already here"]
    assert vault.check() == []
    assert vault.forget(["a"]).verified
    assert sorted(entry.name for entry in vault.path.parent.iterdir()) == ["me.profile"]


def test_no_flipped_bit_goes_unnoticed(tmp_path: Path, app_key: AppKey) -> None:
    """Whatever byte of the file changes, opening or checking says so."""
    profile = tmp_path / "p"
    with Vault.create(profile, app_key) as vault:
        vault.items.put_many([Draft(text=f"item {i} " * 40) for i in range(40)])
    path = profile / "epoch-1" / "profile.db"
    good = path.read_bytes()
    for page in range(len(good) // PAGE_BYTES):
        damaged = bytearray(good)
        damaged[page * PAGE_BYTES + (page * 997) % PAGE_BYTES] ^= 1 << page % 8
        path.write_bytes(damaged)
        try:
            with Vault.open(profile, app_key) as vault:
                assert vault.check() != [], f"page {page}"
        except CorruptError:
            pass
    path.write_bytes(good)
    with Vault.open(profile, app_key) as vault:
        assert vault.check() == []


@pytest.mark.parametrize("size", [0, 100, PAGE_BYTES, 3 * PAGE_BYTES + 7])
def test_file_cut_short_is_corrupt(tmp_path: Path, app_key: AppKey, size: int) -> None:
    profile = tmp_path / "p"
    with Vault.create(profile, app_key) as vault:
        vault.items.put_many([Draft(text=f"item {i} " * 40) for i in range(40)])
    path = profile / "epoch-1" / "profile.db"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(CorruptError):
        open_and_check(profile, app_key)


def open_and_check(profile: Path, app_key: AppKey) -> None:
    with Vault.open(profile, app_key) as vault:
        if flaws := vault.check():
            raise CorruptError(str(flaws))


def test_database_of_another_profile_is_refused(tmp_path: Path, app_key: AppKey) -> None:
    for name in "ab":
        Vault.create(tmp_path / name, app_key).close()
    shutil.copy(tmp_path / "a" / "epoch-1" / "profile.db", tmp_path / "b" / "epoch-1" / "profile.db")
    with pytest.raises(OndeviceError) as caught:
        Vault.open(tmp_path / "b", app_key)
    assert isinstance(caught.value, CorruptError)
