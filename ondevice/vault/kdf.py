"""Derive keys: Argon2id from what a person types, HKDF-SHA256 from what is random already.

A profile has one random key. Nothing is ever encrypted with it directly: each purpose has its own
key derived from it, so that no two parts of a profile share one.

Sources: Argon2 is RFC 9106, HKDF is RFC 5869. The floor of the cost is OWASP's second recommended
setting (2 passes over 19 MiB); the default is RFC 9106's second (3 passes over 64 MiB, 4 lanes).
"""

from __future__ import annotations

import hmac
import secrets

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ondevice.config import KdfConfig
from ondevice.errors import LockedError
from ondevice.safety.confined import Confined

KEY_BYTES = 32
SALT_BYTES = 32

MIN_PASSES, MAX_PASSES = 2, 16
MIN_MEMORY_KIB, MAX_MEMORY_KIB = 19 * 1024, 1024 * 1024
MIN_LANES, MAX_LANES = 1, 16

_PURPOSE_PREFIX = "ondevice/v1/"


def check_kdf(kdf: KdfConfig, *, accepts_weak: bool = False) -> None:
    """Refuse a cost that is too weak to protect a passphrase, or too high to be meant.

    Args:
        kdf: The cost.
        accepts_weak: Accept what is too weak, for an audit, which is to say so.

    Raises:
        ValueError: If a number lies outside its range.
        TypeError: If one is no integer.
    """
    least_passes, least_memory = (1, 8 * MAX_LANES) if accepts_weak else (MIN_PASSES, MIN_MEMORY_KIB)
    for name, value, low, high in (
        ("passes", kdf.passes, least_passes, MAX_PASSES),
        ("memory_kib", kdf.memory_kib, least_memory, MAX_MEMORY_KIB),
        ("lanes", kdf.lanes, MIN_LANES, MAX_LANES),
    ):
        if type(value) is not int:
            raise TypeError(f"the key derivation's {name} is an int, not {type(value).__name__}")
        if not low <= value <= high:
            raise ValueError(f"the key derivation's {name} is {value}, and must lie between {low} and {high}")


def argon2id(passphrase: bytes, salt: bytes, kdf: KdfConfig, *, accepts_weak: bool = False) -> bytes:
    """Derive 32 bytes from a passphrase, at this cost.

    Raises:
        ValueError: If the cost lies outside :func:`check_kdf`'s limits.
        LockedError: If this system cannot pay it or does not know Argon2.
    """
    check_kdf(kdf, accepts_weak=accepts_weak)
    try:
        function = Argon2id(
            salt=salt, length=KEY_BYTES, iterations=kdf.passes, lanes=kdf.lanes, memory_cost=kdf.memory_kib
        )
        return function.derive(passphrase)
    except UnsupportedAlgorithm:
        raise LockedError(
            "the installed cryptography library does not know Argon2id", hint="install its wheel from the package index"
        ) from None
    except MemoryError:
        raise LockedError(f"the system does not give the {kdf.memory_kib} KiB that this passphrase needs") from None


def purpose_key(profile_key: bytes, purpose: str, salt: bytes = b"") -> bytes:
    """Derive the 32-byte key that one purpose uses, from 32 random bytes.

    Args:
        profile_key: Random key material; not a passphrase.
        purpose: What the key is for, as in ``docs/reference/format.md``.
        salt: Makes keys of one purpose differ; may be empty.
    """
    info = (_PURPOSE_PREFIX + purpose).encode("ascii")
    return expand_key(profile_key, salt=salt, info=info)


def expand_key(material: bytes, *, salt: bytes, info: bytes) -> bytes:
    """Apply HKDF-SHA256 once and return 32 bytes."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(material)


class ProfileKey(Confined):
    """The one random 256-bit key of a profile, held in memory while it is unlocked.

    Not thread-safe against :meth:`wipe`.
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """Take a copy of the key's 32 bytes."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a profile key has {KEY_BYTES} bytes, and this one has {len(key)}")
        self._key = bytearray(key)

    @classmethod
    def generate(cls) -> ProfileKey:
        """Draw a new key from the operating system's random source."""
        return cls(secrets.token_bytes(KEY_BYTES))

    def derive(self, purpose: str) -> bytes:
        """Return the 32-byte key for this purpose.

        Raises:
            ValueError: If the key has been wiped.
        """
        return purpose_key(self.reveal(), purpose)

    def reveal(self) -> bytes:
        """Return the key's own bytes, for a slot to wrap.

        Raises:
            ValueError: If the key has been wiped.
        """
        if not self._key:
            raise ValueError("the profile key has been wiped")
        return bytes(self._key)

    def wipe(self) -> None:
        """Overwrite the key in memory; copies the interpreter made of it may remain."""
        for i in range(len(self._key)):
            self._key[i] = 0
        self._key.clear()

    def __eq__(self, other: object) -> bool:
        """Compare without telling by the time it takes where two keys differ."""
        return isinstance(other, ProfileKey) and hmac.compare_digest(self._key, other._key)

    __hash__ = None  # type: ignore[assignment]  # a wiped key would change its hash

    def __repr__(self) -> str:
        """Hide the key."""
        return "ProfileKey()"
