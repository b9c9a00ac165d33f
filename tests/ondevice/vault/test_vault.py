from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ondevice.errors import (
    CorruptError,
    InputError,
    LockedError,
    NotFoundError,
    ProfileBusyError,
    ProfileExistsError,
)
from ondevice.records import Draft
from ondevice.vault import AppKey, RecoveryCode, Vault
from ondevice.vault.commits import CommitRecord
from ondevice.vault.files import make_private_dir
from ondevice.vault.keyfile import KeyFile

OTHER = AppKey(b"\x0a" * 32)


def test_profile_outlives_the_process(profile_path: Path, app_key: AppKey) -> None:
    with Vault.create(profile_path, app_key) as vault:
        item = vault.items.put_many([Draft(text="kept")])[0].item
    with Vault.open(profile_path, app_key) as vault:
        assert vault.items.get(item.id) == item
        assert vault.profile_id == item.id or len(vault.profile_id) == 32
        assert vault.check() == []


def test_files_are_private(vault: Vault, profile_path: Path) -> None:
    vault.items.put_many([Draft(text="x")])
    vault.sealed.write("cache-x", b"x", version=1)
    modes = {path.relative_to(profile_path).as_posix(): path.stat().st_mode & 0o777 for path in profile_path.rglob("*")}
    assert {
        name: mode for name, mode in modes.items() if mode != (0o600 if "." in name or name == "lock" else 0o700)
    } == {}
    assert profile_path.stat().st_mode & 0o777 == 0o700
    assert set(modes) >= {"keys.json", "lock", "epoch-1/profile.db", "epoch-1/profile.db-wal", "epoch-1/profile.db-shm"}


def test_nothing_is_readable_while_it_is_open(vault: Vault, profile_path: Path) -> None:
    canary = "xylophonist marmalade"
    vault.items.put_many([Draft(text=canary, fields={"title": canary}, metadata={canary: canary}, id="c")])
    vault.items.update("c", text=f"{canary} again")
    vault.sealed.write("cache-x", canary.encode(), version=1)
    vault.lexical.match(["marmalade"], filter=None, limit=3)
    for file in profile_path.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert b"marmalad" not in data, file.name
            assert not data.startswith(b"SQLite format 3"), file.name


def test_second_opener_finds_it_busy(vault: Vault, profile_path: Path, app_key: AppKey) -> None:
    with pytest.raises(ProfileBusyError):
        Vault.open(profile_path, app_key)
    vault.close()
    Vault.open(profile_path, app_key).close()


def test_wrong_secret_locks_nothing(vault: Vault, profile_path: Path, app_key: AppKey) -> None:
    vault.close()
    for _ in range(2):
        with pytest.raises(LockedError):
            Vault.open(profile_path, OTHER)
    Vault.open(profile_path, app_key).close()


def test_missing_profile_is_not_made(tmp_path: Path, app_key: AppKey) -> None:
    with pytest.raises(NotFoundError, match="no profile"):
        Vault.open(tmp_path / "none", app_key)
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFoundError, match="no profile"):
        Vault.open(tmp_path / "empty", app_key)
    assert list((tmp_path / "empty").iterdir()) == []


def test_lost_database_is_corrupt(vault: Vault, profile_path: Path, app_key: AppKey) -> None:
    vault.close()
    (profile_path / "epoch-1" / "profile.db").unlink()
    with pytest.raises(CorruptError, match="lost its database"):
        Vault.open(profile_path, app_key)


def test_create_overwrites_nothing(vault: Vault, profile_path: Path, tmp_path: Path, app_key: AppKey) -> None:
    with pytest.raises(ProfileExistsError, match="already"):
        Vault.create(profile_path, app_key)
    (tmp_path / "file").write_text("x")
    with pytest.raises(ProfileExistsError, match="is a file"):
        Vault.create(tmp_path / "file", app_key)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "holiday.jpg").write_text("x")
    with pytest.raises(ProfileExistsError, match="not empty"):
        Vault.create(tmp_path / "folder", app_key)
    assert [entry.name for entry in (tmp_path / "folder").iterdir()] == ["holiday.jpg"]


def private_folder(path: Path) -> Path:
    make_private_dir(path)
    return path


def test_create_takes_an_empty_folder_and_an_interrupted_one(tmp_path: Path, app_key: AppKey) -> None:
    key_file, key = KeyFile.create(private_folder(tmp_path / "p") / "keys.json.new", [OTHER])
    epoch = private_folder(tmp_path / "p" / "epoch-1")
    CommitRecord(epoch / "profile.commits", key, key_file.profile_id, 1).create(0)
    (epoch / "profile.db").write_text("half")
    (tmp_path / "p" / f".keys.json.new.{'0' * 16}.tmp").write_text("half")
    with Vault.create(tmp_path / "p", app_key) as vault:
        assert vault.check() == []
        assert [path.name for path in vault.path.glob(".*")] == []


def test_failed_creation_leaves_no_profile(tmp_path: Path, app_key: AppKey, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise CorruptError("made up")

    with monkeypatch.context() as patched:
        patched.setattr("ondevice.vault.creating.make_identity", fail)
        with pytest.raises(CorruptError):
            Vault.create(tmp_path / "p", app_key)
    with pytest.raises(NotFoundError):
        Vault.open(tmp_path / "p", app_key)
    Vault.create(tmp_path / "p", app_key).close()


def test_slots(vault: Vault, profile_path: Path, app_key: AppKey) -> None:
    code = RecoveryCode.generate()
    added = vault.add_slot(code)
    assert [slot.kind for slot in vault.slots()] == ["app", "recovery"]
    first = vault.slots()[0]
    changed = vault.change_slot(first.id, OTHER)
    assert changed.kind == "app"
    vault.close()
    with pytest.raises(LockedError):
        Vault.open(profile_path, app_key)
    with Vault.open(profile_path, OTHER) as reopened:
        reopened.remove_slot(changed.id)
        with pytest.raises(InputError, match="last"):
            reopened.remove_slot(added.id)
        with pytest.raises(NotFoundError):
            reopened.remove_slot("00000000")
    with Vault.open(profile_path, code) as reopened:
        assert [event.kind for event in reopened.events.list()] == [
            "created",
            "slot-added",
            "slot-changed",
            "slot-removed",
        ]


def test_use_after_close_is_misuse(vault: Vault) -> None:
    vault.close()
    vault.close()
    calls: list[Callable[[], object]] = [
        lambda: vault.items.count(),
        lambda: vault.items.put_many([Draft(text="x")]),
        lambda: vault.forget(["x"]),
        lambda: vault.prune(),
        lambda: vault.backup(Path("nowhere")),
        lambda: vault.rekey(OTHER),
        lambda: vault.add_slot(OTHER),
        lambda: vault.check(),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="closed"):
            call()


def test_repr_names_id_and_state(vault: Vault) -> None:
    assert repr(vault) == f"Vault('{vault.profile_id}', epoch=1)"
    vault.close()
    assert repr(vault).endswith(", closed)")


def test_earlier_epochs_and_drafts_are_removed_at_opening_and_later_ones_stay(
    vault: Vault, profile_path: Path, app_key: AppKey
) -> None:
    vault.rekey(app_key)
    vault.close()
    for name in ("epoch-1", "epoch-3", f".epoch-3.{'0' * 16}.tmp"):
        (private_folder(profile_path / name) / "profile.db").write_text("half")
    Vault.open(profile_path, app_key).close()
    assert sorted(entry.name for entry in profile_path.glob("*epoch-*")) == ["epoch-2", "epoch-3"]


def test_an_older_key_file_destroys_nothing(vault: Vault, profile_path: Path, app_key: AppKey) -> None:
    vault.items.put_many([Draft(text=f"item {i}") for i in range(20)])
    keys = profile_path / "keys.json"
    older = keys.read_bytes()
    vault.rekey(app_key)
    vault.close()
    newer = keys.read_bytes()
    keys.write_bytes(older)
    with pytest.raises(CorruptError, match="is in epoch 2"):
        Vault.open(profile_path, app_key)
    keys.write_bytes(newer)
    with Vault.open(profile_path, app_key) as reopened:
        assert reopened.items.count() == 20


def test_a_rekey_after_a_stray_epoch_takes_another_number(vault: Vault, profile_path: Path, app_key: AppKey) -> None:
    vault.items.put_many([Draft(text="kept")])
    (profile_path / "epoch-2").write_text("a stray file")
    vault.rekey(app_key)
    assert vault.epoch == 3
    vault.close()
    with Vault.open(profile_path, app_key) as reopened:
        assert (reopened.epoch, reopened.items.count(), reopened.check()) == (3, 1, [])
