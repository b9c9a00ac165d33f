"""One history item as it stands in a prompt: a fixed part that is never cut, and a long one that may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

_MIN_WORDS = 8
"""Fewer words than these of a longer text tell the model nothing."""

_LONG_WORD = 24
"""A run of characters longer than this may be cut inside: it is a link, or a script without spaces."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """The text before, the long field, the text behind; only the long field is ever shortened.

    Args:
        before: What stands in front.
        long: As much of the long field as may stand there at most.
        after: What stands behind.
        is_whole: Whether that is all of it.
        shorten: Returns what of it stands where so many words may; without it the field loses its end.
        n_words: The most words, where it is shortened so; ``long`` is what stands with these.
    """

    before: str = field(repr=False)
    long: str = field(default="", repr=False)
    after: str = field(default="", repr=False)
    is_whole: bool = True
    shorten: Callable[[int], str] | None = field(default=None, repr=False, compare=False)
    n_words: int = 0

    def cuts(self) -> list[int]:
        """Return what the long field may be cut to, rising, in characters or words: from a few words to the whole."""
        if self.shorten is not None:
            return list(range(_MIN_WORDS, self.n_words + 1))
        ends = word_ends(self.long)
        if len(ends) <= _MIN_WORDS:
            return [len(self.long)] if len(self.long) <= _MIN_WORDS * _LONG_WORD else ends or [0]
        return ends[_MIN_WORDS - 1 :]

    def text(self, cut: int) -> str:
        """Return the entry with the long field cut to one of :meth:`cuts`."""
        long = self.long[:cut].rstrip() if self.shorten is None else self.shorten(cut)
        return f"{self.before}{long}{self.after}"

    def shown(self, text: str) -> str:
        """Return what of the long field stands in one of the entry's texts."""
        return text[len(self.before) : len(text) - len(self.after)]


def one_line(text: str) -> str:
    """Return ``text`` with every run of white space as one space, so that an item cannot pass for several."""
    return " ".join(text.split())


def word_ends(text: str) -> list[int]:
    """Return the lengths ``text`` may be cut to, rising: behind each word, and inside the longest ones."""
    ends: list[int] = []
    start = 0
    for word in text.split(" "):
        end = start + len(word)
        if len(word) > _LONG_WORD:
            ends += range(start + _LONG_WORD, end, _LONG_WORD)
        if word:
            ends.append(end)
        start = end + 1
    return ends


def beginning(text: str, max_tokens: int, count_tokens: Callable[[str], int]) -> str:
    """Return as much of ``text``, up to a word's end, as fits the tokens; a first word too long is kept whole."""
    if count_tokens(text) <= max_tokens:
        return text
    ends = word_ends(text)
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if count_tokens(text[: ends[middle]]) <= max_tokens:
            low = middle
        else:
            high = middle - 1
    return text[: ends[low]]
