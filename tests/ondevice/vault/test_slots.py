"""Slots: every parameter of one is bound to the key it wraps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ondevice.config import KdfConfig
from ondevice.errors import LockedError
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.secrets import AppKey, Passphrase, RecoveryCode
from ondevice.vault.slots import Slot, account_name, canonical_json, kind_of, make_slot, open_slot

PROFILE = "ab" * 16
APP = AppKey(b"a" * 32)
CHEAP = KdfConfig(passes=2, memory_kib=19 * 1024, lanes=1)
KEY = ProfileKey(bytes(range(32)))


def made(secret: AppKey | Passphrase | RecoveryCode = APP) -> Slot:
    return make_slot(KEY, secret, CHEAP, profile_id=PROFILE, epoch=1)


@pytest.mark.parametrize("secret", [APP, RecoveryCode.generate(), Passphrase("words")], ids=kind_of)
def test_slot_opens_with_its_secret_in_its_place(secret: AppKey | Passphrase | RecoveryCode) -> None:
    slot = made(secret)
    assert open_slot(slot, secret, profile_id=PROFILE, epoch=1) == KEY
    for profile_id, epoch in (("cd" * 16, 1), (PROFILE, 2)):
        with pytest.raises(LockedError):
            open_slot(slot, secret, profile_id=profile_id, epoch=epoch)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "00000000"},
        {"kind": "recovery"},
        {"salt": bytes(32)},
        {"wrapped_key": bytes(48)},
        {"service": "ondevice", "backend": "some.Backend"},
        {"kdf": CHEAP},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_slot_with_any_field_changed_does_not_open(changes: dict[str, Any]) -> None:
    with pytest.raises(LockedError):
        open_slot(replace(made(), **changes), APP, profile_id=PROFILE, epoch=1)


def test_slot_with_another_time_does_not_open() -> None:
    slot = made()
    with pytest.raises(LockedError):
        open_slot(replace(slot, created_at=slot.created_at + timedelta(seconds=1)), APP, profile_id=PROFILE, epoch=1)


def test_same_key_and_secret_twice_give_unlike_slots() -> None:
    first, second = made(), made()
    assert first.id != second.id
    assert first.salt != second.salt
    assert first.wrapped_key != second.wrapped_key


def test_cost_is_kept_for_passphrases_only() -> None:
    assert made(Passphrase("words")).kdf == CHEAP
    assert made(APP).kdf is None


def test_canonical_json_sorts_packs_and_stays_ascii() -> None:
    assert canonical_json({"b": {"d": 1, "c": "\u00e9"}, "a": [1, None]}) == b'{"a":[1,null],"b":{"c":"\\u00e9","d":1}}'
    with pytest.raises(ValueError, match="JSON"):
        canonical_json({"a": float("nan")})


def test_account_names_the_profile_and_the_slot() -> None:
    assert account_name(PROFILE, "0123abcd") == f"{PROFILE}/0123abcd"


def test_slot_shows_no_bytes() -> None:
    slot = made()
    assert "salt" not in repr(slot)
    assert "wrapped_key" not in repr(slot)
