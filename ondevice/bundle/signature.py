"""Who made a bundle: a publisher's Ed25519 signature (RFC 8032) over the exact bytes of its manifest.

The manifest names the hash of every file, so the signature speaks of them all. It lies beside the manifest in
``manifest.sig``; what it means depends on the publisher keys that the app pins, never on the key that the file names.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ondevice.bundle.sections import Section, parse_json
from ondevice.errors import InputError, ManifestError, SignatureError, StorageError
from ondevice.safety.regular_files import NotRegularError, TooLongError, read_regular

SIGNATURE_NAME = "manifest.sig"
MAX_SIGNATURE_BYTES = 4096

_FORMAT, _ALGORITHM = 1, "ed25519"
_CONTEXT = b"ondevice bundle manifest v1\n"
_KEY_PREFIX = "ondevice-publisher-key-1:"
_KEY_BYTES, _SIGNATURE_BYTES = 32, 64


@dataclass(frozen=True, kw_only=True, slots=True)
class PublisherKey:
    """A publisher's public key: 32 bytes of Ed25519."""

    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no key.

        Raises:
            ValueError: If it has not 32 bytes.
        """
        if len(self.raw) != _KEY_BYTES:
            raise ValueError(f"a publisher key has {_KEY_BYTES} bytes, not {len(self.raw)}")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a key as :attr:`text` writes it.

        Raises:
            InputError: If it is no such text.
        """
        raw = _decode(text.strip().removeprefix(_KEY_PREFIX))
        if not text.strip().startswith(_KEY_PREFIX) or raw is None or len(raw) != _KEY_BYTES:
            raise InputError(f"a publisher key is {_KEY_PREFIX!r} and 44 characters of base64")
        return cls(raw=raw)

    @property
    def text(self) -> str:
        """The key as one word, which :meth:`from_text` reads."""
        return _KEY_PREFIX + base64.b64encode(self.raw).decode()

    @property
    def fingerprint(self) -> str:
        """The first 16 hex digits of the key's SHA-256, for people to compare."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"PublisherKey({self.fingerprint})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """What ``manifest.sig`` says: a publisher, and 64 bytes that only its private key can make."""

    publisher: PublisherKey
    signature: bytes = field(repr=False)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read the bytes of a ``manifest.sig``.

        Raises:
            SignatureError: If a field is missing, unknown or ill-typed.
        """
        try:
            section = Section(parse_json(data, "the signature"), "the signature")
            described = section.take("format", int), section.take("algorithm", str)
            publisher = PublisherKey.from_text(section.take("publisher", str))
            signature = _decode(section.take("signature", str))
            section.end()
        except (ManifestError, InputError):
            raise SignatureError(f"the file {SIGNATURE_NAME} is not a signature") from None
        if described != (_FORMAT, _ALGORITHM) or signature is None or len(signature) != _SIGNATURE_BYTES:
            raise SignatureError(f"the signature is not of format {_FORMAT}, {_ALGORITHM}", hint="update ondevice-sdk")
        return cls(publisher=publisher, signature=signature)

    def to_bytes(self) -> bytes:
        """Return what :meth:`parse` reads; the same signature always gives the same bytes."""
        value = {
            "format": _FORMAT,
            "algorithm": _ALGORITHM,
            "publisher": self.publisher.text,
            "signature": base64.b64encode(self.signature).decode(),
        }
        return json.dumps(value, indent=2).encode() + b"\n"


def signed_message(manifest: bytes) -> bytes:
    """Return what is signed: a context line that no other use of the key has, and the manifest's exact bytes."""
    return _CONTEXT + manifest


def read_signature_bytes(folder: Path) -> bytes | None:
    """Return the bytes of ``folder / manifest.sig``, or ``None`` where a bundle is unsigned.

    Raises:
        SignatureError: If the file is too long to be one, or a pipe, a device or a folder.
        StorageError: If it cannot be read.
    """
    try:
        return read_regular(folder / SIGNATURE_NAME, limit_bytes=MAX_SIGNATURE_BYTES)
    except FileNotFoundError:
        return None
    except NotRegularError:
        raise SignatureError(f"the file {SIGNATURE_NAME} is no regular file") from None
    except TooLongError:
        raise SignatureError(f"the file {SIGNATURE_NAME} is longer than {MAX_SIGNATURE_BYTES} bytes") from None
    except OSError as error:
        raise StorageError(f"the signature of {folder.name!r} cannot be read: {error.strerror}") from None


def verify_signature(
    manifest: bytes, signature: bytes | None, publishers: Sequence[PublisherKey], *, name: str
) -> PublisherKey:
    """Return which of ``publishers`` signed the manifest.

    Args:
        manifest: The exact bytes of ``manifest.json``.
        signature: The exact bytes of ``manifest.sig``, or ``None`` where there is none.
        publishers: The keys that the app trusts.
        name: What to call the bundle in errors.

    Raises:
        SignatureError: If it is unsigned, signed by another publisher, or the signature is of other bytes.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if signature is None:
        raise SignatureError(f"the model {name!r} is not signed", hint="get it from its publisher")
    said = Signature.parse(signature)
    if said.publisher not in publishers:
        raise SignatureError(
            f"the model {name!r} is signed by {said.publisher.fingerprint}, which is none of the {len(publishers)}"
            " publishers trusted here",
            hint="get it from a trusted publisher",
        )
    try:
        Ed25519PublicKey.from_public_bytes(said.publisher.raw).verify(said.signature, signed_message(manifest))
    except (InvalidSignature, ValueError):
        raise SignatureError(
            f"the signature of the model {name!r} does not fit its manifest", hint="get it from its publisher again"
        ) from None
    return said.publisher


def _decode(text: str) -> bytes | None:
    """Return the bytes, or ``None`` for text that is not exactly how they are written in base64."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None
