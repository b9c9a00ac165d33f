"""A log that was cut, changed, removed or put back is found out, and says what to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ondevice.errors import CorruptError, OndeviceError, VersionError
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault
from ondevice.vault.cipher import connect
from ondevice.vault.commits import RECORD_BYTES, CommitRecord, last_commit
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.log import MAX_LOG_BYTES, MAX_LOG_COMMITS

Change = Callable[[Path], None]


@pytest.fixture
def in_use(vault: Vault, tmp_path: Path) -> Path:
    """A copy of a profile as a kill leaves it: ten items in the database, twenty more in the log."""
    vault.items.put_many([Draft(text=f"old {i}") for i in range(10)])
    vault.database.checkpoint()
    for i in range(20):
        vault.items.put_many([Draft(text=f"new {i}")])
    shutil.copytree(vault.path, tmp_path / "copy")
    return tmp_path / "copy"


def epoch(profile: Path) -> Path:
    return profile / "epoch-1"


def changed(profile: Path, name: str, change: Callable[[bytearray], object]) -> None:
    path = epoch(profile) / name
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)


def flip(data: bytearray) -> None:
    data[len(data) // 2] ^= 1


def remove(profile: Path, *names: str) -> None:
    for name in names:
        (epoch(profile) / name).unlink()


LOG_CHANGES: dict[str, Change] = {
    "flipped": lambda p: changed(p, "profile.db-wal", flip),
    "flipped in its last frame": lambda p: changed(p, "profile.db-wal", lambda d: d.__setitem__(-100, d[-100] ^ 1)),
    "cut": lambda p: changed(p, "profile.db-wal", lambda d: d.__delitem__(slice(5000, None))),
    "cut by its last commit": lambda p: changed(p, "profile.db-wal", lambda d: d.__delitem__(slice(-4120, None))),
    "emptied": lambda p: changed(p, "profile.db-wal", bytearray.clear),
    "removed": lambda p: remove(p, "profile.db-wal"),
    "removed with its index": lambda p: remove(p, "profile.db-wal", "profile.db-shm"),
    "zeroed header": lambda p: changed(p, "profile.db-wal", lambda d: d.__setitem__(slice(0, 32), bytes(32))),
}


def test_nothing_is_lost_where_nothing_was_changed(in_use: Path, app_key: AppKey) -> None:
    with Vault.open(in_use, app_key) as vault:
        assert (vault.items.count(), vault.check()) == (30, [])


@pytest.mark.parametrize("change", LOG_CHANGES.values(), ids=LOG_CHANGES)
def test_a_changed_log_is_found_out_before_a_byte_is_written(change: Change, in_use: Path, app_key: AppKey) -> None:
    whole = in_use.with_name("whole")
    shutil.copytree(in_use, whole)
    change(in_use)
    before = {path.name: path.read_bytes() for path in epoch(in_use).iterdir() if path.name in ("profile.db", "wal")}
    for _ in range(2):
        with pytest.raises(CorruptError, match="changes of the profile are missing") as caught:
            Vault.open(in_use, app_key)
    assert "accept_loss=True" in str(caught.value.hint)
    assert {name: (epoch(in_use) / name).read_bytes() for name in before} == before
    # The log comes back from wherever it went: nothing is lost.
    for name in ("profile.db-wal", "profile.db-shm"):
        shutil.copy(epoch(whole) / name, epoch(in_use) / name)
    with Vault.open(in_use, app_key) as vault:
        assert (vault.items.count(), vault.check()) == (30, [])


def test_what_is_left_can_be_opened_and_the_event_log_says_so(in_use: Path, app_key: AppKey) -> None:
    LOG_CHANGES["removed with its index"](in_use)
    with Vault.open(in_use, app_key, accept_loss=True) as vault:
        assert vault.items.count() == 10
        last = vault.events.list()[-1]
        assert (last.kind, last.details) == ("loss-accepted", {"commits": 20})
        vault.items.put_many([Draft(text="later")])
    with Vault.open(in_use, app_key) as vault:
        assert (vault.items.count(), vault.check()) == (11, [])


def test_an_older_database_in_its_place_is_found_out(vault: Vault, app_key: AppKey) -> None:
    vault.close()
    place = epoch(vault.path) / "profile.db"
    older = place.read_bytes()
    with Vault.open(vault.path, app_key) as again:
        again.items.put_many([Draft(text="newer")])
    place.write_bytes(older)
    with pytest.raises(CorruptError, match="the last 1 changes"):
        Vault.open(vault.path, app_key)


def in_its_place(make: Change) -> Change:
    def change(profile: Path) -> None:
        place = epoch(profile) / "profile.commits"
        place.unlink()
        make(place)

    return change


RECORD_CHANGES: dict[str, Change] = {
    "removed": in_its_place(lambda place: None),
    "flipped": lambda p: changed(p, "profile.commits", flip),
    "cut": lambda p: changed(p, "profile.commits", lambda d: d.__delitem__(slice(40, None))),
    "longer": lambda p: changed(p, "profile.commits", lambda d: d.extend(b"x")),
    "a pipe": in_its_place(os.mkfifo),
    "a link": in_its_place(lambda place: place.symlink_to("/dev/zero")),
}


@pytest.mark.parametrize("change", RECORD_CHANGES.values(), ids=RECORD_CHANGES)
def test_a_changed_record_is_found_out(change: Change, in_use: Path, app_key: AppKey) -> None:
    change(in_use)
    with pytest.raises(CorruptError):
        Vault.open(in_use, app_key)
    with Vault.open(in_use, app_key, accept_loss=True) as vault:
        assert vault.items.count() == 30
    with Vault.open(in_use, app_key) as vault:
        assert vault.check() == []


def test_the_record_of_another_profile_is_found_out(in_use: Path, app_key: AppKey, tmp_path: Path) -> None:
    Vault.create(tmp_path / "other", app_key).close()
    shutil.copy(epoch(tmp_path / "other") / "profile.commits", epoch(in_use) / "profile.commits")
    with pytest.raises(CorruptError, match="another profile or epoch"):
        Vault.open(in_use, app_key)


def test_a_newer_record_is_a_version_error(in_use: Path, app_key: AppKey) -> None:
    changed(in_use, "profile.commits", lambda data: data.__setitem__(8, 2))
    with pytest.raises(VersionError):
        Vault.open(in_use, app_key)


def test_a_log_lost_while_the_profile_is_open_is_a_flaw(vault: Vault, app_key: AppKey) -> None:
    vault.items.put_many([Draft(text="x")])
    record = vault.database.record
    assert record is not None
    record.write(record.read().number + 2)
    assert [str(flaw) for flaw in vault.check()] == ["commits: the last 2 changes are missing"]


def test_only_changes_are_counted(vault: Vault) -> None:
    record = vault.database.record
    assert record is not None
    before = record.read().number
    vault.check()
    with vault.database.writing():
        pass
    assert record.read().number == before
    with pytest.raises(TypeError), vault.database.writing():
        vault.settings.set("a", object())  # type: ignore[arg-type]
    assert record.read().number == before
    vault.settings.set("a", 1)
    assert record.read().number == before + 1
    assert record.path.stat().st_size == RECORD_BYTES


def test_a_record_that_is_gone_is_written_anew_with_the_next_change(vault: Vault, app_key: AppKey) -> None:
    record = vault.database.record
    assert record is not None
    record.path.unlink()
    assert [flaw.part for flaw in vault.check()] == ["commits"]
    vault.settings.set("a", 1)
    assert vault.check() == []
    vault.close()
    with Vault.open(vault.path, app_key) as again:
        assert again.settings.get("a") == 1


def test_a_record_that_cannot_be_written_costs_no_change(vault: Vault, app_key: AppKey) -> None:
    record = vault.database.record
    assert record is not None
    record.path.unlink()
    record.path.mkdir(mode=0o700)
    vault.settings.set("a", 1)
    assert vault.settings.get("a") == 1
    assert [flaw.part for flaw in vault.check()] == ["commits"]
    vault.close()
    with pytest.raises(CorruptError, match="not a regular file"):
        Vault.open(vault.path, app_key)


def test_a_backup_that_lacks_changes_is_not_restored(vault: Vault, app_key: AppKey, tmp_path: Path) -> None:
    vault.backup(tmp_path / "first")
    vault.items.put_many([Draft(text="second")])
    vault.backup(tmp_path / "second")
    shutil.copy(epoch(tmp_path / "first") / "profile.db", epoch(tmp_path / "second") / "profile.db")
    with pytest.raises(CorruptError, match="missing"):
        Vault.restore(tmp_path / "second", tmp_path / "restored", app_key)
    assert not (tmp_path / "restored").exists()


def test_a_copy_made_in_use_is_restored_with_its_log(in_use: Path, app_key: AppKey, tmp_path: Path) -> None:
    Vault.restore(in_use, tmp_path / "restored", app_key)
    with Vault.open(tmp_path / "restored", app_key) as vault:
        assert (vault.items.count(), vault.check()) == (30, [])
    LOG_CHANGES["removed"](in_use)
    with pytest.raises(CorruptError, match="missing"):
        Vault.restore(in_use, tmp_path / "again", app_key)


def test_every_copy_has_an_id_of_its_own(vault: Vault, app_key: AppKey, tmp_path: Path) -> None:
    vault.backup(tmp_path / "backup")
    vault.close()
    Vault.restore(tmp_path / "backup", tmp_path / "restored", app_key)
    ids = []
    for path in (vault.path, tmp_path / "restored"):
        with Vault.open(path, app_key) as opened:
            opened.rekey(app_key)
            assert opened.database.record is not None
            ids.append(opened.database.record.copy_id)
    assert len(set(ids)) == 2
    assert vault.database.record is not None
    assert ids[0] == vault.database.record.copy_id


def test_repr_hides_the_key(tmp_path: Path) -> None:
    record = CommitRecord(tmp_path / "r", ProfileKey(bytes(32)), "0" * 32, 1)
    assert repr(record) == f"CommitRecord({str(tmp_path / 'r')!r})"
    with pytest.raises(OndeviceError):
        record.read()


def test_an_older_database_under_the_present_log_is_found_out(vault: Vault, app_key: AppKey, tmp_path: Path) -> None:
    """What the log does not hold would be that of then, and every page's tag would fit."""
    vault.settings.set("first", "x" * 20_000)
    vault.database.checkpoint()
    older = (epoch(vault.path) / "profile.db").read_bytes()
    vault.settings.set("second", "y" * 20_000)
    vault.database.checkpoint()
    vault.items.put_many([Draft(text="in the log")])
    shutil.copytree(vault.path, tmp_path / "copy")
    shutil.copytree(vault.path, tmp_path / "whole")
    (epoch(tmp_path / "copy") / "profile.db").write_bytes(older)
    with pytest.raises(CorruptError, match="does not belong to its database"):
        Vault.open(tmp_path / "copy", app_key)
    with pytest.raises(CorruptError, match="does not belong to its database"):
        Vault.restore(tmp_path / "copy", tmp_path / "restored", app_key)
    with Vault.open(tmp_path / "whole", app_key) as copy:
        assert (copy.settings.get("second"), copy.check()) == ("y" * 20_000, [])


def test_the_log_of_another_profile_is_found_out(in_use: Path, app_key: AppKey, tmp_path: Path) -> None:
    other = Vault.create(tmp_path / "other", app_key)
    other.settings.set("a", "x" * 100_000)
    shutil.copy(epoch(other.path) / "profile.db-wal", epoch(in_use) / "profile.db-wal")
    other.close()
    with pytest.raises(CorruptError):
        Vault.open(in_use, app_key)


def file_alone(vault: Vault) -> int:
    """Return the last commit that the file holds without its log."""
    connection = connect(vault.database.path, vault.database.key, is_reader=True, without_log=True)
    try:
        return last_commit(connection)
    finally:
        connection.close()


def test_a_long_log_is_moved_into_the_file_while_the_profile_is_open(vault: Vault) -> None:
    log = epoch(vault.path) / "profile.db-wal"
    for i in range(60):
        vault.settings.set("a", str(i % 10) * 200_000)
        assert log.stat().st_size < 4 * MAX_LOG_BYTES
    record = vault.database.record
    assert record is not None
    before = file_alone(vault)
    assert record.read().number - before < 40
    for i in range(2 * MAX_LOG_COMMITS):
        vault.settings.set("a", i)
    assert record.read().number - file_alone(vault) <= MAX_LOG_COMMITS + 1
    with vault.database.reading() as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM items").fetchone()
        for i in range(2 * MAX_LOG_COMMITS):
            vault.settings.set("a", i)
        assert record.read().number - file_alone(vault) > MAX_LOG_COMMITS
        reader.execute("COMMIT")
    vault.settings.set("a", 1)
    assert record.read().number == file_alone(vault)
    assert vault.check() == []


def test_a_cache_from_before_an_erasure_opens_no_more(vault: Vault, app_key: AppKey, tmp_path: Path) -> None:
    vault.items.put_many([Draft(text="secret", id="a"), Draft(text="kept", id="b")])
    vault.sealed.write("cache-x", b"of the secret", version=1)
    vault.sealed.write("adapter-x", b"of nothing", version=1)
    file = vault.path / "epoch-1" / "sealed" / "cache-x.sealed"
    older = file.read_bytes()
    vault.forget(["a"])
    file.write_bytes(older)
    with pytest.raises(CorruptError, match="authentication"):
        vault.sealed.read("cache-x", version=1)
    assert "sealed blob cache-x" in [flaw.part for flaw in vault.check()]
    vault.sealed.write("cache-x", b"of the rest", version=1)
    vault.rekey(app_key)
    vault.close()
    with Vault.open(vault.path, app_key) as again:
        assert again.sealed.read("cache-x", version=1) == b"of the rest"
        assert again.sealed.read("adapter-x", version=1) == b"of nothing"
        assert again.check() == []


def test_an_opening_that_is_refused_leaves_the_log(vault: Vault, app_key: AppKey, tmp_path: Path) -> None:
    """A damaged page may be read only when the database is open to be written: closing it must not move the log."""
    vault.items.put_many([Draft(text=f"item {i} " + "filler words here " * 60) for i in range(60)])
    vault.database.checkpoint()
    vault.items.put_many([Draft(text="in the log")])
    shutil.copytree(vault.path, tmp_path / "whole")
    good = (epoch(tmp_path / "whole") / "profile.db").read_bytes()
    n_refused = 0
    for page in range(len(good) // 4096):
        copy = tmp_path / f"page {page}"
        shutil.copytree(tmp_path / "whole", copy)
        damaged = bytearray(good)
        damaged[page * 4096 + 100] ^= 1
        (epoch(copy) / "profile.db").write_bytes(damaged)
        try:
            Vault.open(copy, app_key).close()
        except CorruptError:
            n_refused += 1
            (epoch(copy) / "profile.db").write_bytes(good)
            with Vault.open(copy, app_key) as again:
                assert (again.items.count(), again.check()) == (61, [])
    assert n_refused > 0
