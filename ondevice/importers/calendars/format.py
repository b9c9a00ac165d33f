"""Calendars (iCalendar, RFC 5545): each event, task and journal is an item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import tzinfo
from itertools import islice
from types import ModuleType

from ondevice.errors import InputError
from ondevice.importers.calendars.events import KINDS, read_event
from ondevice.importers.components import Component, has_mark, read_components
from ondevice.importers.decoding import unix_text_of
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.source import Member, Source
from ondevice.importers.zones import zone_named

_SUFFIXES = frozenset({".ics", ".ical", ".icalendar"})
_MARK = b"BEGIN:VCALENDAR"
_LOOKED_AT = 2_000
_MAX_ZONE_BYTES = 32 << 10
_MAX_ZONES = 500
_ZONE_RULE = re.compile(rb"^(?:FREQ=YEARLY|(?:BYMONTH|BYDAY|BYMONTHDAY|UNTIL|WKST)=[\w,+-]*)(?:;|\Z)")


class CalendarsFormat:
    """Calendars as Google, Apple, Outlook and others export them: ``.ics`` files, or folders and archives of them.

    An event that repeats is one item and says how it repeats. Its key is its UID, so an event that was changed is the
    same one in another version. Names of who takes part are fields, their addresses metadata. Reading needs the extra
    ``import``.
    """

    name = "calendar"
    title = "calendars (iCalendar: .ics)"

    def fits(self, source: Source) -> bool:
        """Say whether it is a calendar, or a folder or archive with one in it."""
        if source.is_single:
            return has_mark(next(source.members()).head(4096), _MARK)
        return any(_is_calendar(member) for member in islice(source.members(), _LOOKED_AT))

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield the entries of each calendar; one that is torn or cannot be read is skipped.

        Raises:
            ImportError: If the extra ``import`` is not installed; it names the install command.
            InputError: If the source cannot be read, or the options name no time zone.
            NotFoundError: If it is gone.
        """
        zone = zone_named(options.time_zone)
        for member in source.members():
            if source.is_single or _is_calendar(member):
                yield from _read_calendar(member, zone)


def _library() -> ModuleType:
    try:
        import icalendar
    except ImportError as error:
        raise ImportError("calendars need icalendar; run: pip install 'ondevice-sdk[import]'") from error
    return icalendar  # type: ignore[no-any-return]


def _is_calendar(member: Member) -> bool:
    return member.suffix in _SUFFIXES


def _read_calendar(member: Member, zone: tzinfo | None) -> Iterator[Found | Skipped]:
    icalendar = _library()
    # What a file says of its zones is for this file alone; the library keeps it until it is told otherwise.
    icalendar.use_zoneinfo()
    n_zones = 0
    try:
        with member.opened() as file:
            for part in read_components(file, KINDS.keys() | {"VTIMEZONE"}):
                if part.name != "VTIMEZONE":
                    yield _read_part(part, f"{member.place}, line {part.line}", zone)
                elif n_zones < _MAX_ZONES and part.data is not None and _is_plain_zone(part.data):
                    n_zones += 1
                    _learn_zone(part.data)
    except InputError as error:
        yield Skipped(place=member.place, reason="broken", detail=error.message)


def _read_part(part: Component, place: str, zone: tzinfo | None) -> Found | Skipped:
    if part.data is None:
        reason = "it is too long" if part.is_long else "it does not end"
        return Skipped(place=place, reason="too long" if part.is_long else "broken", detail=reason)
    try:
        entry = _library().Component.from_ical(unix_text_of(part.data) or "")
        return read_event(entry, part.name, place, zone)
    except InputError as error:
        return Skipped(place=place, reason="broken", detail=error.message)
    except Exception:
        # Whatever the library finds wrong with one entry, the next is read.
        return Skipped(place=place, reason="broken", detail="it is not of the form of a calendar's entry")


def _is_plain_zone(data: bytes) -> bool:
    """Say whether a zone changes its hours as the zones of countries do: others would be reckoned for hours."""
    if len(data) > _MAX_ZONE_BYTES:
        return False
    unfolded = re.sub(rb"\r?\n[ \t]", b"", data).upper()
    rules = re.findall(rb"^RRULE[^:\r\n]*:([^\r\n]*)", unfolded, re.MULTILINE)
    return all(_ZONE_RULE.match(piece) for rule in rules for piece in rule.strip().split(b";"))


def _learn_zone(data: bytes) -> None:
    wrapped = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-\r\n" + data + b"END:VCALENDAR\r\n"
    try:
        _library().Calendar.from_ical(wrapped)
    except Exception:
        # Times in this zone are then read as local ones.
        return
