"""JSON Lines: one object a line, with ``text`` and whatever else the item has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ondevice.importers.drafting import MAX_KEY_CHARS, RecordPlace, make_draft, parse_moment, type_name
from ondevice.importers.opening import read_lines
from ondevice.records import Draft
from ondevice.safety.strict_json import parse_json

NESTED = ("fields", "metadata")
KNOWN = ("text", "kind", "time", "expires_at", "id", *NESTED)


def read_jsonl(path: Path) -> Iterator[Draft]:
    """Yield a draft for each line of a JSON Lines file, plain or gzipped; blank lines are passed over.

    ``text`` is required. ``kind``, ``time`` and ``expires_at`` (ISO 8601; local where no zone is given), ``fields`` (an
    object of scalars) and ``metadata`` (of scalars and lists of some) mean what they mean in an item. Every other
    scalar becomes a field, and every other list, such as ``tags``, metadata. ``id`` is kept in the metadata too: the
    profile gives its items ids of its own.

    Raises:
        NotFoundError: If there is no such file.
        InputError: If a line is not such an object; it names the file, the line and the field.
    """
    for number, line in read_lines(path):
        if not line.strip():
            continue
        place = RecordPlace(path.name, f"line {number}")
        try:
            value = parse_json(line)
        except ValueError:
            place.refuse("the line is not valid JSON")
        if not isinstance(value, dict):
            place.refuse(f"the line must be an object, not {type_name(value)}")
        yield draft_of(place, value)


def draft_of(place: RecordPlace, entry: Mapping[str, object]) -> Draft:
    """Build the draft of one object.

    Raises:
        InputError: If a value is missing or has the wrong form.
    """
    if "text" not in entry:
        place.refuse("the field 'text' is missing")
    fields, metadata = (_nested(place, entry, name) for name in NESTED)
    for name, value in entry.items():
        if name in KNOWN:
            continue
        where, others = ("metadata", metadata) if isinstance(value, list) else ("fields", fields)
        if name in others:
            place.refuse(f"the field {name[:MAX_KEY_CHARS]!r} stands both by itself and in {where!r}")
        others[name] = value
    if entry.get("id") is not None:
        if "id" in metadata:
            place.refuse("the field 'id' stands both by itself and in 'metadata'")
        metadata["id"] = entry["id"]
    return make_draft(
        place,
        text=entry["text"],
        kind="note" if entry.get("kind") is None else entry["kind"],
        time=parse_moment(place, entry.get("time"), "time"),
        expires_at=parse_moment(place, entry.get("expires_at"), "expires_at"),
        fields=fields,
        metadata=metadata,
    )


def _nested(place: RecordPlace, entry: Mapping[str, object], name: str) -> dict[str, object]:
    value = entry.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        place.refuse(f"the field {name!r} must be an object, not {type_name(value)}")
    return dict(value)
