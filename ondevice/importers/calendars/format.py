"""Calendars (iCalendar, RFC 5545): each event, task and journal is an item."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import tzinfo
from types import ModuleType

from ondevice.importers.calendars.events import KINDS, read_event
from ondevice.importers.components import Component, holds_components, read_members
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.source import Source
from ondevice.importers.zones import zone_named

_SUFFIXES = frozenset({".ics", ".ical", ".icalendar"})
_MARK = b"BEGIN:VCALENDAR"
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
        return holds_components(source, _MARK, _SUFFIXES)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield the entries of each calendar; one that is torn or cannot be read is skipped.

        Raises:
            ImportError: If the extra ``import`` is not installed; it names the install command.
            InputError: If the source cannot be read, or the options name no time zone.
            NotFoundError: If it is gone.
        """
        entries = _Entries(_library(), zone_named(options.time_zone))
        yield from read_members(
            source, KINDS.keys() | {"VTIMEZONE"}, _SUFFIXES, entries.read, begin=entries.forget_zones
        )


def _library() -> ModuleType:
    try:
        import icalendar
    except ImportError as error:
        raise ImportError("calendars need icalendar; run: pip install 'ondevice-sdk[import]'") from error
    return icalendar  # type: ignore[no-any-return]


class _Entries:
    """Reads entries, and what a calendar says of its zones, which is for that file alone."""

    def __init__(self, icalendar: ModuleType, zone: tzinfo | None) -> None:
        self._icalendar, self._zone = icalendar, zone
        self._n_zones = 0

    def forget_zones(self) -> None:
        """Let the library, which keeps zones until it is told otherwise, begin anew."""
        self._icalendar.use_zoneinfo()
        self._n_zones = 0

    def read(self, part: Component, text: str, place: str) -> Found | Skipped | None:
        if part.name != "VTIMEZONE":
            return read_event(self._icalendar.Component.from_ical(text), part.name, place, self._zone)
        if self._n_zones < _MAX_ZONES and part.data is not None and _is_plain_zone(part.data):
            self._n_zones += 1
            self._learn(part.data)
        return None

    def _learn(self, data: bytes) -> None:
        wrapped = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-\r\n" + data + b"END:VCALENDAR\r\n"
        # Where it cannot be read, times in this zone are read as local ones.
        with suppress(Exception):
            self._icalendar.Calendar.from_ical(wrapped)


def _is_plain_zone(data: bytes) -> bool:
    """Say whether a zone changes its hours as the zones of countries do: others would be reckoned for hours."""
    if len(data) > _MAX_ZONE_BYTES:
        return False
    unfolded = re.sub(rb"\r?\n[ \t]", b"", data).upper()
    rules = re.findall(rb"^RRULE[^:\r\n]*:([^\r\n]*)", unfolded, re.MULTILINE)
    return all(_ZONE_RULE.match(piece) for rule in rules for piece in rule.strip().split(b";"))
