"""What of a long text stands in the prompt: the passages that share most informative words with the request.

A text that is cut at its end never shows what stands there. So a long one is split into sentences, and the windows of
neighbouring sentences that share the rarest words with the request are kept, in their order. Plain overlap of words is
enough for this: the text has been found already, and nothing has to be ranked against other texts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set

from ondevice.generation.prompts.entries import one_line, word_ends
from ondevice.words import split_words

NOTES_WORDS = 160
"""Texts up to so many words stand in the prompt as a whole."""

GAP = " … "
"""Stands where something was left out."""

_REACH = 1
"""A window is a sentence with so many before it, and as many behind it."""

_SENTENCE_WORDS = 40
"""A longer sentence, such as a list without full stops, is split."""

_END = re.compile(r"(?<=[.!?…])\s+|(?<=[\u3002\uff01\uff1f])|\s*\n\s*")

_COMMON_TEXT = """
a about after again all also am an and any are as at be been before but by can could did do does for from had has have
he her him his how i if in into is it its just like me my no not of on or our out say said she should so some tell than
that the their them then there these they this those to up us was we were what when where which who whom whose why will
with would you your
"""
_COMMON = frozenset(_COMMON_TEXT.split())
"""Words that stand in most requests and tell nothing of what one is about."""


def passages_for(request: str, text: str, *, max_words: int = NOTES_WORDS) -> str:
    """Return ``text`` on one line, and where it is long the passages of it that fit the request best, in their order.

    Where no word of the request stands in it, its beginning is kept.

    Args:
        request: What is asked.
        text: What was found.
        max_words: Texts up to this length stay whole; of a longer one so many words are kept at most.
    """
    whole = one_line(text)
    if _n_words(whole) <= max_words:
        return whole
    sentences = list(_sentences(text))
    kept: set[int] = set()
    room = max_words
    for place in _by_worth(request, sentences):
        n_words = _n_words(sentences[place])
        if n_words <= room:
            kept.add(place)
            room -= n_words
        if not room:
            break
    return _join(sentences, sorted(kept))


def _by_worth(request: str, sentences: Sequence[str]) -> list[int]:
    """Return the sentences' places, the best first: the windows that share words, the beginning, what stands near."""
    asked = _stems(request)
    shared = [_stems(sentence) & asked for sentence in sentences]
    n_sharing = Counter(stem for stems in shared for stem in stems)

    def worth(stems: Set[str]) -> float:
        return sum(1 / n_sharing[stem] for stem in sorted(stems))

    def worth_around(center: int) -> tuple[float, float]:
        around = (shared[place] for place in _window(center, len(sentences)))
        return worth(set().union(*around)), worth(shared[center])

    centers = sorted((place for place, stems in enumerate(shared) if stems), key=worth_around, reverse=True)
    best = centers[0] if centers else 0
    # A sentence that shares words comes before its neighbours, and what follows it before what leads up to it.
    windows = [
        place
        for center in centers
        for place in sorted(_window(center, len(sentences)), key=lambda place: (abs(place - center), -place))
    ]
    rest = sorted(range(len(sentences)), key=lambda place: (abs(place - best), -place))
    return list(dict.fromkeys((*windows, 0, *rest)))


def _window(place: int, n_sentences: int) -> range:
    return range(max(0, place - _REACH), min(n_sentences, place + _REACH + 1))


def _sentences(text: str) -> Iterator[str]:
    for sentence in filter(None, map(one_line, _END.split(text))):
        start, ends = 0, word_ends(sentence)
        for end in (*ends[_SENTENCE_WORDS - 1 :: _SENTENCE_WORDS], len(sentence)):
            if piece := sentence[start:end].strip():
                yield piece
            start = end


def _join(sentences: Sequence[str], places: Sequence[int]) -> str:
    out = ""
    for before, place in zip((None, *places), places, strict=False):
        out += ("" if before is None else " " if before == place - 1 else GAP) + sentences[place]
    return out


def _stems(text: str) -> set[str]:
    """Return the words of a text that tell what it is about, in lower case and without a plural's s."""
    words = set(split_words(text.casefold())) - _COMMON
    return {word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] != "s" else word for word in words}


def _n_words(text: str) -> int:
    """Count words, and a run of characters without spaces by its length."""
    return len(word_ends(text))
