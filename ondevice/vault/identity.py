"""The random secret inside the database, from which a profile signs and recognizes.

It lies in the encrypted database and not in ``keys.json``, so it outlives a new profile key: duplicates stay
recognized, the event log's chain holds, and receipts keep their public key.
"""

from __future__ import annotations

import secrets
from sqlite3 import Connection

from ondevice.errors import CorruptError
from ondevice.safety.confined import Confined
from ondevice.vault.database import Database
from ondevice.vault.kdf import KEY_BYTES, purpose_key

_NAME = "profile"
_CACHES = "caches"


class Identity(Confined):
    """Derives one key per purpose from the profile's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @property
    def secret(self) -> bytes:
        """The bytes as they lie in the database; an erasure finds them to show that it reads the pages right."""
        return self._secret

    def derive(self, purpose: str) -> bytes:
        """Return the 32-byte key for this purpose."""
        return purpose_key(self._secret, f"identity/{purpose}")

    def __repr__(self) -> str:
        """Hide the secret."""
        return "Identity()"


def make_identity(database: Database) -> Identity:
    """Draw and store the secret of a new profile."""
    secret = secrets.token_bytes(KEY_BYTES)
    with database.writing() as connection:
        connection.execute("INSERT INTO identity (name, secret) VALUES (?, ?)", (_NAME, secret))
    return Identity(secret)


def load_cache_age(database: Database) -> bytes:
    """Return what the keys of sealed caches depend on since the last erasure; nothing before the first."""
    with database.exclusive() as connection:
        found = connection.execute("SELECT secret FROM identity WHERE name = ?", (_CACHES,)).fetchone()
    return b"" if found is None else bytes(found[0])


def draw_cache_age(connection: Connection) -> bytes:
    """Let no cache that was sealed until now open any more, for an erasure; inside its transaction."""
    age = secrets.token_bytes(KEY_BYTES)
    connection.execute("INSERT OR REPLACE INTO identity (name, secret) VALUES (?, ?)", (_CACHES, age))
    return age


def load_identity(database: Database) -> Identity:
    """Read the profile's secret.

    Raises:
        CorruptError: If it is not there.
    """
    # At opening, before anything is read: the write connection is there, and a reading one would have to be made.
    with database.exclusive() as connection:
        found = connection.execute("SELECT secret FROM identity WHERE name = ?", (_NAME,)).fetchone()
    if found is None or len(found[0]) != KEY_BYTES:
        raise CorruptError("the database has lost its identity")
    return Identity(found[0])
