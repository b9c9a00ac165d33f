"""What an answer rests on: each sentence, the notes its marks name, and what in it stands in no note.

Everything is looked up in the notes that the model was shown, nothing is guessed. What is caught are names, numbers,
times and dates that stand nowhere, or not in the notes that their sentence names, in English or in figures. A sentence
that puts true ones of its own notes together wrongly is not caught.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ondevice.generation.prompts.days import day_in_words
from ondevice.generation.prompts.marks import Mark, MarkFilter
from ondevice.generation.prompts.notes import FIELDS
from ondevice.generation.prompts.particulars import Particular, checkable_in, content_words, particulars_in
from ondevice.generation.prompts.refusal import refuses
from ondevice.generation.prompts.sentences import sentence_ranges
from ondevice.generation.prompts.statements import day_keys, stated
from ondevice.records import Citation, Item


@dataclass(frozen=True, kw_only=True, slots=True)
class Cited:
    """An answer without its marks.

    Args:
        text: What is shown.
        citations: One for each of its sentences.
        support: 0 to 1, as :func:`cite` counts it.
    """

    text: str = field(repr=False)
    citations: tuple[Citation, ...]
    support: float

    @property
    def is_borne_out(self) -> bool:
        """Whether all that can be looked up of it stands where its sentences say."""
        return all(citation.is_borne_out for citation in self.citations)


def cite(answer: str, notes: Sequence[Item], *, said: Iterable[str] = (), now: datetime) -> Cited:
    """Take the marks out of an answer, and look up what it says.

    The support is the share of its words that say something, names, numbers, times and dates that the notes named by
    their own sentence hold. A sentence that names no note has none; neither has an answer that the notes do not say it.
    What a citation names in the end may be more than the sentence did; the support is as the model wrote it.

    Args:
        answer: As the model wrote it.
        notes: Those it was shown, in the order of their numbers; their texts as far as they stood in the prompt.
        said: What else stood in the prompt: the request, the user's turns before it, a summary.
        now: When it was asked, in the zone in which days begin (aware).
    """
    text, marks = without_marks(answer)
    ranges = list(sentence_ranges(text))
    named = _named(ranges, marks, len(notes))
    known = [_known(note, now) for note in notes]
    common = set().union(day_keys(now.date()), *(stated(each, (now.date(),)) for each in said))
    all_known = common.union(*known)
    citations: list[Citation] = []
    n_held = n_all = 0
    for place, (start, end) in enumerate(ranges):
        sentence, numbers = text[start:end], named[place]
        checkable = checkable_in(sentence)
        made_up = dict.fromkeys(each.text for each in checkable if not each.keys & all_known)
        resting, elsewhere = _resting(numbers, [each for each in checkable if not each.keys & common], known)
        ids = tuple(notes[number - 1].id for number in resting)
        citation = Citation(start=start, end=end, item_ids=ids, made_up=tuple(made_up), elsewhere=elsewhere)
        citations.append(citation)
        held_by = set().union(*(known[number - 1] for number in numbers))
        looked_up = [*(each.keys for each in checkable), *({word} for word in _others(sentence))]
        n_all += max(1, len(looked_up))
        n_held += sum(bool(keys & held_by) for keys in looked_up) if looked_up else bool(numbers)
    support = 0.0 if refuses(text) or not n_all else n_held / n_all
    return Cited(text=text, citations=tuple(citations), support=support)


def without_marks(answer: str) -> tuple[str, tuple[Mark, ...]]:
    """Return an answer without its marks, and these."""
    marks = MarkFilter()
    text = marks.push(answer)
    marks.finish()
    return text, marks.marks


def _named(ranges: Sequence[tuple[int, int]], marks: Iterable[Mark], n_notes: int) -> Mapping[int, tuple[int, ...]]:
    """Return, for each sentence by its place, the numbers of the notes that its marks name; others are no notes."""
    starts, ends = [start for start, _ in ranges], [end for _, end in ranges]
    named: dict[int, dict[int, None]] = {place: {} for place in range(len(ranges))}
    for mark in marks:
        if mark.side == "before":
            place = max(0, bisect_left(starts, mark.place) - 1)
        else:
            place = min(bisect_right(ends, mark.place), len(ranges) - 1)
        if ranges:
            named[place] |= dict.fromkeys(number for number in mark.numbers if 1 <= number <= n_notes)
    return {place: tuple(numbers) for place, numbers in named.items()}


def _resting(
    named: tuple[int, ...], said: Sequence[Particular], known: Sequence[Set[str]]
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the notes that a sentence rests on, and what of it stands in several others alone.

    What stands in none of the named notes and in one other alone is from there, so that one is added. A named note
    that holds nothing of the sentence then gives its place to it. A sentence that names none is left so.
    """
    if not named:
        return (), ()
    holders = [[number for number, keys in enumerate(known, 1) if each.keys & keys] for each in said]
    added = dict.fromkeys(held[0] for held in holders if len(held) == 1 and held[0] not in named)
    kept = [number for number in named if any(number in held for held in holders)] if added else named
    resting = tuple(dict.fromkeys((*kept, *added)))
    pairs = zip(said, holders, strict=True)
    elsewhere = dict.fromkeys(each.text for each, held in pairs if held and not set(held) & set(resting))
    return resting, tuple(elsewhere)


def _known(note: Item, now: datetime) -> set[str]:
    """Return the keys of all that the prompt says of a note: its text and fields, what it is, its day, how far away."""
    try:
        days = {note.time.astimezone(zone).date() for zone in (now.tzinfo, UTC)}
    except OverflowError:  # the calendar's first and last day have no name in every zone
        days = {note.time.date()}
    fields = (str(value) for name, value in note.fields.items() if name in FIELDS and value is not None)
    said = "\n".join((note.kind, *fields, note.text))
    distance = particulars_in(day_in_words(note.time, now))
    spans = {key for each in distance for key in each.keys if key.startswith("span:")}
    return stated(said, days) | spans


def _others(sentence: str) -> list[str]:
    """Return the sentence's words that say something and are no names, which are looked up already."""
    names = {each.start for each in checkable_in(sentence)}
    words = (each for each in particulars_in(sentence) if each.kind == "word" and each.start not in names)
    return [stem for each in words for stem in content_words(each.text)]
