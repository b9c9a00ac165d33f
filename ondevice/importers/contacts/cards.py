"""One card: from what the library reads to a contact on its way in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, tzinfo
from typing import TYPE_CHECKING

from ondevice.importers.drafting import RecordPlace, make_draft
from ondevice.importers.found import Found, Skipped
from ondevice.importers.local_times import moment_of

if TYPE_CHECKING:
    from vobject.base import Component, ContentLine

_LABELS = {
    "NICKNAME": "Nickname", "ORG": "Organization", "TITLE": "Job title", "ROLE": "Role", "TEL": "Phone",
    "EMAIL": "Email", "ADR": "Address", "BDAY": "Birthday", "ANNIVERSARY": "Anniversary", "URL": "Web",
    "IMPP": "Chat", "RELATED": "Related", "X-ABRELATEDNAMES": "Related", "NOTE": "Note",
}  # fmt: skip
_TYPES = frozenset({"home", "work", "cell", "mobile", "fax", "main", "pager", "iphone", "other", "school"})
_DAY = re.compile(r"(?:(\d{4})-?|--)(\d{2})-?(\d{2})(?:T.*)?\Z")
_NO_YEAR = "1604"
_MAX_LINES = 500
_MAX_VALUE_CHARS = 10_000
_MARKED_LABEL = re.compile(r"_\$!<(.*)>!\$_\Z")


def read_card(card: Component, place: str, zone: tzinfo | None) -> Found | Skipped:
    """Return a card as an item: its name is a field, and a line of the text tells each number, address and day.

    Raises:
        InputError: If a value is longer than an item takes.
    """
    name = _name(card)
    labels = {line.group: _plain(line) for line in card.getChildren() if line.name == "X-ABLABEL" and line.group}
    lines = [line for each in card.getChildren() if (line := _line(each, labels))][:_MAX_LINES]
    if not name and not lines:
        return Skipped(place=place, reason="empty", detail="it has neither a name nor anything else")
    uid = _first(card, "UID")
    tags = [each for line in card.getChildren() if line.name == "CATEGORIES" for each in _categories(line.value)]
    draft = make_draft(
        RecordPlace(place),
        text="\n".join([*([name] if name else ()), *lines]),
        kind="contact",
        time=moment_of(_first(card, "REV"), zone),
        fields={"name": name} if name else {},
        metadata={**({"uid": uid} if uid else {}), **({"tags": tags} if tags else {})},
    )
    return Found(draft=draft, place=place, key=uid or None, is_unique=bool(uid))


def _first(card: Component, name: str) -> str:
    return next((_plain(line) for line in card.getChildren() if line.name == name), "")


def _plain(line: ContentLine) -> str:
    """Return a value in one line, a structured one with commas."""
    value = line.value
    if isinstance(value, bytes):
        return ""
    words = ", ".join(_parts(line)) if line.name in ("ADR", "ORG") else _joined(value)
    return " ".join(words.split())[:_MAX_VALUE_CHARS]


def _parts(line: ContentLine) -> Iterator[str]:
    value = line.value
    if line.name == "ADR" and not isinstance(value, str):
        named = (value.box, value.extended, value.street, value.code, value.city, value.region, value.country)
        values: list[object] = list(named)
    else:
        values = list(value) if isinstance(value, list) else [value]
    return (words for each in values if (words := _joined(each).strip()))


def _joined(value: object) -> str:
    return " ".join(str(each) for each in value) if isinstance(value, list | tuple) else str(value)


def _categories(value: object) -> list[str]:
    words = [str(each) for each in value] if isinstance(value, list) else str(value).split(",")
    return [word.strip() for word in words if word.strip()]


def _name(card: Component) -> str:
    """Return the whole name as it is shown, else of its parts, else the organization's."""
    if shown := _first(card, "FN"):
        return shown
    return _first(card, "N") or _first(card, "ORG")


def _line(line: ContentLine, labels: dict[str, str]) -> str:
    label = _LABELS.get(line.name)
    if label is None:
        return ""
    value = _day(_plain(line)) if line.name in ("BDAY", "ANNIVERSARY") else _plain(line)
    if line.name == "TEL":
        value = value.removeprefix("tel:")
    if not value:
        return ""
    sort = _sort(line, labels)
    return f"{label} ({sort}): {value}" if sort else f"{label}: {value}"


def _sort(line: ContentLine, labels: dict[str, str]) -> str:
    """Return what sort of number or address it is, in the words of the card."""
    given = labels.get(line.group or "", "")
    if given:
        match = _MARKED_LABEL.match(given)
        return (match[1] if match else given).lower()
    named = [word for each in line.params.get("TYPE", ()) for word in str(each).split(",")]
    sorts = [word.lower() for word in (*named, *line.singletonparams) if word.lower() in _TYPES]
    return ", ".join(dict.fromkeys(sorts))


def _day(value: str) -> str:
    """Return a day in words, without the year where the card has none."""
    match = _DAY.match(value)
    if match is None:
        return value
    year = None if match[1] in (None, _NO_YEAR) else int(match[1])
    try:
        day = date(year or 2000, int(match[2]), int(match[3]))
    except ValueError:
        return value
    return f"{day.day} {day:%B}" if year is None else f"{day.day} {day:%B} {day:%Y}"
