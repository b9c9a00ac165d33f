"""Numbered notes: the form in which a model that learned to read a user's items gets them.

Each note says its number, what it is, who wrote it to whom, its title, its text, and its day last, where it cannot push
the text away. The oldest comes first, so that of two notes that contradict each other the newer one stands last. The
numbers are what an answer cites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ondevice.generation.prompts.chat import Message
from ondevice.generation.prompts.days import day_in_words, today_in_words
from ondevice.generation.prompts.entries import Entry, one_line
from ondevice.generation.prompts.passages import NOTES_WORDS, extract_of
from ondevice.passages import Passage
from ondevice.records import Item

NOTES_SYSTEM = (
    "Answer from the notes below and begin with the number of the note. "
    "If they do not say it, answer: Your notes do not say."
)
"""What the model is told where the app does not say otherwise."""


FIELDS = ("from", "to", "title")
"""The fields of an item that stand in its note."""


def note_entry(
    item: Item, *, request: str, now: datetime, passages: Mapping[str, Passage] | None = None
) -> Entry | None:
    """Return an item as a note without its number; ``None`` if it has no text.

    Of a long text, what the search found and what fits the request stands in it.

    Args:
        item: The item; of its fields those in ``FIELDS``, no metadata.
        request: What is asked.
        passages: The passages that the search found, by the items' ids.
        now: When it is asked, in the zone in which days begin (aware).
    """
    extract = extract_of(item, request, passages)
    if not extract.whole:
        return None
    head = one_line(item.kind)
    for name in ("from", "to"):
        if said := _said(item, name):
            head += f" {name} {said}"
    if title := _said(item, "title"):
        head += f", {title}"
    return extract.entry(f"{head}: ", NOTES_WORDS, after=f" ({day_in_words(item.time, now)})")


def oldest_first(items: Sequence[Item]) -> list[int]:
    """Return the items' places in the order of their numbers: by time, and of one time by when they were added."""
    return sorted(range(len(items)), key=lambda place: (items[place].time, items[place].added_at))


def notes_messages(
    request: str, *, now: datetime, summary: str, system: str, texts: Sequence[str]
) -> tuple[Message, ...]:
    """Return the messages with these notes, oldest first, which get their numbers here.

    Without notes and without a summary there is nothing to answer from, and the request stands alone.
    """
    user = Message(role="user", content=request)
    if not texts and not summary:
        return (Message(role="system", content=system), user) if system else (user,)
    known = (f"About the user: {summary}",) if summary else ()
    notes = (f"[{number}] {text}" for number, text in enumerate(texts, 1))
    lines = (system or NOTES_SYSTEM, f"Today is {today_in_words(now)}.", "", *known, *notes)
    return (Message(role="system", content="\n".join(lines)), user)


def _said(item: Item, name: str) -> str:
    value = item.fields.get(name)
    return "" if value is None else one_line(str(value))
