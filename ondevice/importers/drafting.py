"""From values of unknown form to a draft that the store will take, or an error that says where it went wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import NoReturn

from ondevice.errors import InputError
from ondevice.records import Draft, MetadataValue, Scalar
from ondevice.safety.printable import one_line

MAX_TEXT_CHARS = 2_000_000
MAX_VALUE_CHARS = 500_000
MAX_LIST_VALUES = 1_000
MAX_KEYS = 100
MAX_KEY_CHARS = 100
MAX_KIND_CHARS = 64
_INT64 = 2**63


class RecordPlace:
    """Where a value stands in its source, for the message: the file's name, and the line, mail or entry in it."""

    def __init__(self, file: str, spot: str = "") -> None:
        """Keep the file's name and a phrase such as ``line 3``; without one the whole file is meant."""
        self._where = one_line(f"{file}, {spot}" if spot else file)

    def __str__(self) -> str:
        """Return it as messages have it."""
        return self._where

    def within(self, spot: str) -> RecordPlace:
        """Return the place of a part, such as ``entry 2``."""
        return RecordPlace(self._where, spot)

    def refuse(self, reason: str, *, hint: str | None = None) -> NoReturn:
        """Raise the error of a value that has the wrong form; the reason holds no value, only its shape."""
        raise InputError(f"{self._where}: {reason}", hint=hint)


def make_draft(
    place: RecordPlace,
    *,
    text: object,
    kind: object = "note",
    time: datetime | None = None,
    expires_at: datetime | None = None,
    fields: Mapping[str, object] | None = None,
    metadata: Mapping[str, object] | None = None,
) -> Draft:
    """Check every value against what the store takes and return the draft.

    Raises:
        InputError: If a value is missing, of the wrong type or too long; it names the place and the field.
    """
    words = check_str(place, text, "text", MAX_TEXT_CHARS)
    if not words.strip():
        place.refuse("the field 'text' is empty")
    name = check_str(place, kind, "kind", MAX_KIND_CHARS)
    if not name.strip() or not name.isprintable():
        place.refuse(f"the field 'kind' must have 1 to {MAX_KIND_CHARS} printable characters")
    return Draft(
        text=words,
        kind=name,
        time=time,
        expires_at=expires_at,
        fields=_scalars(place, fields or {}),
        metadata=_metadata(place, metadata or {}),
    )


def check_str(place: RecordPlace, value: object, name: str, limit_chars: int) -> str:
    """Return the value if it is text that can be stored, with U+FFFD in the place of U+0000, which no item may hold.

    Raises:
        InputError: If it is no string, too long, or no valid Unicode.
    """
    if not isinstance(value, str):
        place.refuse(f"the field {name!r} must be a string, not {type_name(value)}")
    if len(value) > limit_chars:
        place.refuse(f"the field {name!r} has {len(value)} characters, and at most {limit_chars} are allowed")
    if not is_unicode(value):
        place.refuse(f"the field {name!r} is not valid Unicode: it holds half a surrogate pair")
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}")


def type_name(value: object) -> str:
    """Return the name JSON has for a value's type."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)


def is_unicode(value: str) -> bool:
    """Return whether a string can be written as UTF-8."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _scalars(place: RecordPlace, values: Mapping[str, object]) -> dict[str, Scalar]:
    _check_names(place, values, "fields")
    return {name: _scalar(place, name, value) for name, value in values.items()}


def _metadata(place: RecordPlace, values: Mapping[str, object]) -> dict[str, MetadataValue]:
    _check_names(place, values, "metadata")
    return {
        name: _list(place, name, value) if isinstance(value, list) else _scalar(place, name, value)
        for name, value in values.items()
    }


def _check_names(place: RecordPlace, values: Mapping[str, object], where: str) -> None:
    if len(values) > MAX_KEYS:
        place.refuse(f"there are {len(values)} {where}, and at most {MAX_KEYS} are allowed")
    for name in values:
        if not name or len(name) > MAX_KEY_CHARS or not is_unicode(name) or "\0" in name:
            place.refuse(f"a name in {where!r} must have 1 to {MAX_KEY_CHARS} characters of valid Unicode")


def _list(place: RecordPlace, name: str, values: list[object]) -> list[Scalar]:
    if len(values) > MAX_LIST_VALUES:
        place.refuse(f"the list {name!r} has {len(values)} values, and at most {MAX_LIST_VALUES} are allowed")
    found = [_scalar(place, name, value) for value in values]
    n_chars = sum(len(value) for value in found if isinstance(value, str))
    if n_chars > MAX_VALUE_CHARS:
        place.refuse(f"the list {name!r} has {n_chars} characters, and at most {MAX_VALUE_CHARS} are allowed")
    return found


def _scalar(place: RecordPlace, name: str, value: object) -> Scalar:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return check_str(place, value, name, MAX_VALUE_CHARS)
    if isinstance(value, int):
        if not -_INT64 <= value < _INT64:
            place.refuse(f"the field {name!r} does not fit 64 bits")
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            place.refuse(f"the field {name!r} is not a finite number")
        return value
    place.refuse(f"the field {name!r} must be a string, a number, true, false or null, not {type_name(value)}")
