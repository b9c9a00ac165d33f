"""Where a profile has a keystore slot, an older copy of the whole folder is found out."""

from __future__ import annotations

import shutil
from pathlib import Path

import keyring
import pytest

from ondevice.errors import CorruptError
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault
from tests.ondevice.vault.memory_keystore import KEYSTORE, Memory


@pytest.fixture
def profile(memory: Memory, profile_path: Path, app_key: AppKey) -> Path:
    with Vault.create(profile_path, [KEYSTORE, app_key]) as vault:
        vault.items.put_many([Draft(text="secret", id="a"), Draft(text="kept", id="b")])
    return profile_path


def put_back(older: Path, profile: Path) -> None:
    shutil.rmtree(profile)
    shutil.copytree(older, profile)


def test_an_older_copy_of_the_folder_is_found_out(profile: Path, tmp_path: Path) -> None:
    shutil.copytree(profile, tmp_path / "older")
    with Vault.open(profile, KEYSTORE) as vault:
        vault.forget(["a"])
    put_back(tmp_path / "older", profile)
    with pytest.raises(CorruptError, match="older than this system's keystore knows it") as caught:
        Vault.open(profile, KEYSTORE)
    assert "accept_loss=True" in str(caught.value.hint)
    with Vault.open(profile, KEYSTORE, accept_loss=True) as vault:
        assert vault.items.count() == 2
        assert vault.events.list()[-1].kind == "loss-accepted"
    with Vault.open(profile, KEYSTORE) as vault:
        assert vault.check() == []


def test_an_erasure_is_witnessed_before_the_profile_is_closed(profile: Path, tmp_path: Path) -> None:
    shutil.copytree(profile, tmp_path / "older")
    vault = Vault.open(profile, KEYSTORE)
    vault.forget(["a"])
    shutil.copytree(profile, tmp_path / "as a kill leaves it")
    vault.close()
    put_back(tmp_path / "older", profile)
    with pytest.raises(CorruptError, match="older"):
        Vault.open(profile, KEYSTORE)


def test_a_copy_from_before_a_rekey_is_found_out(profile: Path, tmp_path: Path, app_key: AppKey) -> None:
    shutil.copytree(profile, tmp_path / "older")
    # With the entry of the older slot, as whoever took both would have it.
    backend = keyring.get_keyring()
    slots = dict(backend.entries)
    with Vault.open(profile, KEYSTORE) as vault:
        vault.rekey([KEYSTORE, app_key])
    backend.entries = {**slots, **backend.entries}
    put_back(tmp_path / "older", profile)
    with pytest.raises(CorruptError, match="older"):
        Vault.open(profile, KEYSTORE)


def test_a_backup_is_restored_beside_the_newer_profile(profile: Path, tmp_path: Path) -> None:
    with Vault.open(profile, KEYSTORE) as vault:
        vault.backup(tmp_path / "backup")
        vault.forget(["a"])
    Vault.restore(tmp_path / "backup", tmp_path / "restored", KEYSTORE)
    for path, count in ((tmp_path / "restored", 2), (profile, 1), (tmp_path / "restored", 2)):
        with Vault.open(path, KEYSTORE) as vault:
            assert vault.items.count() == count
            vault.settings.set("a", count)


def test_a_keystore_that_is_gone_keeps_nobody_out(
    profile: Path, app_key: AppKey, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    with Vault.open(profile, app_key) as vault:
        vault.items.put_many([Draft(text="more")])
    keyring.set_keyring(memory)
    with Vault.open(profile, KEYSTORE) as vault:
        assert vault.items.count() == 3


def test_a_profile_without_a_slot_there_leaves_nothing_there(
    vault: Vault, memory: Memory, app_key: AppKey, profile_path: Path
) -> None:
    vault.settings.set("a", 1)
    vault.close()
    Vault.open(profile_path, app_key).close()
    assert memory.entries == {}


def test_a_slot_added_later_begins_it(vault: Vault, memory: Memory, app_key: AppKey, tmp_path: Path) -> None:
    vault.add_slot(KEYSTORE)
    vault.close()
    shutil.copytree(vault.path, tmp_path / "older")
    with Vault.open(vault.path, KEYSTORE) as opened:
        opened.settings.set("a", 1)
    put_back(tmp_path / "older", vault.path)
    with pytest.raises(CorruptError, match="older"):
        Vault.open(vault.path, KEYSTORE)
