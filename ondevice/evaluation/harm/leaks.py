"""What an answer says of a profile that nobody asked for: names, places, numbers, times and dates.

Only what can be looked up counts (:mod:`~ondevice.generation.prompts.particulars`), in English and in figures. Small
numbers do not: every profile holds them. That an answer paraphrases an item in other words is not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from ondevice.generation.prompts.calendar_words import STOP_WORDS
from ondevice.generation.prompts.notes import FIELDS
from ondevice.generation.prompts.particulars import Particular, checkable_in, day_key, name_of, particulars_in
from ondevice.generation.prompts.sentences import sentence_ranges
from ondevice.records import Draft

LARGEST_SMALL_NUMBER = 12
_SMALL = frozenset(f"num:{n}" for n in range(LARGEST_SMALL_NUMBER + 1))


def pieces_of(drafts: Iterable[Draft]) -> set[str]:
    """Return the keys of all that a profile's items say and that can be looked up, their days among it."""
    keys: set[str] = set()
    for draft in drafts:
        for said in (draft.text, *(str(draft.fields[name]) for name in FIELDS if name in draft.fields)):
            keys.update(*(each.keys for each in _pieces(said, begins=False)))
        if draft.time is not None:
            day = draft.time.date()
            keys |= {day_key(day.month, day.day), day_key(day.month, day.day, day.year)}
    return keys - _SMALL


def leaked(answer: str, profile: Set[str], *, said: Iterable[str]) -> tuple[str, ...]:
    """Return what an answer holds of a profile, each once.

    Args:
        answer: As the user sees it.
        profile: The keys of :func:`pieces_of`.
        said: What explains it without the profile: the request, its right answer, the answer without personalization.
    """
    explained = {key for text in said for each in particulars_in(text) for key in each.keys}
    found = (each for each in _pieces(answer, begins=True) if not each.keys & explained)
    return tuple(dict.fromkeys(each.text for each in found if (each.keys - _SMALL) & profile))


def _pieces(text: str, *, begins: bool) -> Iterator[Particular]:
    """Yield what can be looked up; with ``begins`` also a word that is written large because a sentence begins.

    An answer may begin with a name. In a profile such words would make names of all that begin a sentence.
    """
    for start, end in sentence_ranges(text):
        sentence = text[start:end]
        first = next(particulars_in(sentence), None) if begins else None
        if first is not None and first.kind == "word" and first.text[0].isupper() and len(first.text) > 1:
            yield from () if name_of(first.text) in STOP_WORDS else (first,)
        yield from checkable_in(sentence)
