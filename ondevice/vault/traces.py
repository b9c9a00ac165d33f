"""What an erasure will look for afterwards: the rows as they lie in the pages, their vectors, and their words.

Held in memory only, while the erasure runs.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection

from ondevice.vault.cipher import load_library
from ondevice.words import TOKENIZER, field_text, fold

_ITEMS_PER_TERM = 10
_OF_ROWS = "WHERE row IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """A row's text columns side by side, as a page holds them; the id in front says nothing by itself."""

    data: bytes = field(repr=False)
    id_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Traces:
    """Everything of some items that could still lie somewhere after their erasure."""

    images: tuple[Image, ...]
    vectors: tuple[bytes, ...] = field(repr=False)
    terms: dict[bytes, int] = field(repr=False)
    """Search term in UTF-8, which the index may have cut within a character → how many items should still hold it."""
    gone_words: frozenset[bytes] = field(repr=False, default=frozenset())
    """The search terms of the items, and of their earlier versions, that no other item holds."""

    @property
    def exclusive_terms(self) -> list[bytes]:
        """The terms that no other item holds."""
        return [term for term, left in self.terms.items() if left == 0]


def take_traces(connection: Connection, rows: Sequence[int]) -> Traces:
    """Read what there is of these rows, before they are deleted."""
    chosen = json.dumps(list(rows))
    items = connection.execute(f"SELECT id, kind, text, field_text, fields, metadata FROM items {_OF_ROWS}", (chosen,))
    versions = connection.execute(f"SELECT item_id, text, fields, metadata FROM versions {_OF_ROWS}", (chosen,))
    found = items.fetchall()
    vectors = connection.execute(f"SELECT vector FROM vectors {_OF_ROWS}", (chosen,)).fetchall()
    earlier = versions.fetchall()
    counts = _terms_of([(row[2], row[3]) for row in found])
    before = _terms_of([(row[1], field_text(json.loads(row[2]))) for row in earlier])
    there = _documents(connection, {*counts, *before})
    left = {term: there.get(term, 0) - counts.get(term, 0) for term in (*counts, *before)}
    return Traces(
        images=tuple(_image(columns) for columns in (*found, *earlier)),
        vectors=tuple(vector for (vector,) in vectors),
        terms={term: left[term] for term in counts},
        gone_words=frozenset(term for term, count in left.items() if count == 0),
    )


def living_text(connection: Connection) -> bytes:
    """Return the text columns of every item and version that is left, row after row."""
    items = connection.execute("SELECT id || kind || text || field_text || fields || metadata FROM items").fetchall()
    versions = connection.execute("SELECT item_id || text || fields || metadata FROM versions").fetchall()
    return "\n".join(text for (text,) in (*items, *versions)).encode("utf-8")


def living_vectors(connection: Connection) -> bytes:
    """Return every vector that is left, one after the other."""
    return b"".join(vector for (vector,) in connection.execute("SELECT vector FROM vectors").fetchall())


def terms_left(connection: Connection, traces: Traces) -> int:
    """Return how many of the terms are held by another number of items than should be left."""
    there = _documents(connection, traces.terms)
    return sum(there.get(term, 0) != expected for term, expected in traces.terms.items())


def _documents(connection: Connection, terms: Collection[bytes]) -> dict[bytes, int]:
    """Return how many items hold each of the terms; those that none holds are left out."""
    n_items = connection.execute("SELECT count(*) FROM items").fetchone()[0]
    if len(terms) * _ITEMS_PER_TERM > n_items:
        # Going through the whole index in its own order is then quicker than looking each term up.
        every = connection.execute("SELECT CAST(term AS BLOB), doc FROM items_vocab").fetchall()
        return {term: count for term, count in every if term in terms}
    one = "SELECT doc FROM items_vocab WHERE term = CAST(? AS TEXT)"
    found = ((term, connection.execute(one, (term,)).fetchone()) for term in terms)
    return {term: row[0] for term, row in found if row is not None}


def _image(columns: tuple[str, ...]) -> Image:
    return Image(data="".join(columns).encode("utf-8"), id_bytes=len(columns[0].encode("utf-8")))


def _terms_of(texts: Sequence[tuple[str, str]]) -> dict[bytes, int]:
    """Split texts into terms as the index does, in a database that exists in memory only; term → documents."""
    scratch: Connection = load_library().connect(":memory:", isolation_level=None)
    try:
        scratch.execute(f"CREATE VIRTUAL TABLE words USING fts5(text, field_text, tokenize='{TOKENIZER}')")
        scratch.execute("CREATE VIRTUAL TABLE vocab USING fts5vocab(words, row)")
        scratch.execute("BEGIN")
        scratch.executemany(
            "INSERT INTO words (text, field_text) VALUES (?, ?)", [(fold(a), fold(b)) for a, b in texts]
        )
        scratch.execute("COMMIT")
        return dict(scratch.execute("SELECT CAST(term AS BLOB), doc FROM vocab").fetchall())
    finally:
        scratch.close()
