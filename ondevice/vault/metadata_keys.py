"""Which keys the items' metadata has, and which key of a filter looks like a misspelling of one.

A filter that names ``tgas`` where the items have ``tags`` finds nothing, or with ``ne`` everything, and nothing says
why. It cannot simply be an error: an app may ask for ``archived`` before anything was archived, and must not fail on a
new user's profile. So two signs are needed, that no item has the key, and that items have one spelt almost the same,
which the filter does not name too. Even they can mislead (an app renamed its key, and the user's items are older), so
reading goes on, with a warning for the developer; :meth:`~ondevice.vault.vault.Vault.forget`, which cannot be taken
back, refuses.

Naming the items' key is a choice. Keys are names that programs give, and importers' errors name them too; values and
texts never stand in a message. Because a key can be the user's word all the same, one that is no plain name of at most
40 characters is not shown, only keys that items have now are looked at, and Python's memory of warnings does not get
the message: it would outlive the item.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from ondevice.errors import MisspeltKeyWarning
from ondevice.records import Filter
from ondevice.vault.database import Database
from ondevice.vault.filters import ALIVE
from ondevice.vault.times import now_micros

_PACKAGE = str(Path(__file__).parent.parent) + os.sep
_MOST_COMPARED = 1_000
_MOST_SHOWN_CHARS = 40
_ALIKE = 0.75
"""Two letters that changed places in a word of four are as alike as this, one letter too many in any word is more."""


class MetadataKeys:
    """The keys of one profile's metadata."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sound: tuple[int, set[str]] = (-1, set())
        self._warned: set[str] = set()

    def warn_of(self, filter: Filter | None) -> None:
        """Warn of misspelt keys, once of each as long as the profile is open, at the line that called this package."""
        for key, meant in self._misspelt(filter):
            if key not in self._warned:
                self._warned.add(key)
                place = _calling_line()
                warnings.warn_explicit(_said(key, meant), MisspeltKeyWarning, *place, registry=None)

    def mistake_in(self, filter: Filter) -> str | None:
        """Return a sentence about the first misspelt key of a filter, if there is one."""
        return next((_said(*each) for each in self._misspelt(filter)), None)

    def counted(self) -> dict[str, int]:
        """Return how many items have each key, the most frequent first."""
        sql = (
            f"SELECT m.key, count(*) AS n FROM items, json_each(items.metadata) AS m WHERE {ALIVE}"
            " GROUP BY m.key ORDER BY n DESC, m.key"
        )
        with self._database.reading() as connection:
            return dict(connection.execute(sql, (now_micros(),)).fetchall())

    def _misspelt(self, filter: Filter | None) -> list[tuple[str, str]]:
        """Return the misspelt keys of a filter, each with the one that is meant."""
        named = [key for part in (filter.parts() if filter else ()) for key in part.metadata]
        found = [(key, self._meant(key)) for key in dict.fromkeys(named)]
        return [(key, meant) for key, meant in found if meant is not None and meant not in named]

    def _meant(self, key: str) -> str | None:
        """Return the key that items have in the place of this one, which none has; ``None`` if nothing is wrong."""
        version = self._database.version
        if self._sound[0] != version:
            self._sound = (version, set())
        sound = self._sound[1]
        if key in sound:
            return None
        meant = None if self._is_there(key) else _alike(key, self._compared())
        if meant is None:
            sound.add(key)
        return meant

    def _is_there(self, key: str) -> bool:
        sql = f"SELECT EXISTS (SELECT 1 FROM items, json_each(items.metadata) AS m WHERE m.key = ? AND {ALIVE})"
        with self._database.reading() as connection:
            return bool(connection.execute(sql, (key, now_micros())).fetchone()[0])

    def _compared(self) -> list[str]:
        sql = f"SELECT DISTINCT m.key FROM items, json_each(items.metadata) AS m WHERE {ALIVE} LIMIT ?"
        with self._database.reading() as connection:
            return [key for (key,) in connection.execute(sql, (now_micros(), _MOST_COMPARED)).fetchall()]


def _alike(key: str, there: Iterable[str]) -> str | None:
    """Return the key that is spelt almost the same; ``tag1`` and ``tag2`` are two keys, and no misspelling."""
    by_letters = {_folded(each): each for each in there if not _differ_by_number(key, each)}
    found = get_close_matches(_folded(key), by_letters, n=1, cutoff=_ALIKE)
    return by_letters[found[0]] if found else None


def _folded(key: str) -> str:
    return key.casefold().replace("-", "_").replace(" ", "_")


def _differ_by_number(key: str, other: str) -> bool:
    first, second = ("".join(letter for letter in each if not letter.isdigit()) for each in (key, other))
    return first == second and key != other


def _said(key: str, meant: str) -> str:
    if all(each.isidentifier() and len(each) <= _MOST_SHOWN_CHARS for each in (key, meant)):
        return f"no item has the metadata key {key!r}, which the filter names: is {meant!r} meant?"
    return "no item has a metadata key that the filter names, and items have one that is spelt almost the same"


def _calling_line() -> tuple[str, int]:
    """Return file and line of whoever called this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno
