"""Errors of typing, as people make them: letters exchanged, left out, doubled, and no capitals."""

from __future__ import annotations

import random


def mistyped(text: str, source: random.Random) -> str:
    """Return a text with one or two errors in words of five letters or more; digits and names stay."""
    words = text.split(" ")
    places = [place for place, word in enumerate(words) if len(word) > 4 and word.isalpha() and word.islower()]
    for place in source.sample(places, min(len(places), source.randint(1, 2))):
        words[place] = _error(words[place], source)
    mistaken = " ".join(words)
    return mistaken[0].lower() + mistaken[1:].rstrip("?.") if source.random() < 0.5 else mistaken


def _error(word: str, source: random.Random) -> str:
    at = source.randint(1, len(word) - 3)
    way = source.randint(0, 2)
    if way == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if way == 1:
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at] + word[at:]
