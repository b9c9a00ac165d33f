"""The cipher is judged by what it does on a copy, not by what its settings say alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ondevice.privacy.at_rest import cipher_effect
from ondevice.privacy.at_rest.cipher_effect import check_cipher
from ondevice.privacy.subject import Copy, subject_of
from ondevice.vault import cipher
from tests.ondevice.privacy.at_rest.conftest import KEY, WITHOUT_MODELS, Home


@pytest.fixture
def copy(home: Home) -> Iterator[Copy]:
    with subject_of(home.profile, KEY, WITHOUT_MODELS) as subject, subject.copied() as copy:
        yield copy


def codes(copy: Copy) -> set[str]:
    return {finding.code.removeprefix("at-rest/") for finding in check_cipher(copy)[0]}


def test_the_cipher_encrypts_and_authenticates(copy: Copy) -> None:
    findings, facts = check_cipher(copy)
    assert findings == []
    assert {fact.name: fact.value for fact in facts}["database: authentication"] == "HMAC_SHA512"


def test_a_library_that_takes_any_key_is_found(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    connect, first = cipher.connect, []

    def whatever(path: object, key: bytes, **options: object) -> object:
        first.append(key)
        return connect(path, first[0], **options)  # type: ignore[arg-type]

    monkeypatch.setattr(cipher_effect, "connect", whatever)
    assert "opens-with-another-key" in codes(copy)


def test_pages_that_are_not_authenticated_are_found(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cipher_effect, "_n_damaged", lambda _path, _key: 0)
    assert "change-unseen" in codes(copy)


def test_a_setting_that_is_another_is_found(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up = cipher._set_up

    def careless(connection: object, key: bytes, is_reader: bool) -> None:
        set_up(connection, key, is_reader)  # type: ignore[arg-type]
        connection.execute("PRAGMA secure_delete = OFF")  # type: ignore[attr-defined]

    monkeypatch.setattr(cipher, "_set_up", careless)
    assert codes(copy) == {"cipher-settings"}


def test_a_database_without_a_key_is_found(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cipher_effect, "_reads_without_key", lambda _path: True)
    assert "opens-without-key" in codes(copy)
