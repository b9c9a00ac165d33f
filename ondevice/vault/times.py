"""Times in the database: whole microseconds since 1970 in UTC, so that none is rounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _START) // _MICROSECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - _START) // _MICROSECOND


def to_micros(time: datetime, name: str) -> int:
    """Return a time that says its zone as microseconds since 1970 in UTC.

    Raises:
        TypeError: If it is no datetime.
        ValueError: If it does not say its zone, or lies before the year 1 or after 9999 in UTC.
    """
    if not isinstance(time, datetime):
        raise TypeError(f"{name} is a datetime, not {type(time).__name__}")
    if time.utcoffset() is None:
        raise ValueError(f"{name} has no time zone: write datetime(..., tzinfo=UTC) or use .astimezone()")
    micros = (time - _START) // _MICROSECOND
    if not _FIRST <= micros <= _LAST:
        raise ValueError(f"{name} lies outside the years 1 to 9999 in UTC")
    return micros


def from_micros(micros: int) -> datetime:
    """Return the aware UTC time of so many microseconds since 1970."""
    return _START + timedelta(microseconds=micros)


def now_micros() -> int:
    """Return the present in microseconds since 1970."""
    return (datetime.now(UTC) - _START) // _MICROSECOND
