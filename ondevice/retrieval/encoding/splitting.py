"""Where the passages of a long text begin and end, for an encoder that reads so many tokens at once.

The first passage is the text's beginning, as much as the encoder reads: it stands for the item where one vector has to.
The others are short and hold all of the text, because a vector of more says less of each sentence in it. They end where
a sentence ends, and the next begins some sentences earlier, so that what stands at a seam is whole in one of them. A
sentence that is longer than a passage is cut between words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from ondevice.generation.prompts.sentences import sentence_ranges
from ondevice.passages import MOST_PASSAGES, Span

SHORT_TOKENS = 256
"""A text of so many tokens is one passage, if the encoder reads as many."""

PASSAGE_TOKENS = 128
"""A passage behind the first has so many tokens at most, the fields that go along with it aside."""

OVERLAP_TOKENS = 32
"""So many tokens at most of a passage stand in the one before too."""

HEAD_TOKENS = 32
"""So many tokens at most of an item's fields go along with each passage behind the first."""

_LEAST_TOKENS = 8
"""An encoder that reads fewer tokens of a text reads its beginning alone."""


def passages_of(text: str, starts: Sequence[int], n_read: int, n_head: int) -> tuple[list[Span], str]:
    """Return the passages of a text, in their order, and what goes along with each but the first.

    Args:
        text: The text.
        starts: Where each of its tokens begins, rising.
        n_read: So many of them the encoder reads at once.
        n_head: So many characters at its beginning are fields.
    """
    beginning = Span(0, starts[n_read] if n_read < len(starts) else len(text))
    if len(starts) <= min(n_read, SHORT_TOKENS):
        return [beginning], ""
    n_along = min(bisect_left(starts, n_head), HEAD_TOKENS, n_read // 4)
    head = text[: min(n_head, starts[n_along])].rstrip()
    size = min(PASSAGE_TOKENS, n_read - n_along - 1)
    if size < _LEAST_TOKENS:
        return [beginning], ""
    overlap = min(OVERLAP_TOKENS, size // 4)
    cuts = list(_cuts(text, starts, size))
    return [beginning, *_spans(text, starts, cuts, size, overlap)][:MOST_PASSAGES], head


def _spans(text: str, starts: Sequence[int], cuts: Sequence[int], size: int, overlap: int) -> Iterator[Span]:
    """Yield the passages behind the first."""
    end = place = 0
    while end < len(starts):
        # As much of what has been read as overlaps, but from a cut on, so that nothing is left out.
        place = max(place, min(bisect_left(cuts, end - overlap), bisect_right(cuts, end) - 1))
        while cuts[last := bisect_right(cuts, cuts[place] + size) - 1] <= end:
            place += 1  # with so much of what has been read there is no room for the next sentence
        end = cuts[last]
        yield Span(starts[cuts[place]], starts[end] if end < len(starts) else len(text))


def _cuts(text: str, starts: Sequence[int], size: int) -> Iterator[int]:
    """Yield the tokens at which a passage may begin: sentences, and pieces of long ones; last, the number of tokens."""
    last = 0
    yield last
    for begin, _ in sentence_ranges(text):
        place = bisect_left(starts, begin)
        if place > last:
            yield from _pieces(text, starts, last, place, size)
            last = place
    yield from _pieces(text, starts, last, len(starts), size)


def _pieces(text: str, starts: Sequence[int], first: int, end: int, size: int) -> Iterator[int]:
    """Yield where the pieces of one sentence end: between words, where there are some, and at its own end."""
    while end - first > size:
        word = next((at for at in range(first + size, first + size // 2, -1) if text[starts[at] - 1].isspace()), None)
        first = word or first + size
        yield first
    if end > first:
        yield end
