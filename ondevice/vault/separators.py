"""The search index's separator keys, which keep words of items that are gone.

FTS5 notes for each leaf page of its index the shortest prefix of the page's first word that tells it from the word
before; between similar words, as numbers in sequence, that is the whole word. Deleting the word, with secure-delete
too, takes it off the page and leaves the key, through ``VACUUM`` and into every copy.

A key may be any text above the last word of the page before and not above the first word on its own page. So a key
that no living word begins with is replaced by the first living word after it: that word is on this page or, in another
segment of the index, before it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from sqlite3 import Connection

_MAIN_INDEX = b"0"
"""What FTS5 puts before each word of the index itself; indexes of prefixes, which we have none of, have other signs."""


def replace_dead_keys(connection: Connection, words: Collection[bytes] | None = None) -> int:
    """Replace the keys that no living word begins with; return how many that were. Inside a transaction.

    Args:
        connection: The database's.
        words: The words that no item holds any more, where they are known; by default every key is looked at.
    """
    dead = _dead(connection, words)
    for segment, page, following in dead:
        # A leaf without any word has no key, so there is always a living word after one.
        if following is not None:
            sql = "UPDATE items_fts_idx SET term = ? WHERE segid = ? AND pgno = ?"
            connection.execute(sql, (_MAIN_INDEX + following, segment, page))
    return len(dead)


def dead_keys(connection: Connection, words: Collection[bytes] | None = None) -> int:
    """Return how many keys no living word begins with; of all, or of those that one of the words begins with."""
    return len(_dead(connection, words))


def _dead(connection: Connection, words: Collection[bytes] | None) -> list[tuple[int, int, bytes | None]]:
    """Return segment, page and the first living word after the key."""
    # Looking into the vocabulary makes the index write what it still holds back in memory.
    connection.execute("SELECT doc FROM items_vocab LIMIT 1").fetchall()
    gone = None if words is None else sorted(words)
    dead = []
    for segment, page, term in connection.execute(
        "SELECT segid, pgno, CAST(term AS BLOB) FROM items_fts_idx"
    ).fetchall():
        key = bytes(term).removeprefix(_MAIN_INDEX)
        if key and (gone is None or _begins_one(key, gone)):
            following = _following(connection, key)
            if following is None or not following.startswith(key):
                dead.append((segment, page, following))
    return dead


def _begins_one(key: bytes, words: list[bytes]) -> bool:
    at = bisect_left(words, key)
    return at < len(words) and words[at].startswith(key)


def _following(connection: Connection, key: bytes) -> bytes | None:
    """Return the first living word that is not below the key."""
    # As bytes: FTS5 cuts keys and long words within a character.
    sql = "SELECT CAST(term AS BLOB) FROM items_vocab WHERE term >= CAST(? AS TEXT) ORDER BY term LIMIT 1"
    found = connection.execute(sql, (key,)).fetchone()
    return None if found is None else bytes(found[0])
