"""Calendars: events, tasks and journals of iCalendar files."""

from ondevice.importers.calendars.format import CalendarsFormat

__all__ = ["CalendarsFormat"]
