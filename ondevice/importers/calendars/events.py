"""One entry of a calendar: from what the library reads to an item on its way in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from ondevice.importers.calendars.recurrences import recurrence_words
from ondevice.importers.drafting import RecordPlace, make_draft
from ondevice.importers.found import Found, Skipped
from ondevice.importers.local_times import in_utc

if TYPE_CHECKING:
    from icalendar import Component

KINDS = {"VEVENT": "event", "VTODO": "task", "VJOURNAL": "journal"}
_MAX_PEOPLE = 200
_MAX_VALUE_CHARS = 10_000
_TIMES = ("DTSTART", "DUE", "CREATED", "LAST-MODIFIED", "DTSTAMP")


def read_event(entry: Component, name: str, place: str, zone: tzinfo | None) -> Found | Skipped:
    """Return an entry as an item.

    What happens is the text; when, where and with whom are fields. An entry that repeats says how, and its time is
    that of its first occurrence. Addresses, the id and the exact times are metadata.

    Raises:
        InputError: If a value is longer than an item takes.
    """
    title, description = _text(entry, "SUMMARY"), _text(entry, "DESCRIPTION")
    if not title and not description:
        return Skipped(place=place, reason="empty", detail="it has neither a title nor a description")
    uid = _text(entry, "UID")
    occurrence = _moment(entry, "RECURRENCE-ID")
    start, end = _moment(entry, "DTSTART"), _end(entry)
    people = _people(entry, "ATTENDEE")
    fields = {
        "title": title,
        "when": _when(start, end),
        "repeats": _repeats(entry),
        "due": _said(_moment(entry, "DUE")),
        "place": _text(entry, "LOCATION"),
        "organizer": ", ".join(_people(entry, "ORGANIZER")),
        "with": ", ".join(people),
        "status": _status(entry),
    }
    metadata = {
        "uid": uid,
        "start": start.isoformat() if start else "",
        "end": end.isoformat() if end else "",
        "addresses": _addresses(entry),
        "tags": _categories(entry),
    }
    draft = make_draft(
        RecordPlace(place),
        text=description or title,
        kind=KINDS[name],
        time=next((in_utc(moment, zone) for key in _TIMES if (moment := _moment(entry, key)) is not None), None),
        fields={key: value[:_MAX_VALUE_CHARS] for key, value in fields.items() if value},
        metadata={key: value for key, value in metadata.items() if value},
    )
    key = f"{uid} {occurrence.isoformat()}" if uid and occurrence else uid
    return Found(draft=draft, place=place, key=key or None, is_unique=bool(key), time_counts=True)


def _values(entry: Component, name: str) -> list[object]:
    """Return all values of a name that could be read."""
    value = entry.get(name)
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [each for each in values if type(each).__name__ != "vBroken"]


def _text(entry: Component, name: str) -> str:
    return next((str(value).strip() for value in _values(entry, name)), "")


def _moment(entry: Component, name: str) -> date | None:
    moments = (getattr(value, "dt", None) for value in _values(entry, name))
    return next((moment for moment in moments if isinstance(moment, date)), None)


def _end(entry: Component) -> date | None:
    """Return when it ends; whole days end before the day that is named."""
    start, end = _moment(entry, "DTSTART"), _moment(entry, "DTEND")
    if start is None:
        return None
    try:
        if end is None:
            lasts = next((getattr(value, "dt", None) for value in _values(entry, "DURATION")), None)
            end = start + lasts if isinstance(lasts, timedelta) else None
        if end is not None and not isinstance(end, datetime):
            end = end - timedelta(days=1)
    except OverflowError:
        return None
    return end


def _said(moment: date | None) -> str:
    if isinstance(moment, datetime):
        return f"{moment:%Y-%m-%d %H:%M}"
    return "" if moment is None else f"{moment:%Y-%m-%d}"


def _when(start: date | None, end: date | None) -> str:
    """Return the span as the calendar shows it, in the entry's own zone."""
    first, last = _said(start), _said(end)
    if not last or last == first:
        return first
    is_one_day = isinstance(end, datetime) and last[:10] == first[:10]
    return f"{first} to {last[11:] if is_one_day else last}"


def _repeats(entry: Component) -> str:
    rules = (recurrence_words(value) for value in _values(entry, "RRULE") if isinstance(value, dict))
    return "; ".join(rule for rule in rules if rule)


def _status(entry: Component) -> str:
    """Return what is worth a word: that it is off, not sure, or done."""
    status = _text(entry, "STATUS").lower()
    return status if status in ("cancelled", "tentative", "completed", "in-process") else ""


def _people(entry: Component, name: str) -> list[str]:
    """Return the names of people, the addresses of those who have none."""
    found = []
    for value in _values(entry, name)[:_MAX_PEOPLE]:
        named = str(getattr(value, "params", {}).get("CN", "")).strip().strip('"')
        found.append(named or _address(value))
    return [each for each in dict.fromkeys(found) if each]


def _addresses(entry: Component) -> list[str]:
    values: Iterable[object] = (*_values(entry, "ORGANIZER"), *_values(entry, "ATTENDEE"))
    return [each for each in dict.fromkeys(_address(value) for value in values) if each][:_MAX_PEOPLE]


def _address(value: object) -> str:
    words = str(value).strip()
    return words[len("mailto:") :] if words.lower().startswith("mailto:") else ""


def _categories(entry: Component) -> list[str]:
    named = (str(each) for value in _values(entry, "CATEGORIES") for each in getattr(value, "cats", ()))
    return [each for each in dict.fromkeys(named) if each.strip()][:_MAX_PEOPLE]
