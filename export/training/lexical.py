"""BM25 over one profile that is no vault: the items that the device's retriever would find, in its order."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

from ondevice.languages import STEMMED
from ondevice.records import Item, Ranked
from ondevice.words import TOKENIZER, any_of, choose_terms, field_text, fold, languages_of, mark_of, query_words, quoted


def lexical_order(query: str, items: Sequence[Item]) -> list[int]:
    """Return the places of the items that share a rare word with the query, best first."""
    return [place for place, _ in lexical_ranking(query, items)]


def lexical_ranking(query: str, items: Sequence[Item]) -> list[Ranked]:
    """Return the places of the items that share a rare word with the query, with their scores, best first.

    Source: Robertson & Zaragoza 2009, Okapi BM25, with SQLite's k1 = 1.2 and b = 0.75.
    """
    texts = [(fold(item.text), fold(field_text(item.fields))) for item in items]
    marks = {language: mark_of(language) for language in STEMMED}
    counts = {name: sum(any(each.endswith(mark) for each in text) for text in texts) for name, mark in marks.items()}
    words = query_words(query, languages_of(counts, len(items)))
    if not words or not items:
        return []
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, field_text, tokenize = '{TOKENIZER}')")
        database.executemany(
            "INSERT INTO texts (rowid, text, field_text) VALUES (?, ?, ?)",
            [(place, *each) for place, each in enumerate(texts)],
        )
        count = "SELECT count(*) FROM texts WHERE texts MATCH ?"
        frequency = {word: database.execute(count, [quoted(word)]).fetchone()[0] for word in words}
        wanted = any_of(choose_terms(frequency, n_items=len(items)))
        if not wanted:
            return []
        found = database.execute("SELECT rowid, rank FROM texts WHERE texts MATCH ? ORDER BY rank, rowid", [wanted])
        return [Ranked(int(place), -rank) for place, rank in found]
