"""BM25 over one profile, with the word splitting and the constants of the device's full-text index."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing

from ondevice.records import Item

_WORD = re.compile(r"\w+")


def lexical_order(query: str, items: Sequence[Item]) -> list[int]:
    """Return the places of the items that share a word with the query, best first.

    English endings do not count (Porter 1980); k1 = 1.2 and b = 0.75, as SQLite's FTS5 has them.

    Source: Robertson & Zaragoza 2009, Okapi BM25.
    """
    words = dict.fromkeys(word.lower() for word in _WORD.findall(query))
    if not words or not items:
        return []
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(
            "CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        database.executemany(
            "INSERT INTO texts (rowid, text) VALUES (?, ?)",
            [(place, _searched(item)) for place, item in enumerate(items)],
        )
        wanted = " OR ".join(f'"{word}"' for word in words)
        found = database.execute("SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank, rowid", [wanted])
        return [int(place) for (place,) in found]


def _searched(item: Item) -> str:
    return "\n".join([item.text, *(value for value in item.fields.values() if isinstance(value, str))])
