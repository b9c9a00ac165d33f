"""A profile that is open only while it is needed, and the secret that opens it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from ondevice import ModelSet, Personalizer
from ondevice.errors import InputError, LockedError, NotFoundError, ProfileBusyError
from ondevice_integrations.profiles import HeldProfile, ProfileChoice, models_of
from ondevice_integrations.secrets_in import SecretSource
from tests.mcp_hosts import CHEAP, PASSPHRASE

WITHOUT_MODELS = ModelSet(encoder=None, generator=None)


@pytest.fixture
def profile(profile_path: Path) -> Path:
    Personalizer.create(profile_path, passphrase=PASSPHRASE, models=WITHOUT_MODELS, kdf=CHEAP).close()
    return profile_path


def piped(text: bytes) -> int:
    reader, writer = os.pipe()
    os.write(writer, text)
    os.close(writer)
    return reader


def choice_of(profile: Path, descriptor: int) -> ProfileChoice:
    return ProfileChoice(profile=profile, secret=SecretSource(passphrase_fd=descriptor), models=WITHOUT_MODELS)


def wait_until_locked(held: HeldProfile) -> None:
    until = time.monotonic() + 60
    while held.is_open:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_profile_is_open_from_its_first_use_until_nobody_needs_it(profile: Path, tmp_path: Path) -> None:
    file = tmp_path / "secret.txt"
    file.write_text(PASSPHRASE)
    with file.open() as secret:
        held = HeldProfile(choice_of(profile, secret.fileno()), lock_after_s=0.01)
        assert not held.is_open
        with held.use() as me:
            time.sleep(0.05)
            assert held.is_open, "whoever is at work is not idle"
            me.add("Tea at nine.")
        wait_until_locked(held)
        Personalizer.open(profile, passphrase=PASSPHRASE, models=WITHOUT_MODELS).close()
        with held.use() as me:
            assert len(me.items.list()) == 1, "a secret in a file is read again"
        held.close()
        with pytest.raises(LockedError, match="has been closed"), held.use():
            pass


def test_a_secret_from_a_pipe_is_kept_no_longer_than_the_profile_is_open(profile: Path) -> None:
    held = HeldProfile(choice_of(profile, piped(PASSPHRASE.encode() + b"\r\nmore")), lock_after_s=0.01)
    elsewhere = Personalizer.open(profile, passphrase=PASSPHRASE, models=WITHOUT_MODELS)
    with elsewhere, pytest.raises(ProfileBusyError), held.use():
        pass
    with held.use():
        pass
    wait_until_locked(held)
    with pytest.raises(LockedError, match=r"locked after 0\.01 s without use, and its secret was not kept"), held.use():
        pass
    held.close()


def test_closing_waits_for_whoever_is_at_work(profile: Path) -> None:
    held = HeldProfile(choice_of(profile, piped(PASSPHRASE.encode())))
    begun, told = threading.Event(), []

    def work() -> None:
        with held.use() as me:
            begun.set()
            time.sleep(0.05)
            told.append(me.add("Tea at nine.").id)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    held.close()
    thread.join()
    assert len(told) == 1


def test_a_missing_profile_and_a_wrong_secret_are_refused(profile: Path, tmp_path: Path) -> None:
    choice_of(profile, piped(b"x")).require_profile()
    with pytest.raises(NotFoundError, match="run: ondevice init"):
        choice_of(tmp_path / "none", piped(b"x")).require_profile()
    held = HeldProfile(choice_of(profile, piped(b"wrong")))
    with pytest.raises(LockedError), held.use():
        pass
    held.close()


def test_a_secret_comes_one_way_and_never_from_the_protocol_s_streams() -> None:
    with pytest.raises(LockedError, match="nobody to ask"):
        SecretSource()
    with pytest.raises(InputError, match="2 ways"):
        SecretSource(keystore=True, passphrase_fd=3)
    with pytest.raises(InputError, match="descriptor 0 is a standard stream"):
        SecretSource(passphrase_fd=0)
    for number in (987, 1 << 40):
        with pytest.raises(InputError, match=f"descriptor {number} cannot be read"):
            SecretSource(recovery_fd=number)
    for content, reason in ((b"", "1 to 4096 bytes"), (b"x" * 5000, "1 to 4096 bytes"), (b"\xff\n", "not UTF-8")):
        with pytest.raises(InputError, match=reason):
            SecretSource(passphrase_fd=piped(content)).read()
    source = SecretSource(recovery_fd=piped(b"geheim\n"))
    assert [source.read(), source.read()] == ["geheim", "geheim"]
    assert "geheim" not in repr(source)


def test_models_are_the_default_ones_unless_they_are_named() -> None:
    assert models_of(None, None, generator=True) == ModelSet()
    assert models_of(None, "none") == WITHOUT_MODELS
    assert models_of(Path("models"), "mine").encoder == "mine"
