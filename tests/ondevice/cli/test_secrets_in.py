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


@pytest.mark.parametrize("sign", "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\r")
def test_nothing_but_a_line_feed_ends_a_passphrase(sign: str) -> None:
    whole = f"a{sign}long secret tail"
    for end in ("", "\n", "\r\n", "\nsecond line"):
        assert SecretSource(passphrase_fd=descriptor(f"{whole}{end}".encode())).read() == Passphrase(whole)


def test_the_longest_secret_is_taken_with_its_line_end_and_what_follows_does_not_count() -> None:
    longest = "x" * MAX_SECRET_BYTES
    for data in (longest, f"{longest}\r\n", f"{longest}\n" + "y" * MAX_SECRET_BYTES):
        assert SecretSource(passphrase_fd=descriptor(data.encode())).read() == Passphrase(longest)


def test_an_endless_descriptor_is_refused() -> None:
    number = os.open("/dev/zero", os.O_RDONLY)
    with pytest.raises(InputError, match="longer than 4096 bytes"):
        SecretSource(passphrase_fd=number).read()


def test_a_line_is_enough_where_the_writer_goes_on() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"open sesame\nthe text that follows")
    assert SecretSource(passphrase_fd=reader).read() == Passphrase("open sesame")
    os.close(writer)


def test_recovery_code_and_keystore() -> None:
    code = RecoveryCode.generate()
    assert SecretSource(recovery_fd=descriptor(code.text.encode())).read() == code
    assert SecretSource(keystore=True).read() == Keystore()


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe\n", b"x" * (MAX_SECRET_BYTES + 1), b"\r\n"])
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
