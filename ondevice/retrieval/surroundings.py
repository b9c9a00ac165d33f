"""What speaks for an item besides its own words: who said it, and what was said just before and after it.

"What did Ana plan?" asks for what Ana said, and the turn that answers seldom names her. A turn's neighbours say what
it is about: an answer alone ("Next Friday!") shares no word with the question.

The two numbers were chosen on five conversations of LoCoMo, with each left out in turn; half or twice of either gains
nearly as much.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from ondevice.records import Item, Ranked
from ondevice.words import query_words

NEIGHBOUR_SHARE = 0.3
"""So much of its score a turn gives to the one before it and to the one after it."""
AUTHOR_BONUS = 0.5
"""What an item by somebody gains whom the query names, where the best item by words or vectors has 1."""
PAUSE = timedelta(hours=1)
"""Turns further apart are of different talks."""
_KINDS = frozenset({"chat", "message"})
_AUTHOR_KEYS = ("speaker", "from", "sender", "author")
_SEVERAL = re.compile(r"[,;\n]")
_NAME = re.compile(r"[^\W\d_]{2,}")
_NO_NAME = re.compile(
    "the|and|of|for|to|from|with|in|at|on|by|my|me|our|your|you|we|it|is|was|are|do|did|has|had|what|when|where|who|how|"
    "why|which|that|this|von|van|der|den|de|du|da|di|del|la|le|el|und|et"
)
"""Words of questions, and small words between names: a sender may be called "The Team"."""
_ORDINARY = re.compile("art|bill|can|chase|dawn|faith|grace|hope|jack|joy|mark|may|miles|pat|rich|rose|will")
"""Names that are words as well: in a query they are a name only with a capital."""


def with_surroundings(query: str, hits: Sequence[Ranked], items: Mapping[int, Item]) -> list[Ranked]:
    """Return the hits with what their surroundings add, best first; of equals, the lower row first.

    Args:
        query: What was searched for.
        hits: Rows with scores of 0 or more; a row that is none of them gives nothing to its neighbours.
        items: What stands in the rows, as far as it is known.
    """
    scores = {hit.row: hit.score for hit in hits}
    named = _names_in(query)
    found: list[Ranked] = []
    for row, score in hits:
        item = items.get(row)
        if item is not None:
            beside = [
                scores[near] for near in (row - 1, row + 1) if near in scores and _is_beside(item, items.get(near))
            ]
            score += NEIGHBOUR_SHARE * sum(beside) + (AUTHOR_BONUS if named & _author(item) else 0.0)
        found.append(Ranked(row, score))
    return sorted(found, key=lambda hit: (-hit.score, hit.row))


def _is_beside(item: Item, other: Item | None) -> bool:
    """Say whether two items in neighbouring rows, which were added one after the other, are turns of one talk."""
    return (
        other is not None
        and item.kind == other.kind
        and item.kind in _KINDS
        and item.metadata.get("conversation") == other.metadata.get("conversation")
        and abs(item.time - other.time) <= PAUSE
    )


def _author(item: Item) -> set[str]:
    """Return the names of who said it, where that is one person."""
    for key in _AUTHOR_KEYS:
        value = item.fields.get(key, item.metadata.get(key))
        if isinstance(value, str) and value and not _SEVERAL.search(value):
            return {name.lower() for name in _NAME.findall(value.partition("@")[0])}
    return set()


def _names_in(query: str) -> set[str]:
    """Return the query's words that may be somebody's name."""
    with_capital = {word.lower() for word in _NAME.findall(query) if word[0].isupper()}
    words = {word for word in query_words(query) if word in with_capital or not _ORDINARY.fullmatch(word)}
    return {word for word in words if not _NO_NAME.fullmatch(word)}
