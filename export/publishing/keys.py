"""The publisher's key: made once, kept under a passphrase, named to devices by its public half."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from export.publishing.pkcs8 import encrypted_pem
from export.publishing.writing import write_new
from ondevice.bundle import PublisherKey
from ondevice.errors import InputError, LockedError, NotFoundError, StorageError
from ondevice.safety.confined import Confined
from ondevice.safety.regular_files import open_regular

KEY_TEXT_PREFIX = "ondevice-publisher-key-1:"
PUBLIC_SUFFIX = ".pub"
MAX_KEY_BYTES = 16384
MIN_PASSPHRASE = 8


class SigningKey(Confined):
    """An Ed25519 private key (RFC 8032), kept out of every text this class writes."""

    __slots__ = ("_private",)

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> Self:
        """Make a new key from the operating system's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Make the key that 32 bytes stand for: the same seed, the same key.

        Raises:
            ValueError: If the seed is not 32 bytes long.
        """
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def publisher(self) -> PublisherKey:
        """The public half, which devices pin."""
        return PublisherKey(raw=self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature; the same message always gets the same one."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        """Hide the key."""
        return "SigningKey()"

    def pem(self, passphrase: str | None) -> bytes:
        """Return the key in PKCS #8 PEM, under the passphrase where there is one."""
        if passphrase is None:
            return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return encrypted_pem(self._private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), passphrase)


def keygen(path: Path, *, passphrase: str | None, unencrypted: bool = False) -> PublisherKey:
    """Make a key pair: the private key at ``path`` (mode 0600), the public key's text beside it in ``<path>.pub``.

    Args:
        path: A new file.
        passphrase: At least 8 characters; they keep whoever copies the file from signing.
        unencrypted: Write the private key readable. Only for machines that guard files in another way.

    Raises:
        ValueError: If a passphrase is missing or given beside ``unencrypted``.
        InputError: If the passphrase is too short.
        StorageError: If one of the files exists or cannot be written.
    """
    if unencrypted != (passphrase is None):
        raise ValueError("give a passphrase, or unencrypted=True")
    if passphrase is not None and len(passphrase) < MIN_PASSPHRASE:
        raise InputError(
            f"the passphrase has {len(passphrase)} characters, but {MIN_PASSPHRASE} are the least",
            hint="take several words",
        )
    public = path.with_name(path.name + PUBLIC_SUFFIX)
    if public.exists():
        raise StorageError(f"there is a file {public.name!r} already", hint="name a new file")
    key = SigningKey.generate()
    write_new(path, key.pem(passphrase))
    write_new(public, f"{key.publisher.text}\n".encode(), mode=0o644)
    return key.publisher


def load_private_key(path: Path, passphrase: str | None = None) -> SigningKey:
    """Read a private key.

    Args:
        path: An Ed25519 key in PKCS #8 PEM, as :func:`keygen` writes it.
        passphrase: What it was encrypted with; ``None`` where it was not.

    Raises:
        NotFoundError: If there is no such file.
        StorageError: If it cannot be read, or others may read it.
        LockedError: If the passphrase is missing or not the right one.
        InputError: If the file holds no such key.
    """
    data = _read_guarded(path)
    secret = passphrase.encode() if passphrase is not None and needs_passphrase(path) else None
    try:
        private = load_pem_private_key(data, secret)
    except TypeError:
        raise LockedError(
            f"the key {path.name!r} is encrypted, and no passphrase was given", hint="use --passphrase-file"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        if secret is not None:
            raise LockedError(f"the passphrase does not open the key {path.name!r}, or the file is damaged") from None
        raise InputError(
            f"the file {path.name!r} holds no private key in PEM", hint="make one with: ondevice-export keygen"
        ) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise InputError(f"the key {path.name!r} is not an Ed25519 key", hint="make one with: ondevice-export keygen")
    return SigningKey(private)


def needs_passphrase(path: Path) -> bool:
    """Return whether the key at ``path`` is encrypted; raises as :func:`load_private_key` where it cannot be read."""
    return b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in _read_guarded(path)


def read_publisher_key(text_or_path: str) -> PublisherKey:
    """Return the public key given as its own text, or as the path of a file that holds that text.

    Raises:
        NotFoundError: If it is neither.
        InputError: If the text or the file's text is no public key.
    """
    if text_or_path.startswith(KEY_TEXT_PREFIX):
        return PublisherKey.from_text(text_or_path.strip())
    path = Path(text_or_path)
    try:
        with open_regular(path) as file:
            data = file.read(MAX_KEY_BYTES)
    except FileNotFoundError:
        raise NotFoundError(
            f"there is no publisher key {path.name!r}", hint=f"give a .pub file, or the text {KEY_TEXT_PREFIX}…"
        ) from None
    except OSError as error:
        raise StorageError(f"the publisher key {path.name!r} cannot be read: {error.strerror}") from None
    return PublisherKey.from_text(data.decode("ascii", errors="replace").strip())


def _read_guarded(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            if os.name == "posix" and (mode := os.fstat(file.fileno()).st_mode & 0o777) & 0o077:
                raise StorageError(
                    f"the key {path.name!r} has mode {mode:04o}, so others may read it",
                    hint=f"run: chmod 600 {path.name}",
                )
            return file.read(MAX_KEY_BYTES)
    except FileNotFoundError:
        raise NotFoundError(f"there is no key {path.name!r}", hint="make one with: ondevice-export keygen") from None
    except OSError as error:
        raise StorageError(f"the key {path.name!r} cannot be read: {error.strerror}") from None
