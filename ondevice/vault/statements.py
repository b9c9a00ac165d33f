"""Statements that a profile signs with its one key, each for a purpose: what is signed for one holds for no other.

The signature is Ed25519 (RFC 8032) over the purpose's prefix and the statement. A receipt has no prefix and begins with
a brace; the other prefixes begin with a letter, and none begins another.
"""

from __future__ import annotations

from enum import Enum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ondevice.safety.confined import Confined
from ondevice.vault.database import Database
from ondevice.vault.identity import Identity, load_identity


class Purpose(Enum):
    """What a statement is, by the bytes that are signed before it."""

    RECEIPT = b""
    AUDIT_REPORT = b"ondevice audit report v1\n"
    AUDIT_PAGE = b"ondevice audit page v1\n"


class Signatory(Confined):
    """Signs statements as one profile."""

    def __init__(self, identity: Identity) -> None:
        """Derive the signing key when something is signed: most openings never need it."""
        self._identity = identity

    @property
    def public_key(self) -> str:
        """The key that checks the signatures, in hex."""
        return self._key().public_key().public_bytes_raw().hex()

    def sign(self, purpose: Purpose, statement: bytes) -> str:
        """Return the signature in hex."""
        return self._key().sign(purpose.value + statement).hex()

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._identity.derive("receipts"))


def signatory_of(database: Database) -> Signatory:
    """Return who signs for the profile of an open database.

    Raises:
        CorruptError: If the database has lost its identity.
    """
    return Signatory(load_identity(database))


def is_signed(purpose: Purpose, statement: bytes, *, signature: str, public_key: str) -> bool:
    """Say whether the key, in hex, signed just this statement for just this purpose."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), purpose.value + statement)
    except (InvalidSignature, ValueError):
        return False
    return True
