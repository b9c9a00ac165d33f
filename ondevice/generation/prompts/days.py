"""Days in words: which day it is, which day a note is from, and how far apart they lie.

A small model cannot count days. So the prompt says them: ``Wed 4 March, 2 weeks ago``. Months have their names, because
a model splits figures into a token each, and because answers say them. The words are always English, whatever locale a
program has set.
"""

from __future__ import annotations

from datetime import date, datetime

from ondevice.generation.prompts.calendar_words import MONTH_NAMES, WEEKDAY_NAMES

_UNITS = (("year", 365.25, 730), ("month", 365.25 / 12, 60), ("week", 7.0, 14), ("day", 1.0, 2))
"""A unit, its days, and the distance from which it is used: always two of it or more."""


def require_zone(now: object, name: str = "now") -> datetime:
    """Return ``now`` if it is a time that has a zone; without one nobody knows which day it is.

    Raises:
        TypeError: If it is no ``datetime``.
        ValueError: If it has no time zone.
    """
    if not isinstance(now, datetime):
        raise TypeError(f"{name} must be a datetime, not of type {type(now).__name__}")
    if now.utcoffset() is None:
        raise ValueError(f"{name} has no time zone: write datetime(..., tzinfo=UTC) or use .astimezone()")
    return now


def today_in_words(now: datetime) -> str:
    """Return the day of ``now``, such as ``Wednesday 18 March 2026``."""
    return f"{WEEKDAY_NAMES[now.weekday()]} {_named(now.date())} {now.year}"


def day_in_words(time: datetime, now: datetime) -> str:
    """Return the day of ``time`` in the zone of ``now`` and how far away it is, such as ``Tue 17 March, yesterday``.

    A day of another year says its year.

    Args:
        time: When something happened, or will (aware).
        now: When it is asked about (aware).
    """
    day = _day_in(time, now)
    year = "" if day.year == now.year else f" {day.year}"
    distance = distance_in_words((now.date() - day).days)
    return f"{WEEKDAY_NAMES[day.weekday()][:3]} {_named(day)}{year}, {distance}"


def distance_in_words(days: int) -> str:
    """Return how long ago a day is that lies so many days back, in whole units to the nearest; negative lies ahead.

    Days up to 13, weeks up to 59 days, months up to 729 days, then years.
    """
    if abs(days) < 2:
        return ("today", "yesterday", "tomorrow")[days]
    unit, length = next((unit, length) for unit, length, least in _UNITS if abs(days) >= least)
    count = f"{int(abs(days) / length + 0.5)} {unit}s"
    return f"{count} ago" if days > 0 else f"in {count}"


def _named(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]}"


def _day_in(time: datetime, now: datetime) -> date:
    try:
        return time.astimezone(now.tzinfo).date()
    except OverflowError:  # the calendar's first and last day have no name in every zone
        return time.date()
