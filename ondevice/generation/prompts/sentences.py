"""Where the sentences of a short answer begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ondevice.generation.prompts.calendar_words import MONTHS

_ABBREVIATIONS = frozenset(
    {"dr", "mr", "mrs", "ms", "prof", "sr", "jr", "st", "nr", "vs", "e.g", "i.e", "approx", "rev"}
)
"""Before a dot these do not end a sentence, whatever follows."""

_BREAK = re.compile(
    r"(?<![.!?…])(?P<dots>[.!?…]++)(?P<closers>[\"'\u201d\u2019»)\]*_]*+)(?=\s|$)|[。\uff01\uff1f]|"
    r"(?<![ \t\r])[ \t\r]*+\n\s*"
)
"""No search begins inside a run of dots or of white space, and none goes back: that would take hours."""
_NEXT_WORD = re.compile(r"\s*[\"'\u201c\u2018«(\[*_]*(\w+)?")


def sentence_ranges(text: str) -> Iterator[tuple[int, int]]:
    """Yield each sentence's half-open range, without the white space around it.

    Every character that is not white space stands in exactly one. A line's end ends a sentence; a dot does not behind
    a title (``Dr.``), an initial, a list's number, in a decimal or a time (``14.30``), and where the text goes on in
    lower case.
    """
    start = 0
    for found in _BREAK.finditer(text):
        if found["dots"] == "." and not _ends(text, start, found):
            continue
        yield from _trimmed(text, start, found.end())
        start = found.end()
    yield from _trimmed(text, start, len(text))


def _ends(text: str, start: int, dot: re.Match[str]) -> bool:
    """Return whether one dot ends the sentence that began at ``start``."""
    follows = _NEXT_WORD.match(text, dot.end())
    next_word = follows[1] if follows is not None else None
    if next_word is None:
        return True
    if next_word[0].islower():
        return False
    if dot["closers"]:
        return True
    word = _last_word(text, start, dot.start())
    if word.casefold() in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word != "I"):
        return False
    if word.isdigit() and len(word) <= 2:
        is_day = next_word.casefold() in MONTHS
        return not (is_day or not text[start : dot.start() - len(word)].strip(" \t-*•"))
    return True


def _last_word(text: str, start: int, end: int) -> str:
    """Return the word, dots inside it included, that ends at ``end``."""
    first = end
    while first > start and (text[first - 1].isalnum() or text[first - 1] in "._"):
        first -= 1
    return text[first:end]


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    bare = part.strip()
    if bare:
        start += len(part) - len(part.lstrip())
        yield start, start + len(bare)
