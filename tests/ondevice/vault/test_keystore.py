"""The OS keystore: native backends only, and every refusal says what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring

from ondevice.errors import KeystoreError, LockedError
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.keystore import discard_secret, fetch_secret, store_secret
from ondevice.vault.secrets import NATIVE_BACKENDS, AppKey, Keystore
from tests.ondevice.vault.memory_keystore import Memory

ACCOUNT = "ab" * 16 + "/0123abcd"


class PlaintextKeyring(Memory):
    """Stands for a backend that writes entries to a readable file."""


class OtherKeyring(Memory):
    """A second safe keystore, as after a change of desktop."""


def name_of(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


ALLOWED = Keystore(backends=NATIVE_BACKENDS | {name_of(Memory), name_of(OtherKeyring)})


def use(backend: KeyringBackend) -> None:
    keyring.set_keyring(backend)


@pytest.fixture(autouse=True)
def keep_the_systems_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


@pytest.fixture
def memory() -> Memory:
    backend = Memory()
    use(backend)
    return backend


def test_secret_is_stored_fetched_and_discarded(memory: Memory) -> None:
    secret, name = store_secret(ALLOWED, ACCOUNT)
    assert name == name_of(Memory)
    assert len(secret) == 32
    assert memory.entries == {("ondevice", ACCOUNT): secret.hex()}
    assert fetch_secret(ALLOWED, ACCOUNT, made_with=name) == secret
    assert discard_secret(ALLOWED, ACCOUNT) is True
    assert discard_secret(ALLOWED, ACCOUNT) is False


def test_backend_that_is_not_on_the_list_is_refused(memory: Memory) -> None:
    with pytest.raises(KeystoreError, match=name_of(Memory)) as caught:
        store_secret(Keystore(), ACCOUNT)
    assert caught.value.hint is not None
    assert "Secret Service" in caught.value.hint
    assert memory.entries == {}


@pytest.mark.parametrize("backend", [FailKeyring, NullKeyring, PlaintextKeyring], ids=lambda kind: kind.__name__)
def test_backend_that_keeps_nothing_or_keeps_it_readable_is_refused_even_when_listed(
    backend: type[KeyringBackend],
) -> None:
    use(backend())
    listed = Keystore(backends=frozenset({name_of(backend)}))
    for call in (
        lambda: store_secret(listed, ACCOUNT),
        lambda: fetch_secret(listed, ACCOUNT, made_with=""),
        lambda: discard_secret(listed, ACCOUNT),
    ):
        with pytest.raises(KeystoreError, match=f"no safe keystore, only {name_of(backend)}"):
            call()


def test_only_the_systems_own_keystores_are_listed_by_default() -> None:
    assert {name.split(".")[2] for name in NATIVE_BACKENDS} == {
        "macOS",
        "Windows",
        "SecretService",
        "kwallet",
        "libsecret",
    }
    for name in NATIVE_BACKENDS:
        module, _, kind = name.rpartition(".")
        assert hasattr(__import__(module, fromlist=[kind]), kind)


def test_chainer_is_bypassed_for_the_safe_backend_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    chainer = ChainerBackend()
    use(chainer)
    with pytest.raises(KeystoreError, match="no safe keystore"):
        store_secret(Keystore(), ACCOUNT)
    monkeypatch.setattr(PlaintextKeyring, "priority", 9)
    monkeypatch.setattr(Memory, "priority", 5)
    monkeypatch.setattr(OtherKeyring, "priority", 0)
    assert [type(backend) for backend in chainer.backends][:2] == [PlaintextKeyring, Memory]
    _, name = store_secret(ALLOWED, ACCOUNT)
    assert name == name_of(Memory)


def test_locked_keystore_is_an_error_without_its_text(memory: Memory) -> None:
    store_secret(ALLOWED, ACCOUNT)
    memory.is_locked = True
    with pytest.raises(KeystoreError, match=r"refused \(KeyringLocked\)") as caught:
        fetch_secret(ALLOWED, ACCOUNT, made_with=name_of(Memory))
    assert "stays shut" not in str(caught.value)


def test_keystore_that_drops_what_it_is_given_is_found_out(memory: Memory, monkeypatch: Any) -> None:
    monkeypatch.setattr(memory, "set_password", lambda *_: None)
    with pytest.raises(KeystoreError, match="did not keep what it was given"):
        store_secret(ALLOWED, ACCOUNT)


@pytest.mark.parametrize("value", ["", "00" * 31, "0G" * 32, "AB" * 32, "00" * 32 + " "])
def test_changed_entry_is_named(memory: Memory, value: str) -> None:
    memory.entries["ondevice", ACCOUNT] = value
    with pytest.raises(KeystoreError, match="has been changed"):
        fetch_secret(ALLOWED, ACCOUNT, made_with=name_of(Memory))


def test_missing_extra_names_the_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ImportError, match=r'pip install "ondevice-sdk\[keystore\]"'):
        store_secret(Keystore(), ACCOUNT)


def test_profile_unlocks_with_the_keystore_and_keeps_no_secret_itself(memory: Memory, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    key_file, profile_key = KeyFile.create(path, [ALLOWED])
    assert KeyFile.load(path).unlock(ALLOWED) == profile_key
    (account,) = [account for _, account in memory.entries]
    assert account == f"{key_file.profile_id}/{key_file.slots[0].id}"
    (stored,) = memory.entries.values()
    assert stored not in path.read_text()
    with pytest.raises(LockedError, match="no slot"):
        KeyFile.load(path).unlock(Keystore("another-app", backends=ALLOWED.backends))


def test_lost_entry_after_a_change_of_keystore_names_both(memory: Memory, tmp_path: Path) -> None:
    key_file, _ = KeyFile.create(tmp_path / "keys.json", [ALLOWED])
    use(OtherKeyring())
    with pytest.raises(KeystoreError, match=r"OtherKeyring has no entry.*Memory") as caught:
        key_file.unlock(ALLOWED)
    assert caught.value.hint is not None
    assert "recovery code" in caught.value.hint


def test_entries_of_slots_that_are_gone_are_discarded(memory: Memory, tmp_path: Path) -> None:
    old, key = KeyFile.create(tmp_path / "keys.json", [ALLOWED, AppKey(bytes(32))])
    new, new_key = old.rekeyed(key, [ALLOWED])
    assert len(memory.entries) == 2
    assert old.discard_entries(kept=old, keystore=ALLOWED) == 0
    assert old.discard_entries(kept=new, keystore=ALLOWED) == 1
    assert new.unlock(ALLOWED) == new_key
    with pytest.raises(KeystoreError):
        old.unlock(ALLOWED)
    assert new.discard_entries(keystore=ALLOWED) == 1
    assert memory.entries == {}


def test_failing_creation_takes_back_what_the_keystore_was_given(memory: Memory, tmp_path: Path) -> None:
    with pytest.raises(KeystoreError):
        KeyFile.create(tmp_path / "keys.json", [ALLOWED, Keystore("second")])
    assert memory.entries == {}
    assert not (tmp_path / "keys.json").exists()
