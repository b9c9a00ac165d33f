"""What a database is made of, against what this release makes: a column, a copy or a trigger more would keep words."""

from __future__ import annotations

import secrets
from functools import cache

from ondevice.privacy.erasure.connection import Connection
from ondevice.safety.temporary_folder import temporary_folder
from ondevice.vault.database import Database
from ondevice.vault.kdf import KEY_BYTES
from ondevice.vault.migrations import migrate

_PARTS = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
_MADE_LATER = frozenset({"sqlite_sequence"})

Parts = frozenset[tuple[str, str]]


def count_foreign_parts(connection: Connection) -> int:
    """Count the tables, columns, indexes, views and triggers that no release makes: each changed part once."""
    return sum(name not in _MADE_LATER for name, _ in _parts(connection) - released_parts())


@cache
def released_parts() -> Parts:
    """Return the parts of a new profile's database, made for this and gone again."""
    with temporary_folder() as folder:
        database = Database.create(folder / "new.db", secrets.token_bytes(KEY_BYTES))
        try:
            migrate(database, is_new=True)
            with database.exclusive() as connection:
                return _parts(connection)
        finally:
            database.close()


def _parts(connection: Connection) -> Parts:
    return frozenset((name, " ".join(sql.split())) for name, sql in connection.execute(_PARTS).fetchall())
