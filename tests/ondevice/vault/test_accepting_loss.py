"""Whoever accepts a loss gets all that is whole, and nothing that was mixed of two states."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from ondevice.errors import CorruptError
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault

PAGES = "words that fill a page " * 40


def add(vault: Vault, name: str, count: int) -> None:
    for i in range(count):
        vault.items.put_many([Draft(text=f"{name} {i} {PAGES}", id=f"{name}{i}")])


def part(profile: Path, ending: str) -> Path:
    return profile / "epoch-1" / f"profile.{ending}"


def ids(vault: Vault) -> list[str]:
    return sorted(item.id for item in vault.items.iterate())


def named(name: str, count: int) -> list[str]:
    return [f"{name}{i}" for i in range(count)]


def accepted(vault: Vault) -> list[int]:
    """Return how many commits each accepted loss cost, as the event log tells it."""
    found = [event.details["commits"] for event in vault.events.list(limit=100) if event.kind == "loss-accepted"]
    return [int(str(number)) for number in found]


def require_refused(profile: Path, key: AppKey) -> None:
    """The opening changes nothing, and refuses the next time too."""
    before = {ending: part(profile, ending).read_bytes() for ending in ("db", "db-wal", "commits")}
    for _ in range(2):
        with pytest.raises(CorruptError):
            Vault.open(profile, key)
    assert {ending: part(profile, ending).read_bytes() for ending in before} == before


def require_whole(vault: Vault, expected: Sequence[str]) -> None:
    assert vault.check() == []
    assert ids(vault) == sorted(expected)
    assert (vault.items.count(), vault.settings.get("a")) == (len(expected), "set")
    for item_id in expected[-3:]:
        row = vault.items.row_of(item_id)
        found = vault.lexical.match([vault.items.get(item_id).text.split()[0]], filter=None, limit=len(expected))
        assert row in [ranked.row for ranked in found]


@pytest.fixture
def old(vault: Vault) -> Vault:
    """An open profile, wholly in its file: five items."""
    vault.settings.set("a", "set")
    add(vault, "old", 5)
    vault.database.checkpoint()
    return vault


def test_under_a_newer_log_the_older_file_alone_is_what_is_left(old: Vault, app_key: AppKey, tmp_path: Path) -> None:
    """What the log does not hold would come from the older file: rows without their terms, terms without rows."""
    older = part(old.path, "db").read_bytes()
    add(old, "moved", 30)
    old.forget(["old3"])
    add(old, "logged", 3)
    copy = tmp_path / "copy"
    shutil.copytree(old.path, copy)
    part(copy, "db").write_bytes(older)
    require_refused(copy, app_key)
    with Vault.open(copy, app_key, accept_loss=True) as vault:
        require_whole(vault, named("old", 5))
        assert len(accepted(vault)) == 1
        assert accepted(vault)[0] >= 1
        add(vault, "later", 2)
        vault.rekey(app_key)
    with Vault.open(copy, app_key) as vault:
        require_whole(vault, [*named("later", 2), *named("old", 5)])


def test_the_same_without_the_logs_index(old: Vault, app_key: AppKey, tmp_path: Path) -> None:
    older = part(old.path, "db").read_bytes()
    add(old, "moved", 30)
    old.database.checkpoint()
    add(old, "logged", 3)
    copy = tmp_path / "copy"
    shutil.copytree(old.path, copy)
    part(copy, "db").write_bytes(older)
    part(copy, "db-shm").unlink()
    require_refused(copy, app_key)
    with Vault.open(copy, app_key, accept_loss=True) as vault:
        require_whole(vault, named("old", 5))
        assert accepted(vault)[0] >= 1


@pytest.mark.parametrize("count", [1, 3, 200])
def test_beside_an_older_log_everything_of_the_newer_file_is_there(
    count: int, old: Vault, app_key: AppKey, tmp_path: Path
) -> None:
    """A copy of the log was put back. Nothing is lost, and the log must not be laid over what came after it."""
    add(old, "logged", 5)
    log = part(old.path, "db-wal").read_bytes()
    old.close()
    with Vault.open(old.path, app_key) as again:
        add(again, "newer", count)
    expected = [*named("logged", 5), *named("newer", count), *named("old", 5)]
    part(old.path, "db-wal").write_bytes(log)
    require_refused(old.path, app_key)
    with pytest.raises(CorruptError):
        Vault.restore(old.path, tmp_path / "restored", app_key)
    with Vault.open(old.path, app_key, accept_loss=True) as vault:
        require_whole(vault, expected)
        assert accepted(vault) == [0]
    with Vault.open(old.path, app_key) as vault:
        require_whole(vault, expected)
        assert accepted(vault) == [0]


def test_beside_another_profiles_log_the_file_alone_is_what_is_left(
    old: Vault, app_key: AppKey, tmp_path: Path
) -> None:
    with Vault.create(tmp_path / "other", app_key) as other:
        add(other, "other", 30)
        log = part(other.path, "db-wal").read_bytes()
    add(old, "newer", 5)
    old.close()
    part(old.path, "db-wal").write_bytes(log)
    require_refused(old.path, app_key)
    with Vault.open(old.path, app_key, accept_loss=True) as vault:
        require_whole(vault, [*named("newer", 5), *named("old", 5)])
        assert len(accepted(vault)) == 1
    with Vault.open(old.path, app_key) as vault:
        require_whole(vault, [*named("newer", 5), *named("old", 5)])


def test_with_another_profiles_log_in_place_of_its_own_the_file_is_what_is_left(
    old: Vault, app_key: AppKey, tmp_path: Path
) -> None:
    add(old, "logged", 4)
    copy = tmp_path / "copy"
    shutil.copytree(old.path, copy)
    with Vault.create(tmp_path / "other", app_key) as other:
        add(other, "other", 30)
        shutil.copy(part(other.path, "db-wal"), part(copy, "db-wal"))
        shutil.copy(part(other.path, "db-shm"), part(copy, "db-shm"))
    require_refused(copy, app_key)
    with Vault.open(copy, app_key, accept_loss=True) as vault:
        require_whole(vault, named("old", 5))
        assert len(accepted(vault)) == 1
        assert accepted(vault)[0] >= 1
    with Vault.open(copy, app_key) as vault:
        require_whole(vault, named("old", 5))


def test_where_nothing_is_lost_accepting_it_costs_nothing(old: Vault, app_key: AppKey, tmp_path: Path) -> None:
    """The log of a crash is played back, whether or not a loss would be accepted."""
    add(old, "logged", 4)
    shutil.copytree(old.path, tmp_path / "copy")
    with Vault.open(tmp_path / "copy", app_key, accept_loss=True) as vault:
        require_whole(vault, [*named("logged", 4), *named("old", 5)])
        assert accepted(vault) == []
