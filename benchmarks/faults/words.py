"""Words and numbers that stand for an item and for nothing else, so that they can be looked for in bytes.

Each item has one that is random and recognised by its end, which is all that a search index's leaf keeps of a word that
begins like the one before. The others are of a series and recognised by their beginning: between neighbours of the
series an index's inner pages keep so much of a word to tell them apart. They are long, so that small profiles have such
pages. A vector has the same number in every 32nd place, so that the numbers after it are recognised.
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
_SERIES_CHARS = 5
_SERIES_BLOCK = 16
_SERIES_TAIL_CHARS = 20
_N_SERIES = 4
_MARK = b"QZX\x3f"  # 0.8451…, as a little-endian float32
_MARK_EVERY_BYTES = 128
_MARKED_BYTES = 16
_LETTERS = frozenset(_SERIES_LETTERS.encode())
_CONSONANTS = "bcdfghjkmnprtvw"  # neither mark can arise by chance


class Words:
    """Draws words, each only once."""

    def __init__(self, rng: random.Random) -> None:
        """Begin a series of one's own."""
        self._rng = rng
        self._next = 0

    def some(self) -> tuple[str, ...]:
        """Return a random word and some of the series."""
        return self._letters(_RANDOM_CHARS) + _END, *(self._of_series() for _ in range(_N_SERIES))

    def one(self) -> tuple[str, ...]:
        """Return a random word."""
        return (self._letters(_RANDOM_CHARS) + _END,)

    def text(self, words: Iterable[str], n_filler: int) -> str:
        """Return a text of filler with these words somewhere in it."""
        parts = [self._rng.choice(FILLER) for _ in range(n_filler)]
        for word in words:
            parts.insert(self._rng.randrange(len(parts) + 1), word)
        return " ".join(parts)

    def _of_series(self) -> str:
        # Not quite in order, so that neighbours belong to different items.
        block, place = divmod(self._next, _SERIES_BLOCK)
        number, digits = block * _SERIES_BLOCK + place * 5 % _SERIES_BLOCK, ""
        self._next += 1
        for _ in range(_SERIES_CHARS):
            number, digit = divmod(number, len(_SERIES_LETTERS))
            digits = _SERIES_LETTERS[digit] + digits
        return _SERIES + digits + self._letters(_SERIES_TAIL_CHARS)

    def _letters(self, n: int) -> str:
        return "".join(self._rng.choice(_CONSONANTS) for _ in range(n))


def marked(vector: bytes) -> bytes:
    """Return a vector of float32 with the marks by which it is recognised."""
    data = bytearray(vector)
    for at in range(0, len(data) - _MARKED_BYTES + 1, _MARK_EVERY_BYTES):
        data[at : at + len(_MARK)] = _MARK
    return bytes(data)


def needle(word: str) -> bytes:
    """Return the bytes by which a word is recognised."""
    data = word.encode("ascii")
    return data[-_TAIL_CHARS - len(_END) :] if word.endswith(_END) else data[: len(_SERIES) + _SERIES_CHARS]


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
