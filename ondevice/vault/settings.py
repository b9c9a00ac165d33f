"""Small values that a profile keeps: JSON by key."""

from __future__ import annotations

import json
from sqlite3 import Connection
from typing import TypeAlias, cast

from ondevice.vault.database import Database

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What JSON can hold."""

REPLACED_EPOCH = "epoch/replaced"
"""Which epoch the present one replaced: the only earlier one that is cleared away."""


def replaced_epoch(connection: Connection) -> int | None:
    """Return which epoch the present one replaced."""
    found = connection.execute("SELECT value FROM settings WHERE key = ?", (REPLACED_EPOCH,)).fetchone()
    return None if found is None else int(json.loads(found[0]))


class Settings:
    """Values by key, in the encrypted database. Threads may use it at once."""

    def __init__(self, database: Database) -> None:
        """Read and write in this database.

        The keys there are, and were, are remembered, and nothing of their values: at most openings nothing that is
        asked for is there, and no reading connection has to be made to find that out.
        """
        self._database = database
        # At opening the write connection is there. Nobody else writes, and a key that goes may come back.
        with database.exclusive() as connection:
            self._keys = {key for (key,) in connection.execute("SELECT key FROM settings").fetchall()}

    def get(self, key: str, default: Json = None) -> Json:
        """Return the value, or the default where there is none.

        Raises:
            ValueError: If the profile is closed.
        """
        if key not in self._keys:
            self._database.require_usable()
            return default
        with self._database.reading() as connection:
            found = connection.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
        return default if found is None else cast(Json, json.loads(found[0]))

    def set(self, key: str, value: Json) -> None:
        """Store a value in place of the one there is; ``None`` removes it.

        Raises:
            TypeError, ValueError: If the value is not JSON.
        """
        text = json.dumps(value, allow_nan=False)
        with self._database.writing() as connection:
            self._keys.add(key)
            if value is None:
                connection.execute("DELETE FROM settings WHERE key = ?", (key,))
            else:
                connection.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (key, text))
