"""What the search index holds, read from its own bytes, against the words of the items that are there.

Source: how FTS5 lays out its index, as SQLite documents it in ``fts5_index.c``. The vocabulary that FTS5 itself shows
leaves out what it only marks as deleted.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from ondevice.privacy.erasure.anatomy import varint
from ondevice.privacy.erasure.connection import Connection
from ondevice.words import TOKENIZER, field_text

_MAIN = b"0"
_SEGMENT_SHIFT, _INNER_BITS = 37, 0x3F << 31  # a page above the leaves, or a list of where documents are
_LEAF_HEADER_BYTES = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchWords:
    """What was counted.

    Args:
        n_living: Words of the items and their earlier versions.
        n_read: Words in the index's leaves.
        n_dead: Of those, which no item nor earlier version has.
        n_dead_keys: Keys between the leaves with which no such word begins.
        n_entries: Entries of items that are not there.
        erases: Whether the index is set to take a deleted word off its pages.
    """

    n_living: int
    n_read: int
    n_dead: int
    n_dead_keys: int
    n_entries: int
    erases: bool


def count_words(connection: Connection) -> SearchWords:
    """Compare the index with the items; the connection may write, and does so in memory only."""
    living = _living_words(connection)
    in_order = sorted(living)
    read = set(_words_in_leaves(connection))
    keys = [bytes(key) for (key,) in connection.execute("SELECT CAST(term AS BLOB) FROM items_fts_idx").fetchall()]
    configured = dict(connection.execute("SELECT k, v FROM items_fts_config").fetchall())
    return SearchWords(
        n_living=len(living),
        n_read=len(read),
        n_dead=len(read - living),
        n_dead_keys=sum(not _begins_one(key.removeprefix(_MAIN), in_order) for key in keys),
        n_entries=_entries_without_item(connection),
        erases=configured.get("secure-delete") == 1,
    )


def words_of(connection: Connection, texts: list[tuple[str, str]]) -> set[bytes]:
    """Split texts, each with the text of its fields, into words as the index does."""
    connection.execute(f"CREATE VIRTUAL TABLE temp.audited USING fts5(text, field_text, tokenize='{TOKENIZER}')")
    try:
        connection.executemany("INSERT INTO temp.audited VALUES (fold(?), fold(?))", texts)
        connection.execute("CREATE VIRTUAL TABLE temp.audited_words USING fts5vocab(temp, audited, row)")
        found = connection.execute("SELECT CAST(term AS BLOB) FROM temp.audited_words").fetchall()
        connection.execute("DROP TABLE temp.audited_words")
    finally:
        connection.execute("DROP TABLE temp.audited")
    return {bytes(word) for (word,) in found}


def _living_words(connection: Connection) -> set[bytes]:
    items = connection.execute("SELECT text, field_text FROM items").fetchall()
    versions = connection.execute("SELECT text, fields FROM versions").fetchall()
    return words_of(connection, [*items, *((text, field_text(json.loads(fields))) for text, fields in versions)])


def _words_in_leaves(connection: Connection) -> Iterator[bytes]:
    for number, block in connection.execute("SELECT id, block FROM items_fts_data").fetchall():
        if number >> _SEGMENT_SHIFT and not number & _INNER_BITS | number & 1 << 36:
            yield from leaf_words(bytes(block))


def leaf_words(leaf: bytes) -> Iterator[bytes]:
    """Yield the words on one page of the index, without what marks the index they belong to."""
    end = int.from_bytes(leaf[2:4], "big")
    at, start, word = end, 0, b""
    while at < len(leaf):
        more, at = varint(leaf, at)
        is_first, start = start == 0, start + more
        if not _LEAF_HEADER_BYTES <= start < end:
            return
        n_shared, place = (0, start) if is_first else varint(leaf, start)
        n_own, place = varint(leaf, place)
        word = word[:n_shared] + leaf[place : place + n_own]
        yield word.removeprefix(_MAIN)


def _begins_one(key: bytes, words: list[bytes]) -> bool:
    at = bisect_left(words, key)
    return not key or (at < len(words) and words[at].startswith(key))


def _entries_without_item(connection: Connection) -> int:
    """Count the entries of items that are gone: those that the index finds, and those of which it knows the length."""
    connection.execute("CREATE VIRTUAL TABLE temp.audited_entries USING fts5vocab(main, items_fts, instance)")
    try:
        found = {row for (row,) in connection.execute("SELECT DISTINCT doc FROM temp.audited_entries").fetchall()}
    finally:
        connection.execute("DROP TABLE temp.audited_entries")
    sized = {row for (row,) in connection.execute("SELECT id FROM items_fts_docsize").fetchall()}
    there = {row for (row,) in connection.execute("SELECT row FROM items").fetchall()}
    return len((found | sized) - there)
