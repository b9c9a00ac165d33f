"""Full-text search inside the encrypted database (FTS5). Which words to look for is the retriever's choice.

How text becomes words: see :mod:`ondevice.words`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ondevice.languages import STEMMED
from ondevice.records import Filter, Ranked
from ondevice.vault.database import Database
from ondevice.vault.filters import ALIVE, is_everything, where
from ondevice.vault.metadata_keys import MetadataKeys
from ondevice.vault.times import now_micros
from ondevice.words import any_of, languages_of, mark_of, quoted


class LexicalIndex:
    """The words of the items' text and fields. Threads may use it at once."""

    def __init__(self, database: Database, metadata_keys: MetadataKeys | None = None) -> None:
        """Search in this database, and look up a filter's keys in those that the items' store knows."""
        self._database = database
        self._metadata_keys = metadata_keys or MetadataKeys(database)
        self._languages: tuple[int, dict[str, int], tuple[str, ...]] = (-1, {}, ())

    def languages(self) -> tuple[str, ...]:
        """Return the languages of the items in which a query's words are to be stemmed."""
        return self._by_language()[1]

    def count_by_language(self) -> dict[str, int]:
        """Return how many items have stemmed words, by language, expired ones included until they are pruned."""
        return dict(self._by_language()[0])

    def _by_language(self) -> tuple[dict[str, int], tuple[str, ...]]:
        if self._languages[0] != self._database.version:
            version = self._database.version
            marked = self.document_frequency([mark_of(name) for name in STEMMED])
            counts = {name: count for name in STEMMED if (count := marked[mark_of(name)])}
            with self._database.reading() as connection:
                n_items = connection.execute("SELECT count(*) FROM items").fetchone()[0] if counts else 0
            self._languages = (version, counts, languages_of(counts, n_items))
        return self._languages[1:]

    def document_frequency(self, terms: Sequence[str]) -> dict[str, int]:
        """Return for each term how many items hold it, expired ones included until they are pruned."""
        sql = "SELECT count(*) FROM items_fts WHERE items_fts MATCH ?"
        with self._database.reading() as connection:
            return {term: connection.execute(sql, (quoted(term),)).fetchone()[0] for term in terms}

    def held(self, terms: Sequence[str], filter: Filter | None) -> set[str]:
        """Return those terms that an item holds which the filter lets pass.

        Raises:
            ValueError, TypeError: If the filter is wrong.
        """
        condition, values = self._passing(filter)
        sql = f"SELECT 1 FROM items_fts WHERE items_fts MATCH ? AND {condition} LIMIT 1"
        with self._database.reading() as connection:
            return {term for term in terms if connection.execute(sql, [quoted(term), *values]).fetchone()}

    def match(self, terms: Sequence[str], *, filter: Filter | None = None, limit: int) -> list[Ranked]:
        """Return the items that hold any of the terms, by BM25 with k1 = 1.2 and b = 0.75, best first.

        Raises:
            ValueError, TypeError: If the filter is wrong.
        """
        query = any_of(terms)
        if not query:
            return []
        if is_everything(filter):
            # Few items have expired but not been pruned; a list of those is quicker than looking at every match.
            condition, values = "items_fts.rowid NOT IN (SELECT row FROM items WHERE expires_us <= ?)", [now_micros()]
        else:
            condition, values = self._passing(filter)
        sql = f"SELECT rowid, rank FROM items_fts WHERE items_fts MATCH ? AND {condition} ORDER BY rank, rowid LIMIT ?"
        with self._database.reading() as connection:
            found = connection.execute(sql, [query, *values, limit]).fetchall()
        return [Ranked(row, -rank) for row, rank in found]

    def _passing(self, filter: Filter | None) -> tuple[str, list[Any]]:
        """Return the condition that a row's item passes the filter, and its values."""
        part, more = where(filter)
        self._metadata_keys.warn_of(filter)
        condition = f"EXISTS (SELECT 1 FROM items WHERE items.row = items_fts.rowid AND {ALIVE} AND {part})"
        return condition, [now_micros(), *more]
