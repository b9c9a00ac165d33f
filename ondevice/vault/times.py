"""Times in the database: whole microseconds since 1970 in UTC, so that none is rounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(time: datetime, name: str) -> int:
    """Return a time that says its zone as microseconds since 1970 in UTC.

    Raises:
        TypeError: If it is no datetime.
        ValueError: If it does not say its zone.
    """
    if not isinstance(time, datetime):
        raise TypeError(f"{name} is a datetime, not {type(time).__name__}")
    if time.utcoffset() is None:
        raise ValueError(f"{name} has no time zone: write datetime(..., tzinfo=UTC) or use .astimezone()")
    return (time - _START) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the aware UTC time of so many microseconds since 1970."""
    return _START + timedelta(microseconds=micros)


def now_micros() -> int:
    """Return the present in microseconds since 1970."""
    return (datetime.now(UTC) - _START) // _MICROSECOND
