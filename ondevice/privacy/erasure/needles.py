"""What of some items could be found again in bytes: pieces of text, words, values, ids, and vectors in three forms.

They live in memory alone, while the drill runs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ondevice.privacy.erasure.connection import Connection
from ondevice.privacy.erasure.search_words import words_of
from ondevice.words import field_text

LEAST_BYTES = 6
_PIECE_BYTES = 24
_MOST_PIECES = 200
_CERTAIN_BYTES = 16
_VECTOR_PIECE_NUMBERS = 16
_NUMBERS_BETWEEN = 48
_LEAST_DIFFERENT_BYTES = 6

LEARNED = "what was learned"
KINDS = (
    *("text", "earlier text", "fields", "metadata", "words", "ids", LEARNED),
    *("vectors", "vectors as float16", "vectors as int8"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Needle:
    """One thing to look for."""

    kind: str
    data: bytes = field(repr=False)


def needles_of(connection: Connection, rows: Sequence[int]) -> list[Needle]:
    """Return what can be looked for of the items in these rows, each once."""
    chosen = (json.dumps(list(rows)),)
    of_rows = "WHERE row IN (SELECT value FROM json_each(?))"
    items = connection.execute(f"SELECT id, text, field_text, fields, metadata FROM items {of_rows}", chosen).fetchall()
    versions = connection.execute(f"SELECT text, fields, metadata FROM versions {of_rows}", chosen).fetchall()
    vectors = connection.execute(f"SELECT vector FROM vectors {of_rows}", chosen).fetchall()
    texts = [(text, named) for _, text, named, _, _ in items]
    earlier = [(text, field_text(json.loads(fields))) for text, fields, _ in versions]
    words = words_of(connection, [*texts, *earlier])
    found: list[tuple[str, Iterable[bytes]]] = [
        *(("text", _pieces(text)) for text, _ in texts),
        *(("earlier text", _pieces(text)) for text, _ in earlier),
        *(("fields", _values(row[3])) for row in items),
        *(("fields", _values(row[1])) for row in versions),
        *(("metadata", _values(row[4])) for row in items),
        *(("metadata", _values(row[2])) for row in versions),
        ("words", words),
        ("ids", (row[0].encode() for row in items)),
        *(each for (vector,) in vectors for each in _forms(np.frombuffer(vector, "<f4"))),
    ]
    distinct = {data: kind for kind, parts in reversed(found) for data in parts if len(data) >= LEAST_BYTES}
    return [Needle(kind=kind, data=data) for data, kind in distinct.items()]


def learned_needles(text: str) -> list[Needle]:
    """Return what can be looked for of something that was learned."""
    return [Needle(kind=LEARNED, data=piece) for piece in _pieces(text)]


def unique_among(needles: Sequence[Needle], connection: Connection, rows: Sequence[int]) -> list[Needle]:
    """Return the needles that nothing holds which is to stay when the items in these rows go."""
    own, public = _kept(connection, rows), _public(connection)
    in_own, in_public = Haystack(needles).found_in(own), Haystack(needles).found_in(public)
    return [
        needle
        for needle in needles
        if needle not in in_own and not (needle in in_public and len(needle.data) < _CERTAIN_BYTES)
    ]


def count_kinds(needles: Iterable[Needle]) -> Counter[str]:
    """Return how many there are of each kind."""
    return Counter(needle.kind for needle in needles)


class Haystack:
    """Finds needles in large heaps of bytes, all at once and at every place."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        """Sort them by how they begin."""
        self._by_key: dict[int, list[Needle]] = {}
        for needle in needles:
            self._by_key.setdefault(int.from_bytes(needle.data[:LEAST_BYTES], "little"), []).append(needle)
        self._table = np.zeros(1 << 20, bool)
        self._table[_slots(np.array([*self._by_key], np.uint64))] = True

    def found_in(self, data: bytes) -> set[Needle]:
        """Return the needles that lie in these bytes."""
        found: set[Needle] = set()
        padded = data + bytes(16)
        for shift in range(8):
            heads = np.frombuffer(padded, "<u8", len(data) // 8 + 1, shift) & np.uint64((1 << 8 * LEAST_BYTES) - 1)
            places = np.flatnonzero(self._table[_slots(heads)])
            for place, head in zip((8 * places + shift).tolist(), heads[places].tolist(), strict=True):
                for needle in self._by_key.get(head, ()):
                    if data.startswith(needle.data, place):
                        found.add(needle)
        return found


def _slots(heads: NDArray[np.uint64]) -> NDArray[np.int64]:
    return ((heads * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(44)).astype(np.int64)


def _pieces(text: str) -> Iterator[bytes]:
    """Yield pieces of a text that lie side by side; a short one whole."""
    data = text.encode()
    if len(data) < 2 * _PIECE_BYTES:
        yield data
        return
    for at in range(0, min(len(data) - _PIECE_BYTES, _MOST_PIECES * _PIECE_BYTES), _PIECE_BYTES):
        yield data[at : at + _PIECE_BYTES]


def _values(columns: str) -> Iterator[bytes]:
    for value in json.loads(columns).values():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                yield from _pieces(each)


def _forms(vector: NDArray[np.float32]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield a vector as it is stored, and as others would store it."""
    yield "vectors", _vector_pieces(vector.astype("<f4"))
    yield "vectors as float16", _vector_pieces(vector.astype("<f2"))
    largest = float(np.abs(vector).max(initial=0.0)) or 1.0
    for scale in (1.0, largest):
        yield "vectors as int8", _vector_pieces(np.clip(np.rint(vector / scale * 127), -127, 127).astype(np.int8))


def _vector_pieces(numbers: NDArray[np.generic]) -> Iterator[bytes]:
    for at in range(0, len(numbers) - _VECTOR_PIECE_NUMBERS + 1, _NUMBERS_BETWEEN):
        piece = numbers[at : at + _VECTOR_PIECE_NUMBERS].tobytes()
        if len(set(piece)) >= _LEAST_DIFFERENT_BYTES:
            yield piece


def _kept(connection: Connection, rows: Sequence[int]) -> bytes:
    """Return everything of the items that stay, as it lies in pages and as the index splits it into words."""
    chosen = (json.dumps(list(rows)),)
    left = "WHERE row NOT IN (SELECT value FROM json_each(?))"
    items = connection.execute(
        f"SELECT text, field_text, id || kind || text || field_text || fields || metadata FROM items {left}", chosen
    ).fetchall()
    versions = connection.execute(
        f"SELECT text, fields, item_id || text || fields || metadata FROM versions {left}", chosen
    ).fetchall()
    vectors = connection.execute(f"SELECT vector FROM vectors {left}", chosen).fetchall()
    texts = [*((row[0], row[1]) for row in items), *((row[0], field_text(json.loads(row[1]))) for row in versions)]
    images = [row[2].encode() for row in (*items, *versions)]
    return b"\n".join([*images, *words_of(connection, texts), *(vector for (vector,) in vectors)])


def _public(connection: Connection) -> bytes:
    """Return the words that a database has for itself."""
    parts = [
        "SELECT coalesce(sql, name) FROM sqlite_master",
        "SELECT key || value FROM settings",
        "SELECT kind || details FROM events",
        "SELECT encoder_id FROM encoders",
        "SELECT kind || name || coalesce(sealed_name, '') FROM artifacts",
        "SELECT name FROM _sqlite_migrations",
    ]
    own = b"forgot items reason request verified erasure-finished dropped"
    return b"\n".join([own, *(text.encode() for sql in parts for (text,) in connection.execute(sql).fetchall())])
