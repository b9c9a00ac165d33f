"""JSON Lines: one object a line, with ``text`` and whatever else the item has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ondevice.importers.decoding import lines_of
from ondevice.importers.drafting import RecordPlace, type_name
from ondevice.importers.entries import Entries
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.opening import MAX_LINE_BYTES
from ondevice.importers.reading import attempted, drafts_of, of_members
from ondevice.importers.source import Member, Source
from ondevice.records import Draft
from ondevice.safety.strict_json import parse_json

SUFFIXES = (".jsonl", ".ndjson", ".jsonlines")
_N_SAMPLED = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonLines:
    """JSON Lines: an object a line; blank lines are passed over.

    ``text`` is required; without it a name that says the same does, as ``body`` or ``Inhalt``. ``kind``, ``time`` and
    ``expires_at``, ``fields`` (an object of scalars) and ``metadata`` (of scalars and lists of some) mean what they
    mean in an item. Every other scalar becomes a field, and every other list, such as ``tags``, metadata. ``id`` is
    kept in the metadata, and names its line: where the line has changed since, its item is updated.
    """

    name: str = "jsonl"
    title: str = "JSON Lines"

    def fits(self, source: Source) -> bool:
        """Say whether the first line of each file is an object, and the second no part of it."""
        members = list(islice(source.members(), _N_SAMPLED))
        if not source.is_single and not all(member.suffix in SUFFIXES for member in members):
            return False
        return bool(members) and _looks_like_one(members[0])

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield a thing for each line."""
        entries = Entries(options)
        return of_members(source, SUFFIXES, lambda member: _read(member, entries))


def read_jsonl(path: Path) -> Iterator[Draft]:
    """Yield a draft for each line of a JSON Lines file, plain or gzipped, as :class:`JsonLines` reads it.

    Raises:
        NotFoundError: If there is no such file.
        InputError: If a line is not such an object; it names the file, the line and the field.
    """
    return drafts_of(JsonLines(), path, ReadOptions())


def _looks_like_one(member: Member) -> bool:
    with member.opened() as file:
        for _, line in lines_of(file, limit=MAX_LINE_BYTES):
            if line is None or line.strip():
                break
        else:
            return False
    try:
        return line is not None and isinstance(parse_json(line), dict)
    except ValueError:
        return member.suffix in SUFFIXES and line is not None and line.lstrip().startswith("{")


def _read(member: Member, entries: Entries) -> Reading:
    with member.opened() as file:
        for number, line in lines_of(file, limit=MAX_LINE_BYTES):
            place = RecordPlace(member.place, f"line {number}")
            if line is None:
                detail = f"the line is longer than {MAX_LINE_BYTES} bytes"
                yield Skipped(place=str(place), reason="broken", detail=detail)
            elif line.strip():
                yield attempted(place, _found, entries, line)


def _found(place: RecordPlace, entries: Entries, line: str) -> Found:
    try:
        value = parse_json(line)
    except ValueError:
        place.refuse("the line is not valid JSON")
    if not isinstance(value, dict):
        place.refuse(f"the line must be an object, not {type_name(value)}")
    return entries.found(place, value)
