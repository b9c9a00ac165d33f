"""Words and numbers that stand for an item and for nothing else, so that they can be looked for in bytes.

Each item has two. One is random and recognised by its end, which is all that a search index's leaf keeps of a word that
begins like the one before. The other is one of a series: beside its neighbours an index must keep it whole to tell them
apart. A vector has the same number in every 32nd place, so that the numbers after it are recognised.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

FILLER = (
    *("boiler", "lease", "cello", "harbour", "compost", "quarter", "invoice", "ticket", "museum", "anniversary"),
    *("balcony", "landlord", "sourdough", "passport", "tempo", "meeting", "greenhouse", "picnic", "saucepan"),
    *("luggage", "dentist", "concert", "roadmap", "neighbour", "hedge", "itinerary", "broth", "encore"),
)

_END = "zqx"
_TAIL_CHARS = 10
_RANDOM_CHARS = 14
_SERIES = "quol"
_SERIES_LETTERS = "bdfgkmpt"  # no ending that a stemmer would take off
_SERIES_CHARS = 4
_MARK = b"QZX\x3f"  # 0.8451…, as a little-endian float32
_MARK_EVERY_BYTES = 128
_MARKED_BYTES = 16
_LETTERS = frozenset(_SERIES_LETTERS.encode())
_CONSONANTS = "bcdfghjklmnpqrtvwz"


class Words:
    """Draws words, each only once."""

    def __init__(self, rng: random.Random) -> None:
        """Begin a series of one's own."""
        self._rng = rng
        self._next = 0

    def pair(self) -> tuple[str, str]:
        """Return a random word and the next of the series."""
        letters = "".join(self._rng.choice(_CONSONANTS) for _ in range(_RANDOM_CHARS))
        number, digits = self._next, ""
        self._next += 1
        for _ in range(_SERIES_CHARS):
            number, digit = divmod(number, len(_SERIES_LETTERS))
            digits = _SERIES_LETTERS[digit] + digits
        return letters + _END, _SERIES + digits

    def text(self, words: Iterable[str], n_filler: int) -> str:
        """Return a text of filler with these words somewhere in it."""
        parts = [self._rng.choice(FILLER) for _ in range(n_filler)]
        for word in words:
            parts.insert(self._rng.randrange(len(parts) + 1), word)
        return " ".join(parts)


def marked(vector: bytes) -> bytes:
    """Return a vector of float32 with the marks by which it is recognised."""
    data = bytearray(vector)
    for at in range(0, len(data) - _MARKED_BYTES + 1, _MARK_EVERY_BYTES):
        data[at : at + len(_MARK)] = _MARK
    return bytes(data)


def needle(word: str) -> bytes:
    """Return the bytes by which a word is recognised."""
    data = word.encode("ascii")
    return data[-_TAIL_CHARS - len(_END) :] if word.endswith(_END) else data


def needles(vector: bytes) -> set[bytes]:
    """Return the bytes by which a marked vector is recognised, each of them enough."""
    return {vector[at : at + _MARKED_BYTES] for at in range(0, len(vector) - _MARKED_BYTES + 1, _MARK_EVERY_BYTES)}


def seen_in(data: bytes) -> set[bytes]:
    """Return the needles of all words and vectors, of whatever item, that lie in these bytes."""
    found = set()
    for at in _places(data, _END.encode()):
        tail = data[max(0, at - _TAIL_CHARS) : at + len(_END)]
        if len(tail) == _TAIL_CHARS + len(_END) and tail.isalpha() and tail.islower():
            found.add(tail)
    size = len(_SERIES) + _SERIES_CHARS
    for at in _places(data, _SERIES.encode()):
        word = data[at : at + size]
        if len(word) == size and all(letter in _LETTERS for letter in word[len(_SERIES) :]):
            found.add(word)
    found.update(data[at : at + _MARKED_BYTES] for at in _places(data, _MARK) if at + _MARKED_BYTES <= len(data))
    return found


def _places(data: bytes, part: bytes) -> Iterator[int]:
    at = data.find(part)
    while at >= 0:
        yield at
        at = data.find(part, at + 1)
