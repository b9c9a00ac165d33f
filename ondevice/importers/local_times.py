"""Times as people and programs write them in notes and calendars, in UTC; what names no zone is local."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo
from email.utils import parsedate_to_datetime

_MAX_CHARS = 60
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})[/._](?P<m>\d{1,2})[/._](?P<d>\d{1,2})\b")
_WITH_DOTS = re.compile(r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})\b")
_MONTH_FIRST = re.compile(
    r"(?:[A-Za-z]+,\s+)?(?P<name>[A-Za-z]{3,9})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})\b"
)
_DAY_FIRST = re.compile(r"(?:[A-Za-z]+,\s+)?(?P<d>\d{1,2})\.?\s+(?P<name>[A-Za-z]{3,9})\.?,?\s+(?P<y>\d{4})\b")
_CLOCK = re.compile(r"[,\s]*(?:at\s+)?(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2}))?\s*(?P<half>[AaPp])?\.?[Mm]?\.?")


def in_utc(moment: date, zone: tzinfo | None) -> datetime | None:
    """Return a moment in UTC, a day as its beginning; ``None`` where no calendar has it.

    Args:
        moment: A time, aware or not, or a day.
        zone: What it is in where it names no zone; the device's with ``None``.
    """
    whole = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)
    if whole.tzinfo is None and zone is not None:
        whole = whole.replace(tzinfo=zone)
    try:
        return whole.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def moment_of(text: str, zone: tzinfo | None) -> datetime | None:
    """Return the time that a text says, in UTC; ``None`` where it says none, or one that may be read in two ways.

    It is ISO 8601, or a day as ``2024/05/31``, ``31.05.2024``, ``May 31, 2024`` or ``31 May 2024`` that a clock may
    follow: ``6:30 PM``.
    """
    words = text.strip().strip("[]\"'<>").strip()
    if not words or len(words) > _MAX_CHARS:
        return None
    found = _iso(words) or _written(words) or _as_in_mail(words)
    return None if found is None else in_utc(found, zone)


def _iso(words: str) -> datetime | None:
    try:
        return datetime.fromisoformat(words)
    except ValueError:
        return None


def _as_in_mail(words: str) -> datetime | None:
    try:
        return parsedate_to_datetime(words)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _written(words: str) -> datetime | None:
    for form in (_YEAR_FIRST, _WITH_DOTS, _MONTH_FIRST, _DAY_FIRST):
        match = form.match(words)
        if match is None:
            continue
        parts = match.groupdict()
        month = parts.get("m") or _month(parts.get("name", ""))
        clock = _clock(words[match.end() :])
        if clock is None:
            continue
        try:
            return datetime(int(parts["y"]), int(month or 0), int(parts["d"]), *clock)
        except ValueError:
            continue
    return None


def _month(name: str) -> int | None:
    start = name[:3].lower()
    return _MONTHS.index(start) + 1 if start in _MONTHS else None


def _clock(words: str) -> tuple[int, int, int] | None:
    """Return hours, minutes and seconds, zeros for no words; ``None`` for other words than a clock's."""
    if not words.strip():
        return 0, 0, 0
    match = _CLOCK.fullmatch(words)
    if match is None:
        return None
    hours = int(match["h"])
    if match["half"]:
        hours = hours % 12 + (12 if match["half"] in "Pp" else 0)
    return hours, int(match["min"]), int(match["s"] or 0)
