"""A rule of repetition (RFC 5545) in words: events that repeat are named, not multiplied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

_UNITS = {
    "DAILY": "day",
    "WEEKLY": "week",
    "MONTHLY": "month",
    "YEARLY": "year",
    "HOURLY": "hour",
    "MINUTELY": "minute",
}
_DAYS = {
    "MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday", "SA": "Saturday",
    "SU": "Sunday",
}  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_PLACES = {"1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth", "-1": "last", "-2": "second to last"}
_MOST_NAMED = 12


def recurrence_words(rule: Mapping[str, Sequence[object]]) -> str:
    """Return for instance ``every 2 weeks on Monday and Friday until 2024-12-31``; empty for an unknown rule."""
    unit = _UNITS.get(_first(rule, "FREQ").upper())
    if unit is None:
        return ""
    interval = _first(rule, "INTERVAL")
    words = [f"every {unit}" if interval in ("", "1") else f"every {interval} {unit}s"]
    if days := [_day(str(each)) for each in rule.get("BYDAY", ())]:
        words.append(f"on {_listed(days)}")
    if days := [str(each) for each in rule.get("BYMONTHDAY", ())]:
        words.append(f"on day {_listed(days)}")
    if months := [_month(str(each)) for each in rule.get("BYMONTH", ())]:
        words.append(f"in {_listed(months)}")
    if count := _first(rule, "COUNT"):
        words.append(f"{count} times")
    for until in list(rule.get("UNTIL", ()))[:1]:
        if isinstance(until, date):
            words.append(f"until {until:%Y-%m-%d}")
    return " ".join(words)


def _first(rule: Mapping[str, Sequence[object]], name: str) -> str:
    values = rule.get(name, ())
    return str(values[0]) if values else ""


def _day(code: str) -> str:
    name = _DAYS.get(code[-2:].upper(), code)
    place = _PLACES.get(code[:-2].lstrip("+"), code[:-2])
    return f"the {place} {name}" if place else name


def _month(number: str) -> str:
    return _MONTHS[int(number) - 1] if number.isdigit() and 1 <= int(number) <= len(_MONTHS) else number


def _listed(words: Sequence[str]) -> str:
    named = words[:_MOST_NAMED]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
