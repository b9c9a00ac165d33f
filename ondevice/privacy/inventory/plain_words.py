"""Words of the user's page: what a learned thing is, what an entry of the log says, numbers and days."""

from __future__ import annotations

from datetime import datetime

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

LEARNED = {
    "adapter": "An adapter is a small addition to the language model, trained on your items.",
    "checkpoint": "A paused training is an adapter that is not finished yet.",
    "summary": "A summary is a short text about you that the language model may read.",
    "merged": "A merged model is a copy of the language model with an adapter inside.",
}
"""Kind of learned thing → what that is."""

HAPPENED = {
    "created": "the profile was made",
    "migrated": "a newer release brought it up to date",
    "loss-accepted": "it was opened although changes were missing",
    "restored": "it came back from a backup",
    "rekeyed": "everything was encrypted anew",
    "slot-added": "a way to open it was added",
    "slot-removed": "a way to open it was removed",
    "slot-changed": "a way to open it was changed",
    "imported": "items were imported from a file or folder",
    "exported": "items were written to a readable file",
    "backed-up": "a backup was made",
    "handed-out": "items were handed to another program that the user had connected",
    "forgot": "items were deleted",
    "erasure-finished": "a deletion that was interrupted was finished",
    "adapter-trained": "an adapter was trained",
    "adapter-dropped": "an adapter was deleted",
    "adapter-merged": "a merged model was made",
    "merged-dropped": "a merged model was deleted",
}
"""Kind of entry → what it says."""


def day(moment: datetime | None) -> str:
    """Return a day in words, as 3 January 2026."""
    return "a day unknown" if moment is None else f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def short_day(moment: datetime | None) -> str:
    """Return a day in few words, as 3 Jan 2026."""
    return "never" if moment is None else f"{moment.day} {_MONTHS[moment.month - 1][:3]} {moment.year}"


def many(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is not 1."""
    return f"1 {noun}" if number == 1 else f"{number:,} {noun[:-1] + 'ies' if noun.endswith('y') else noun + 's'}"
