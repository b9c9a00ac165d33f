"""The words in the search index, made anew where this release makes others of the items' texts.

A word that is taken out must be the word that was put in: else it stays in the index when its item is forgotten. So the
profile says which words it holds, and an opening that can write compares.
"""

from __future__ import annotations

import json
from sqlite3 import Connection

from ondevice.languages import stems_version
from ondevice.vault.database import Database
from ondevice.words import VERSION

WORDS = "words/version"
"""The setting that says which words the index holds."""

_INDEXES = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE % USING fts5(%'"


def refresh_words(database: Database) -> bool:
    """Make the index anew if another release, or another version of the stemmers, made it; return whether it was.

    It is one transaction: an interruption leaves the index as it was, and the next opening begins again.

    Raises:
        StorageError: If the disk refuses.
    """
    with database.exclusive() as connection:
        found = connection.execute("SELECT value FROM settings WHERE key = ?", (WORDS,)).fetchone()
        if found is not None and json.loads(found[0]) == _version():
            return False
    with database.writing() as connection:
        make_words_anew(connection)
    return True


def make_words_anew(connection: Connection) -> None:
    """Read every item's words again, in a transaction that is under way."""
    for (name,) in connection.execute(_INDEXES).fetchall():
        connection.execute(f"INSERT INTO {name} ({name}) VALUES ('rebuild')")
    connection.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (WORDS, json.dumps(_version())))


def _version() -> str:
    return f"{VERSION}, snowball {stems_version()}"
