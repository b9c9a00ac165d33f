"""What of a long text stands in the prompt: the passage that was found, and what shares words with the request.

A text that is cut at its end never shows what stands there. So a long one is split into sentences, and the windows of
neighbouring sentences that share the rarest words with the request are kept, in their order, and of the passage whose
vector the search found as much as there is room for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property
from typing import NamedTuple

from ondevice.generation.prompts.entries import Entry, one_line, word_ends
from ondevice.passages import Passage
from ondevice.records import Item
from ondevice.words import split_words

NOTES_WORDS = 160
"""Texts up to so many words stand in the prompt as a whole, and of longer ones so many in a numbered note."""

PLAIN_WORDS = 2_000
"""Of a longer text so many words stand in a prompt of the plain form, if the budget lets them in."""

GAP = " … "
"""Stands where something was left out."""

_REACH = 1
"""A window is a sentence with so many before it, and as many behind it."""

_SENTENCE_WORDS = 40
"""A longer sentence, such as a list without full stops, is split."""

_END = re.compile(r"(?<=[.!?…])\s+|(?<=[\u3002\uff01\uff1f])|\s*\n\s*")


class _Sentence(NamedTuple):
    text: str
    start: int
    end: int


_COMMON_TEXT = """
a about after again all also am an and any are as at be been before but by can could did do does for from had has have
he her him his how i if in into is it its just like me my no not of on or our out say said she should so some tell than
that the their them then there these they this those to up us was we were what when where which who whom whose why will
with would you your
"""
_COMMON = frozenset(_COMMON_TEXT.split())
"""Words that stand in most requests and tell nothing of what one is about."""


def passages_for(request: str, text: str, *, max_words: int = NOTES_WORDS, matched: Passage | None = None) -> str:
    """Return ``text`` on one line, and where it is long the passages of it that fit the request best, in their order.

    Where no word of the request stands in it, and nothing matched, its beginning is kept.

    Args:
        request: What is asked.
        text: What was found.
        max_words: Texts up to this length stay whole; of a longer one so many words are kept at most.
        matched: The passage of it that the search found.
    """
    return Extract(request, text, matched).kept(max_words)


def extract_of(item: Item, request: str, passages: Mapping[str, Passage] | None) -> Extract:
    """Return an item's text for a request, with the passage that was found where one is named for the item's id."""
    return Extract(request, item.text, (passages or {}).get(item.id))


class Extract:
    """A text for one request: as much of it as there is room for, what fits the request best first."""

    def __init__(self, request: str, text: str, matched: Passage | None = None) -> None:
        """Look at the text's length; its sentences are weighed when it first has to be shortened."""
        self.whole = one_line(text)
        self.n_words = _n_words(self.whole)
        self._request, self._text, self._matched = request, text, matched

    def entry(self, before: str, max_words: int, *, after: str = "") -> Entry:
        """Return an entry that shows at most so many words; where it has to be shorter, the best stay."""
        if self.n_words <= NOTES_WORDS:
            return Entry(before=before, long=self.whole, after=after)
        n_words = min(max_words, self.n_words)
        is_whole = n_words == self.n_words
        return Entry(
            before=before, long=self.kept(n_words), after=after, is_whole=is_whole, n_words=n_words, shorten=self.kept
        )

    def kept(self, max_words: int) -> str:
        """Return the whole where it has no more words, and else so many of the best passages, in their order."""
        if self.n_words <= max_words:
            return self.whole
        kept: set[int] = set()
        room = max_words
        for place in self._best_first:
            n_words = self._lengths[place]
            if n_words <= room:
                kept.add(place)
                room -= n_words
            if not room:
                break
        if not kept:
            first = self._split[self._best_first[0]].text
            return first[: word_ends(first)[max_words - 1]]
        return _join([sentence.text for sentence in self._split], sorted(kept))

    def best_window(self) -> Passage | None:
        """Return the sentence that shares the rarest words with the request, and its neighbours, if there is one."""
        if not self._centers:
            return None
        around = _window(self._centers[0], len(self._split))
        start, end = self._split[around[0]].start, self._split[around[-1]].end
        return Passage(text=self._text[start:end], start=start, end=end)

    @cached_property
    def _split(self) -> list[_Sentence]:
        return list(_sentences(self._text))

    @cached_property
    def _lengths(self) -> list[int]:
        return [_n_words(sentence.text) for sentence in self._split]

    @cached_property
    def _shared(self) -> list[set[str]]:
        """The words that each sentence shares with the request."""
        asked = _stems(self._request)
        return [_stems(sentence.text) & asked for sentence in self._split]

    @cached_property
    def _n_sharing(self) -> Counter[str]:
        return Counter(stem for stems in self._shared for stem in stems)

    @cached_property
    def _centers(self) -> list[int]:
        """The places of sentences that share words, the best first, by what the sentences around share too."""

        def worth_around(center: int) -> tuple[float, float]:
            around = (self._shared[place] for place in _window(center, len(self._split)))
            return self._worth(set().union(*around)), self._worth(self._shared[center])

        return sorted((place for place, stems in enumerate(self._shared) if stems), key=worth_around, reverse=True)

    @cached_property
    def _best_first(self) -> list[int]:
        """The sentences' places, the best first.

        These are the best window that shares words, the passage that was found, the other windows, the beginning, and
        what stands near. Words find the sentence, where they are the text's own, and the search found the passage even
        where they are others: of 760 questions about long talks, 160 words held the turn that answers for 65 %, and
        for 45 % by words alone (``python -m benchmarks passages``).
        """
        n = len(self._split)
        found = self._found()
        best = self._centers[0] if self._centers else found[0] if found else 0
        # A sentence that shares words comes before its neighbours, and what follows it before what leads up to it.
        windows = [
            place
            for center in self._centers
            for place in sorted(_window(center, n), key=lambda place: (abs(place - center), -place))
        ]
        n_first = len(_window(best, n)) if windows else 0
        rest = sorted(range(n), key=lambda place: (abs(place - best), -place))
        return list(dict.fromkeys((*windows[:n_first], *found, *windows[n_first:], 0, *rest)))

    def _found(self) -> list[int]:
        """Return the places of the passage that was found, those that share the rarest words first."""
        if self._matched is None:
            return []
        start, end = self._matched.start, self._matched.end
        inside = [place for place, each in enumerate(self._split) if each.start < end and each.end > start]
        return sorted(inside, key=lambda place: (-self._worth(self._shared[place]), place))

    def _worth(self, stems: Set[str]) -> float:
        return sum(1 / self._n_sharing[stem] for stem in sorted(stems))


def _window(place: int, n_sentences: int) -> range:
    return range(max(0, place - _REACH), min(n_sentences, place + _REACH + 1))


def _sentences(text: str) -> Iterator[_Sentence]:
    begin = 0
    for end, following in (*((found.start(), found.end()) for found in _END.finditer(text)), (len(text), len(text))):
        sentence = one_line(text[begin:end])
        first, ends = 0, word_ends(sentence)
        for last in (*ends[_SENTENCE_WORDS - 1 :: _SENTENCE_WORDS], len(sentence)):
            if piece := sentence[first:last].strip():
                # Where white space was left out, the places within a sentence are near enough.
                yield _Sentence(piece, begin + first, begin + last)
            first = last
        begin = following


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
