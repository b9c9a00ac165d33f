"""Times as tables write them: ISO 8601, dates of several countries, mail's form, and counts since 1970.

Where 3/4/2024 may be either day, nothing is guessed: the other times of its column tell which comes first, or nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime

_COUNT = re.compile(r"[0-9]{9,10}(?:\.[0-9]{1,9})?|[0-9]{12,13}|[0-9]{15,16}")
_CLOCK = r"(?:[,T]?\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp])?\.?[Mm]?\.?)?"
_DAY_MONTH_YEAR = re.compile(rf"(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}),?{_CLOCK}")
_YEAR_MONTH_DAY = re.compile(rf"(\d{{4}})([./])(\d{{1,2}})\2(\d{{1,2}}),?{_CLOCK}")
_MOST_MONTHS = 12
_NOON = 12
_MOST_CHARS = 64
_PER_SECOND = {10: 1, 13: 1_000, 16: 1_000_000}


def moment_of(value: object, zone: tzinfo | None, *, day_first: bool | None = None) -> datetime | None:
    """Return the time that a value says, in UTC; ``None`` if it says none, or either of two.

    Args:
        value: A text, or a number of seconds, milliseconds or microseconds since 1970.
        zone: Where it was, if it does not say; ``None`` is where the device is.
        day_first: Whether 3/4/2024 is in April; ``None`` where nobody knows.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    if not text or len(text) > _MOST_CHARS:
        return None
    try:
        found = _counted(text) or _iso(text) or _written(text, day_first) or _as_in_mail(text)
        if found is None:
            return None
        return (found if found.tzinfo is not None or zone is None else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def is_day_first(values: Iterable[str]) -> bool | None:
    """Return which comes first in a column's dates, the day or the month; ``None`` if none of them tells."""
    for value in values:
        match = _DAY_MONTH_YEAR.fullmatch(value.strip()[:_MOST_CHARS])
        if match is None or match[2] == ".":
            continue
        first, second = int(match[1]), int(match[3])
        if max(first, second) > _MOST_MONTHS:
            return first > _MOST_MONTHS
    return None


def _counted(text: str) -> datetime | None:
    if not _COUNT.fullmatch(text):
        return None
    whole = text.partition(".")[0]
    per_second = next(factor for digits, factor in _PER_SECOND.items() if len(whole) <= digits)
    return datetime.fromtimestamp(float(text) / per_second, UTC)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(re.sub(r"\s*(?:UTC|GMT)$", "+00:00", text))
    except ValueError:
        return None


def _written(text: str, day_first: bool | None) -> datetime | None:
    if match := _YEAR_MONTH_DAY.fullmatch(text):
        return _made(int(match[1]), int(match[3]), int(match[4]), match)
    match = _DAY_MONTH_YEAR.fullmatch(text)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if match[2] == ".":
        day_first = True
    if max(first, second) > _MOST_MONTHS or first == second:
        day_first = first > _MOST_MONTHS
    if day_first is None:
        return None
    day, month = (first, second) if day_first else (second, first)
    return _made(year if len(match[4]) > 2 else _century(year), month, day, match)


def _century(year: int) -> int:
    return year + (2000 if year < 70 else 1900)


def _made(year: int, month: int, day: int, match: re.Match[str]) -> datetime:
    hour, minute, second = (int(match[group] or 0) for group in (5, 6, 7))
    half = (match[8] or "").lower()
    if half and not 1 <= hour <= _NOON:
        raise ValueError("there is no such hour")
    if half:
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    return datetime(year, month, day, hour, minute, second)


def _as_in_mail(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
