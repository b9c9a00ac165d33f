"""The key file: who gets in, who does not, and how that changes."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ondevice.config import KdfConfig
from ondevice.errors import (
    CorruptError,
    InputError,
    LockedError,
    NotFoundError,
    ProfileExistsError,
    StorageError,
    VersionError,
)
from ondevice.vault.header import parse
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.secrets import AppKey, Passphrase, RecoveryCode, Secret

CHEAP = KdfConfig(passes=2, memory_kib=19 * 1024, lanes=1)
APP, OTHER_APP = AppKey(b"a" * 32), AppKey(b"b" * 32)
WORDS = Passphrase("correct horse")
CODE = RecoveryCode.generate()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_every_secret_unlocks_the_same_key_and_others_do_not(path: Path) -> None:
    created, key = KeyFile.create(path, [WORDS, CODE, APP], CHEAP)
    loaded = KeyFile.load(path)
    assert (loaded.profile_id, loaded.epoch, loaded.slots) == (created.profile_id, 1, created.slots)
    assert [slot.kind for slot in loaded.slots] == ["passphrase", "recovery", "app"]
    right: list[Secret] = [WORDS, CODE, APP]
    for secret in right:
        assert loaded.unlock(secret) == key
    wrong: list[Secret] = [Passphrase("correct house"), RecoveryCode.generate(), OTHER_APP]
    for secret in wrong:
        with pytest.raises(LockedError, match="does not open this profile"):
            loaded.unlock(secret)


def test_file_is_private_and_holds_neither_key_nor_secret(path: Path) -> None:
    _, key = KeyFile.create(path, [WORDS, APP], CHEAP)
    text = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    for secret in (key.reveal(), APP.key):
        assert secret.hex() not in text
    assert "horse" not in text
    assert os.listdir(path.parent) == ["keys.json"]


def test_slots_say_when_they_were_made(path: Path) -> None:
    key_file, _ = KeyFile.create(path, [APP])
    assert timedelta(0) <= datetime.now(UTC) - key_file.slots[0].created_at < timedelta(minutes=1)


def test_two_profiles_share_nothing(path: Path) -> None:
    first, first_key = KeyFile.create(path, [APP])
    second, second_key = KeyFile.create(path.with_name("other.json"), [APP])
    assert first.profile_id != second.profile_id
    assert first_key != second_key


def test_secret_of_a_kind_without_slot_says_what_there_is(path: Path) -> None:
    key_file, _ = KeyFile.create(path, [CODE, APP])
    with pytest.raises(LockedError, match="no slot of the kind passphrase") as caught:
        key_file.unlock(WORDS)
    assert caught.value.hint == "it has: app, recovery"


def test_second_slot_of_a_kind_is_tried_too(path: Path) -> None:
    key_file, key = KeyFile.create(path, [OTHER_APP, APP])
    assert key_file.unlock(APP) == key


def test_creating_over_a_file_is_refused(path: Path) -> None:
    path.write_bytes(b"precious")
    with pytest.raises(ProfileExistsError):
        KeyFile.create(path, [APP])
    assert path.read_bytes() == b"precious"


def test_creation_without_room_leaves_nothing(path: Path) -> None:
    with pytest.raises(StorageError):
        KeyFile.create(path.parent / "none" / "keys.json", [APP])
    assert os.listdir(path.parent) == []


@pytest.mark.parametrize("n_secrets", [0, 9])
def test_number_of_secrets_is_limited(path: Path, n_secrets: int) -> None:
    with pytest.raises(ValueError, match=f"1 to 8 secrets, not {n_secrets}"):
        KeyFile.create(path, [APP] * n_secrets)


def test_weak_cost_is_refused_and_needs_no_passphrase_slot_to_pass(path: Path) -> None:
    weak = KdfConfig(passes=1, memory_kib=8, lanes=1)
    with pytest.raises(ValueError, match="passes is 1"):
        KeyFile.create(path, [WORDS], weak)
    assert not path.exists()


def test_what_is_no_secret_is_a_type_error(path: Path) -> None:
    with pytest.raises(TypeError, match="not str"):
        KeyFile.create(path, ["words"])  # type: ignore[list-item]


def test_slot_is_added_and_the_old_file_stays_as_it_was(path: Path) -> None:
    key_file, key = KeyFile.create(path, [APP])
    more = key_file.add_slot(key, CODE)
    assert len(key_file.slots) == 1
    more.save(path)
    for secret in (APP, CODE):
        assert KeyFile.load(path).unlock(secret) == key


def test_slot_is_removed_but_never_the_last(path: Path) -> None:
    key_file, key = KeyFile.create(path, [APP, CODE])
    app_slot, code_slot = key_file.slots
    fewer = key_file.remove_slot(key, app_slot.id)
    assert fewer.unlock(CODE) == key
    with pytest.raises(LockedError):
        fewer.unlock(APP)
    with pytest.raises(InputError, match="is the last"):
        fewer.remove_slot(key, code_slot.id)
    with pytest.raises(NotFoundError, match="no slot"):
        fewer.remove_slot(key, app_slot.id)


def test_slot_is_replaced_in_its_place(path: Path) -> None:
    key_file, key = KeyFile.create(path, [WORDS, APP], CHEAP)
    new_words = Passphrase("battery staple")
    changed = key_file.replace_slot(key, key_file.slots[0].id, new_words, CHEAP)
    assert [slot.kind for slot in changed.slots] == ["passphrase", "app"]
    assert changed.slots[0].id != key_file.slots[0].id
    assert changed.unlock(new_words) == changed.unlock(APP) == key
    with pytest.raises(LockedError):
        changed.unlock(WORDS)
    with pytest.raises(NotFoundError):
        key_file.replace_slot(key, "00000000", new_words, CHEAP)


def test_ninth_slot_is_refused(path: Path) -> None:
    key_file, key = KeyFile.create(path, [APP] * 8)
    with pytest.raises(InputError, match="8 slots"):
        key_file.add_slot(key, CODE)


def test_rekey_makes_a_new_key_for_the_secrets_given_only(path: Path) -> None:
    key_file, key = KeyFile.create(path, [APP, CODE])
    newer, new_key = key_file.rekeyed(key, [CODE])
    assert (newer.profile_id, newer.epoch) == (key_file.profile_id, 2)
    assert new_key != key
    assert newer.unlock(CODE) == new_key
    with pytest.raises(LockedError):
        newer.unlock(APP)
    with pytest.raises(CorruptError):
        newer.add_slot(key, APP)
    assert key_file.unlock(APP) == key


def test_edits_need_the_files_own_key(path: Path) -> None:
    key_file, _ = KeyFile.create(path, [APP, CODE])
    stranger = ProfileKey.generate()
    slot_id = key_file.slots[0].id
    for edit in (
        lambda: key_file.add_slot(stranger, APP),
        lambda: key_file.remove_slot(stranger, slot_id),
        lambda: key_file.replace_slot(stranger, slot_id, APP),
        lambda: key_file.rekeyed(stranger, [APP]),
    ):
        with pytest.raises(CorruptError, match="does not have the profile's key"):
            edit()


def test_edit_never_puts_a_new_tag_on_a_changed_file(path: Path) -> None:
    _, key = KeyFile.create(path, [APP, CODE])
    text = path.read_text()
    at = text.index('"created_at": "2') + len('"created_at": "')
    path.write_text(text[:at] + "1999" + text[at + 4 :])
    with pytest.raises(CorruptError):
        KeyFile.load(path).add_slot(key, OTHER_APP)


def outcome(data: bytes, secret: Secret) -> str:
    """Unlock what these bytes say they are, and name what came of it."""
    try:
        KeyFile(parse(data)).unlock(secret)
    except (LockedError, CorruptError, VersionError) as error:
        return type(error).__name__
    return "unlocked"


def test_every_flipped_bit_of_the_file_is_refused(path: Path) -> None:
    KeyFile.create(path, [WORDS, CODE, APP], CHEAP)
    data = bytearray(path.read_bytes())
    assert outcome(bytes(data), APP) == "unlocked"
    for position in range(len(data)):
        for bit in range(8):
            data[position] ^= 1 << bit
            assert outcome(bytes(data), APP) != "unlocked", (position, bit)
            data[position] ^= 1 << bit


def test_flipped_bits_of_a_passphrase_slot_are_refused_to_the_passphrase(path: Path) -> None:
    KeyFile.create(path, [WORDS], CHEAP)
    data = bytearray(path.read_bytes())
    assert outcome(bytes(data), WORDS) == "unlocked"
    for position in range(data.index(b'"id"'), data.index(b'"tag"'), 7):
        data[position] ^= 1
        assert outcome(bytes(data), WORDS) in ("LockedError", "CorruptError")
        data[position] ^= 1


def test_file_cut_anywhere_is_refused(path: Path) -> None:
    KeyFile.create(path, [APP])
    data = path.read_bytes()
    assert {outcome(data[:length], APP) for length in range(len(data))} == {"CorruptError"}


def test_slot_of_another_profile_does_not_open_here(path: Path) -> None:
    other_path = path.with_name("other.json")
    KeyFile.create(path, [APP])
    other, _ = KeyFile.create(other_path, [APP])
    text = other_path.read_text().replace(other.profile_id, KeyFile.load(path).profile_id)
    other_path.write_text(text)
    with pytest.raises(LockedError):
        KeyFile.load(other_path).unlock(APP)


def test_missing_file_is_not_found(path: Path) -> None:
    with pytest.raises(NotFoundError):
        KeyFile.load(path)


def test_repr_shows_no_secret(path: Path) -> None:
    key_file, _ = KeyFile.create(path, [APP])
    assert repr(key_file) == f"KeyFile(profile_id={key_file.profile_id!r}, epoch=1, n_slots=1)"
