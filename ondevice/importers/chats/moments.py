"""Times as chat programs write them: seconds since 1970, ISO 8601, or a local time without a zone; all become UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ondevice.importers.zones import zone_named

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_CHARS = 64


class Zone:
    """The zone of times that name none: the one that the user named, or the device's."""

    def __init__(self, name: str | None) -> None:
        """Find it.

        Raises:
            InputError: If there is no zone of that name.
        """
        self._zone = zone_named(name)

    def utc(self, time: datetime) -> datetime | None:
        """Return a time in UTC, taken as one of this zone if it names none; ``None`` if it is out of range."""
        try:
            return (time if time.tzinfo is not None else time.replace(tzinfo=self._zone)).astimezone(UTC)
        except (OverflowError, OSError, ValueError):
            return None

    def iso(self, value: object) -> datetime | None:
        """Return the time of ISO 8601; ``None`` if it is none."""
        if not isinstance(value, str) or len(value) > _MAX_CHARS:
            return None
        try:
            return self.utc(datetime.fromisoformat(value.strip()))
        except ValueError:
            return None


def since_1970(value: object, *, unit_s: float = 1.0) -> datetime | None:
    """Return the time of a number, or of its digits, of units since 1970; ``None`` if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return _EPOCH + timedelta(seconds=float(value) * unit_s)
    except (ValueError, OverflowError):
        return None
