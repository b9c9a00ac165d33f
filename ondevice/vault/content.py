"""What an item may hold: checked before anything is stored, and turned into columns and back."""

from __future__ import annotations

import json
import math
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ondevice.arguments import require_noun
from ondevice.errors import CorruptError
from ondevice.records import Draft, Item, MetadataValue, Scalar
from ondevice.vault.times import from_micros, now_micros, to_micros
from ondevice.words import field_text

MAX_TEXT_CHARS = 2_000_000
MAX_VALUE_CHARS = 500_000
MAX_LIST_VALUES = 1_000
MAX_KEYS = 100
MAX_KEY_CHARS = 100
MAX_KIND_CHARS = 64

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+-]{0,99}")
_ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_CHARS = 26
_INT64 = 2**63

ITEM_COLUMNS = (
    "row, id, kind, text, field_text, fields, metadata, time_us, is_time_given, added_us, expires_us, version, digest"
)
"""The columns of a stored item, in the order :func:`item_of` and :class:`Content` have them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """A draft that has been checked, as the columns it will fill.

    An item from another profile brings what a new one is given here: the time assumed where none was said, the time
    it was added, and its version.
    """

    id: str | None
    kind: str
    text: str = field(repr=False)
    field_text: str = field(repr=False)
    fields: str = field(repr=False)
    metadata: str = field(repr=False)
    time_us: int | None
    expires_us: int | None
    assumed_time_us: int | None = None
    added_us: int | None = None
    version: int = 1


def checked(draft: Draft) -> Content:
    """Check a draft and write it as columns.

    Raises:
        ValueError: If a value is empty, too large, no valid Unicode, not finite, holds U+0000, or is a time without
            zone.
        TypeError: If it is no draft, or a value has another type than it may have.
    """
    require_noun(draft, "Draft", "an item to add")
    if draft.id is not None and not (isinstance(draft.id, str) and _ID.fullmatch(draft.id)):
        raise ValueError("an item id has 1 to 100 letters, digits and . _ : @ + -, starting with a letter or digit")
    return Content(
        id=draft.id,
        kind=check_kind(draft.kind),
        text=check_text(draft.text),
        fields=encode_scalars(draft.fields),
        field_text=field_text(draft.fields),
        metadata=encode_metadata(draft.metadata),
        time_us=None if draft.time is None else to_micros(draft.time, "time"),
        expires_us=None if draft.expires_at is None else to_micros(draft.expires_at, "expires_at"),
    )


def new_item_id() -> str:
    """Draw a random id of 130 bits."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_CHARS))


def id_of(digest: bytes) -> str:
    """Return a hash of 17 bytes or more as an id."""
    number = int.from_bytes(digest, "big")
    return "".join(_ID_ALPHABET[number >> (5 * place) & 31] for place in range(_ID_CHARS))


def item_of(row: tuple[Any, ...]) -> Item:
    """Return the item that stands in these columns."""
    return Item(
        id=row[1],
        kind=row[2],
        text=row[3],
        fields=decode_scalars(row[5]),
        metadata=decode_metadata(row[6]),
        time=from_micros(row[7]),
        added_at=from_micros(row[9]),
        expires_at=None if row[10] is None else from_micros(row[10]),
        version=row[11],
    )


def columns_of(content: Content, row: int, digest: bytes) -> tuple[Any, ...]:
    """Return the columns of a new item, in the order of :data:`ITEM_COLUMNS`."""
    added = now_micros() if content.added_us is None else content.added_us
    assumed = added if content.assumed_time_us is None else content.assumed_time_us
    return (
        row,
        content.id or new_item_id(),
        content.kind,
        content.text,
        content.field_text,
        content.fields,
        content.metadata,
        assumed if content.time_us is None else content.time_us,
        int(content.time_us is not None),
        added,
        content.expires_us,
        content.version,
        digest,
    )


def check_text(text: object) -> str:
    """Return the text if it may be an item's.

    Raises:
        TypeError: If it is no str.
        ValueError: If it is blank, too long, or no valid Unicode.
    """
    checked_text = _checked_str(text, "the text", MAX_TEXT_CHARS)
    if not checked_text.strip():
        raise ValueError("the text is empty")
    return checked_text


def check_kind(kind: object) -> str:
    """Return the kind if it may be one: 1 to 64 printable characters.

    Raises:
        TypeError: If it is no str.
        ValueError: If it has another form.
    """
    checked_kind = _checked_str(kind, "the kind", MAX_KIND_CHARS)
    if not checked_kind.strip() or not checked_kind.isprintable():
        raise ValueError(f"the kind has 1 to {MAX_KIND_CHARS} printable characters")
    return checked_kind


def encode_scalars(values: Mapping[str, Scalar]) -> str:
    """Write fields as compact JSON, in their own order.

    Raises:
        TypeError: If a key is no str or a value no scalar.
        ValueError: If there are too many, or one is too long, not finite, too large a number or no valid Unicode.
    """
    _check_keys(values, "field")
    for value in values.values():
        check_scalar(value, "field")
    return json.dumps(dict(values), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def encode_metadata(values: Mapping[str, MetadataValue]) -> str:
    """Write metadata as compact JSON, in its own order; a value may be a list of scalars too.

    Raises:
        TypeError: If a key is no str, or a value neither a scalar nor a list of some.
        ValueError: As :func:`encode_scalars`, or if a list has too many values or too long ones.
    """
    _check_keys(values, "metadata")
    plain: dict[str, object] = {}
    for key, value in values.items():
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            plain[key] = list(value)
            _check_list(value)
        else:
            plain[key] = value
            check_scalar(value, "metadata", or_list=True)
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def decode_scalars(text: str) -> dict[str, Scalar]:
    """Read fields as they are stored.

    Raises:
        CorruptError: If they are not: a damaged page can come out as other bytes, or as none.
    """
    values: dict[str, Scalar] = _decoded(text)
    return values


def decode_metadata(text: str) -> dict[str, MetadataValue]:
    """Read metadata as it is stored, lists as lists; raises as :func:`decode_scalars`."""
    values: dict[str, MetadataValue] = _decoded(text)
    return values


def _decoded(text: str) -> Any:  # noqa: ANN401 - what it holds was checked on its way in
    try:
        return json.loads(text)
    except (ValueError, TypeError):
        raise CorruptError(
            "an item's fields cannot be read: the database is damaged", hint="restore a backup: ondevice restore"
        ) from None


def _check_keys(values: Mapping[str, object], what: str) -> None:
    if not isinstance(values, Mapping):
        raise TypeError(f"{what} values come as a mapping, not {type(values).__name__}")
    if len(values) > MAX_KEYS:
        raise ValueError(f"an item has at most {MAX_KEYS} {what} keys, and this one has {len(values)}")
    for key in values:
        if not _checked_str(key, f"a {what} key", MAX_KEY_CHARS):
            raise ValueError(f"a {what} key is empty")


def _check_list(values: Sequence[object]) -> None:
    if len(values) > MAX_LIST_VALUES:
        raise ValueError(f"a metadata list has {len(values):,} values, and at most {MAX_LIST_VALUES:,} are allowed")
    for value in values:
        check_scalar(value, "metadata list's")
    n_chars = sum(len(value) for value in values if isinstance(value, str))
    if n_chars > MAX_VALUE_CHARS:
        raise ValueError(f"a metadata list has {n_chars:,} characters, and at most {MAX_VALUE_CHARS:,} are allowed")


def check_scalar(value: object, what: str, *, or_list: bool = False) -> None:
    """Refuse what is not one of JSON's scalars, in the range that every reader keeps exactly.

    Args:
        value: What it is.
        what: What it is for, in the message.
        or_list: Whether a list of scalars would have been allowed as well, for the message.

    Raises:
        TypeError: If it is no str, int, float, bool or None.
        ValueError: If it is too long, not finite, too large or no valid Unicode.
    """
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _checked_str(value, f"a {what} value", MAX_VALUE_CHARS)
    elif isinstance(value, int):
        if not -_INT64 <= value < _INT64:
            raise ValueError(f"a {what} value does not fit 64 bits")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"a {what} value is not a finite number")
    else:
        allowed = "a str, int, float, bool, None or a list of these" if or_list else "a str, int, float, bool or None"
        raise TypeError(f"a {what} value is {allowed}, not {type(value).__name__}")


def _checked_str(value: object, what: str, limit_chars: int) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{what} is a str, not {type(value).__name__}")
    if len(value) > limit_chars:
        raise ValueError(f"{what} has {len(value):,} characters, and at most {limit_chars:,} are allowed")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError(f"{what} is not valid Unicode: it holds half a surrogate pair") from None
    if "\0" in value:
        # SQLite's functions and its search index take it for the end of the text, and lose what stands behind it.
        raise ValueError(f"{what} holds the character U+0000, which no text may: replace it, as with U+FFFD")
    return value
