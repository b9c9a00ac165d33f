"""A slot that is cheap to guess is found in the file itself, whether or not the vault would accept it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ondevice.config import KdfConfig
from ondevice.privacy.at_rest import key_slots
from ondevice.privacy.at_rest.key_slots import check_slots
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.secrets import AppKey, Passphrase, RecoveryCode, Secret

CHEAP = KdfConfig(passes=2, memory_kib=19 * 1024, lanes=1)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    secrets: list[Secret] = [Passphrase("a passphrase"), AppKey(b"k" * 32), RecoveryCode.generate()]
    KeyFile.create(tmp_path / "keys.json", secrets, CHEAP)
    return tmp_path


def edit(profile: Path, **changes: Any) -> None:
    """Change the passphrase's slot as somebody with an editor would."""
    path = profile / "keys.json"
    document = json.loads(path.read_bytes())
    slot = next(slot for slot in document["slots"] if slot["kind"] == "passphrase")
    slot |= changes
    path.write_text(json.dumps(document, indent=2) + "\n")


def levels(profile: Path) -> dict[str, str]:
    return {finding.code.removeprefix("at-rest/"): finding.level for finding in check_slots(profile)[0]}


def test_slots_are_counted_and_named(profile: Path) -> None:
    facts = {fact.name: fact.value for fact in check_slots(profile)[1]}
    assert facts["key slots"] == 3
    assert facts["kinds of key slots"] == "app, passphrase, recovery"
    assert facts["Argon2id of a passphrase"] == "2 passes over 19456 KiB, 1 lanes"


def test_the_floor_is_a_note_and_the_default_is_nothing(profile: Path, tmp_path: Path) -> None:
    assert levels(profile) == {"key-derivation-low": "note"}
    (tmp_path / "better").mkdir()
    KeyFile.create(tmp_path / "better" / "keys.json", [Passphrase("a passphrase")])
    assert levels(tmp_path / "better") == {}


@pytest.mark.parametrize(
    "kdf",
    [
        {"passes": 1, "memory_kib": 19456, "lanes": 1},
        {"passes": 2, "memory_kib": 8192, "lanes": 4},
        {"passes": 3, "memory_kib": 0, "lanes": 1},
        {"passes": 3, "memory_kib": 65536, "lanes": 0},
        {"passes": "3", "memory_kib": 65536, "lanes": 1},
        {},
        "pbkdf2",
    ],
)
def test_a_derivation_below_the_floor_is_found(profile: Path, kdf: object) -> None:
    edit(profile, kdf=kdf)
    found = levels(profile)
    assert found["key-derivation"] == "high"
    assert found["key-file-refused"] == "high"


def test_a_vault_whose_own_limits_were_lowered_is_found(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ondevice.vault.kdf.MIN_PASSES", 1)
    monkeypatch.setattr("ondevice.vault.kdf.MIN_MEMORY_KIB", 8)
    KeyFile.create(profile / "keys2.json", [Passphrase("a passphrase")], KdfConfig(passes=1, memory_kib=1024, lanes=1))
    (profile / "keys2.json").replace(profile / "keys.json")
    assert levels(profile) == {"key-derivation": "high"}


def test_salts_that_are_not_random_are_found(profile: Path) -> None:
    edit(profile, salt="A" * 43 + "=")
    assert levels(profile)["salt"] == "high"


def test_something_else_than_argon2id_is_found(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_slots, "argon2id", lambda _passphrase, salt, _kdf: salt)
    assert levels(profile)["argon2id"] == "high"


def test_a_file_that_says_nothing_is_refused_quietly(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("[" * 5000)
    assert levels(tmp_path) == {"key-file-refused": "high"}
