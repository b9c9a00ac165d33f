"""Secrets arrive through file descriptors, never through arguments."""

from __future__ import annotations

import os

import pytest

from ondevice.cli.failing import UsageError
from ondevice.cli.secrets_in import MAX_SECRET_BYTES, SecretSource
from ondevice.errors import InputError
from ondevice.vault.secrets import Keystore, Passphrase, RecoveryCode


def descriptor(data: bytes) -> int:
    """Return the reading end of a pipe that holds ``data``."""
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    return reader


@pytest.mark.parametrize("data", [b"open sesame", b"open sesame\n", b"open sesame\r\nsecond line\n"])
def test_the_first_line_is_the_passphrase(data: bytes) -> None:
    assert SecretSource(passphrase_fd=descriptor(data)).read() == Passphrase("open sesame")


def test_spaces_belong_to_the_passphrase() -> None:
    assert SecretSource(passphrase_fd=descriptor(b" open \n")).read() == Passphrase(" open ")


def test_recovery_code_and_keystore() -> None:
    code = RecoveryCode.generate()
    assert SecretSource(recovery_fd=descriptor(code.text.encode())).read() == code
    assert SecretSource(keystore=True).read() == Keystore()


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe\n", b"x" * (MAX_SECRET_BYTES + 1)])
def test_unusable_secrets_are_named_by_descriptor_only(data: bytes) -> None:
    number = descriptor(data)
    with pytest.raises(InputError) as caught:
        SecretSource(passphrase_fd=number).read()
    assert f"file descriptor {number}" in caught.value.message


def test_a_closed_descriptor() -> None:
    number = descriptor(b"x")
    os.close(number)
    with pytest.raises(InputError, match=f"file descriptor {number} cannot be read"):
        SecretSource(passphrase_fd=number).read()


def test_two_ways_at_once() -> None:
    with pytest.raises(UsageError):
        SecretSource(passphrase_fd=descriptor(b"x"), keystore=True).read()
