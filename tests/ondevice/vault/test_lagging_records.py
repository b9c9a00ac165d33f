"""The record of commits keeps up with the database, whatever was done to its file."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ondevice.errors import CorruptError
from ondevice.vault import AppKey, Vault

NOBODY = 65534


def commits_of(profile: Path) -> Path:
    return profile / "epoch-1" / "profile.commits"


def counts(vault: Vault) -> tuple[int, int]:
    """Return the last commit as the record tells it, and as the database does."""
    assert vault.database.record is not None
    with vault.database.reading() as connection:
        return vault.database.record.read().number, connection.execute("SELECT number FROM commits").fetchone()[0]


def require_loss_is_seen(profile: Path, key: AppKey, place: Path) -> None:
    """Of a copy as a kill leaves it the log is taken away: what was in it must not be missed silently."""
    shutil.copytree(profile, place)
    for ending in ("db-wal", "db-shm"):
        (place / "epoch-1" / f"profile.{ending}").unlink()
    with pytest.raises(CorruptError, match="missing"):
        Vault.open(place, key)


def by_text(place: Path, _: bytes) -> None:
    place.write_text("of another program")


def by_a_link(place: Path, older: bytes) -> None:
    place.with_name("victim").write_bytes(older)
    place.symlink_to(place.with_name("victim"))


REPLACED: dict[str, Callable[[Path, bytes], object]] = {
    "an older copy of it": lambda place, older: place.write_bytes(older),
    "something else": by_text,
    "nothing in it": lambda place, older: place.touch(),
    "a link": by_a_link,
}


@pytest.mark.parametrize("put", REPLACED.values(), ids=REPLACED)
def test_a_record_that_was_replaced_is_written_anew_with_the_next_commit(
    put: Callable[[Path, bytes], object], vault: Vault, app_key: AppKey, tmp_path: Path
) -> None:
    vault.settings.set("a", 1)
    vault.database.checkpoint()
    place = commits_of(vault.path)
    older = place.read_bytes()
    vault.settings.set("a", 2)
    place.unlink()
    put(place, older)
    vault.settings.set("a", 3)
    recorded, found = counts(vault)
    # Where a record lies there it is overwritten, with the mode it came with; the next opening mends that.
    assert (recorded, place.is_symlink()) == (found, False)
    assert {flaw.part for flaw in vault.check()} <= {"file modes"}
    if place.with_name("victim").exists():
        assert place.with_name("victim").read_bytes() == older
    vault.settings.set("a", 4)
    require_loss_is_seen(vault.path, app_key, tmp_path / "copy")
    vault.close()
    with Vault.open(vault.path, app_key) as again:
        assert (again.settings.get("a"), again.check()) == (4, [])


def test_a_record_that_may_not_be_written_is_written_anew(app_key: AppKey) -> None:
    with tempfile.TemporaryDirectory() as folder:
        is_root = os.geteuid() == 0
        if is_root:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            profile = Path(folder) / "p"
            Vault.create(profile, app_key).close()
            commits_of(profile).chmod(0o400)
            with Vault.open(profile, app_key) as vault:
                vault.settings.set("a", 1)
                recorded, found = counts(vault)
                assert (recorded, vault.check()) == (found, [])
                vault.settings.set("a", 2)
                require_loss_is_seen(profile, app_key, Path(folder) / "copy")
            with Vault.open(profile, app_key) as vault:
                assert (vault.settings.get("a"), vault.check()) == (2, [])
        finally:
            if is_root:
                os.seteuid(0)


def test_a_record_that_lags_is_a_flaw_until_the_next_commit(vault: Vault) -> None:
    vault.settings.set("a", 1)
    record = vault.database.record
    assert record is not None
    record.write(record.read().number - 1)
    assert [flaw.part for flaw in vault.check()] == ["commits"]
    vault.settings.set("a", 2)
    assert vault.check() == []
