"""What a text says by its words, and by the day it is from: ``tomorrow`` of a note from 3 March is 4 March."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from ondevice.generation.prompts.particulars import (
    Particular,
    clock_key,
    day_key,
    month_key,
    name_of,
    particulars_in,
    stem_of,
)

_UNIT_DAYS = {"day": 1, "week": 7}
_RELATIVE = re.compile(
    r"\b(?:(?P<after>day after tomorrow)|(?P<before>day before yesterday)|(?P<tomorrow>tomorrow)"
    r"|(?P<yesterday>yesterday|last night)|(?P<today>today|tonight))\b",
    re.IGNORECASE,
)
_HOUR = re.compile(
    r"(?:\b(?:at|from|until|till|to|between|by|before|after|around|about)\s+|\d\s*[-\u2013]\s*)(\d\d?)\b(?![:.]\d)"
    r"|\b(\d\d?)(?=\s*(?:o['\u2019]clock|uhr|h)\b)",
    re.IGNORECASE,
)
"""A number that stands where an hour stands."""
_SPAN = re.compile(r"\b(?:(?P<which>last|next|this|a|an|one)) (?P<unit>week|month|year)\b", re.IGNORECASE)
_UNITS_AWAY = {"last": (-1,), "next": (1,), "this": (0,), "a": (-1, 1), "an": (-1, 1), "one": (-1, 1)}
_SHIFTS = {"after": 2, "before": -2, "tomorrow": 1, "yesterday": -1, "today": 0}
_NAMED_TIMES = {"noon": clock_key(12, 0), "midday": clock_key(12, 0), "midnight": clock_key(0, 0)}


def stated(text: str, days: Iterable[date]) -> set[str]:
    """Return the keys of all that a text says, as :mod:`particulars` has them, and the stems of its words.

    Args:
        text: Of a note, or the request.
        days: When it was said: the one day, or two where that depends on the zone. Dates without a year, weekdays and
            words such as ``tomorrow`` are counted from each.
    """
    bases = tuple(days)
    keys: set[str] = set()
    for base in bases:
        keys |= day_keys(base)
        for match in _RELATIVE.finditer(text):
            keys |= _shifted(base, _SHIFTS[str(match.lastgroup)])
        for span in _SPAN.finditer(text):
            keys |= _away(base, span["unit"].lower(), _UNITS_AWAY[span["which"].lower()])
    for hour in _HOUR.finditer(text):
        if (count := int(hour[1] or hour[2])) <= 24:
            keys.add(clock_key(count % 24, 0))
    for each in {found.text: found for found in particulars_in(text)}.values():
        keys |= each.keys
        keys |= _widened(each)
        for base in bases:
            keys |= _from(each, base)
    return keys


def day_keys(day: date) -> set[str]:
    """Return every way to say a day: its date with and without the year, its weekday, its month, its year."""
    return {
        day_key(day.month, day.day),
        day_key(day.month, day.day, day.year),
        month_key(day.month, day.year),
        f"dom:{day.day}",
        f"m:{day.month}",
        f"w:{day.weekday()}",
        f"num:{day.year}",
    }


def _widened(each: Particular) -> set[str]:
    """Return what else the same words say: a time after noon on a clock of twelve hours, a month, a word's stem."""
    if each.kind == "word":
        bare = name_of(each.text)
        return {stem_of(bare)} | ({_NAMED_TIMES[bare]} if bare in _NAMED_TIMES else set())
    wider: set[str] = set()
    for key in each.keys:
        if key.startswith("t:"):
            hour, minute = map(int, key[2:].split(":"))
            wider |= {clock_key(hour % 12 or 12, minute)}
            wider |= {f"num:{hour}", f"num:{hour % 12 or 12}"} if minute == 0 and each.kind == "clock" else set()
        elif key.startswith("my:"):
            year, _, month = key[3:].partition("-")
            wider |= {f"m:{month}", f"num:{year}"}
    return wider


def _days_of(each: Particular, base: date) -> Iterator[date]:
    """Yield the days that a particular names, counted from the day it was said."""
    for key in each.keys:
        kind, _, value = key.partition(":")
        if kind == "d":
            parts = [int(part) for part in value.split("-")]
            year = parts[0] if len(parts) == 3 else None
            yield from _nearest(parts[-2], parts[-1], year, base)
        elif kind == "w":
            ahead = (int(value) - base.weekday() - 1) % 7 + 1
            yield from _moved(base, (ahead - 7 if ahead < 7 else -7, ahead, ahead + 7))
        elif kind == "dom":
            following = base.replace(day=1) + timedelta(days=31) if base.year < 9999 else base
            yield from _nearest(base.month, int(value), base.year, base)
            yield from _nearest(following.month, int(value), following.year, base)
        elif kind == "span":
            unit, _, count = value.partition(":")
            days = _UNIT_DAYS.get(unit, 0) * int(count)
            yield from _moved(base, (days, -days) if days else ())


def _nearest(month: int, day: int, year: int | None, base: date) -> Iterator[date]:
    """Yield the day, in the year nearest to ``base`` where none is said; nothing where the calendar has no such day."""
    found: list[date] = []
    for each in (year,) if year is not None else (base.year - 1, base.year, base.year + 1):
        try:
            found.append(date(each, month, day))
        except (ValueError, OverflowError):
            continue
    if found:
        yield min(found, key=lambda each: abs(each - base))


def _moved(base: date, shifts: Iterable[int]) -> Iterator[date]:
    for days in shifts:
        try:
            yield base + timedelta(days=days)
        except OverflowError:
            continue


def _from(each: Particular, base: date) -> set[str]:
    """Return what a particular says, counted from the day it was said."""
    keys: set[str] = set()
    for day in _days_of(each, base):
        keys |= day_keys(day)
    for key in each.keys:
        kind, _, value = key.partition(":")
        if kind == "m":
            keys |= {f"my:{base.year + later}-{value}" for later in (-1, 0, 1)}
        elif kind == "span":
            unit, _, count = value.partition(":")
            keys |= _away(base, unit, (int(count), -int(count)))
    return keys


def _away(base: date, unit: str, counts: Iterable[int]) -> set[str]:
    """Return the keys of the months, years, or days a week away, that lie so many units from a day; none of days."""
    keys: set[str] = set()
    for count in counts:
        months = base.year * 12 + base.month - 1 + count
        if unit == "month" and 12 <= months < 12 * 10_000:
            keys |= {month_key(months % 12 + 1, months // 12), f"m:{months % 12 + 1}", f"num:{months // 12}"}
        elif unit == "year":
            keys.add(f"num:{base.year + count}")
        elif unit == "week" and abs(count) == 1:
            keys |= _shifted(base, 7 * count)
    return keys


def _shifted(base: date, days: int) -> set[str]:
    return set().union(*(day_keys(day) for day in _moved(base, (days,))))
