"""The zone of times that name none."""

from __future__ import annotations

from datetime import tzinfo
from zoneinfo import ZoneInfo

from ondevice.errors import InputError


def zone_named(name: str | None) -> tzinfo | None:
    """Return a zone by its name in the IANA data base; ``None`` stays, and means the device's own.

    Raises:
        InputError: If there is none of that name.
    """
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InputError("there is no such time zone", hint="name one as Europe/Berlin") from None
