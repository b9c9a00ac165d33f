"""JSON arrays of objects: what many programs write when they are asked for everything."""

from __future__ import annotations

from dataclasses import dataclass

from ondevice.importers.drafting import RecordPlace, type_name
from ondevice.importers.entries import Entries
from ondevice.importers.found import Found, Reading, ReadOptions
from ondevice.importers.json_items import first_entry, json_items
from ondevice.importers.reading import attempted, of_members
from ondevice.importers.source import Member, Source
from ondevice.safety.strict_json import parse_json


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonArrays:
    """A JSON file that is one array of objects, each of which is an item as in JSON Lines.

    An object that cannot be read is left out. Where the array itself breaks off, what stands before is taken.
    """

    name: str = "json"
    title: str = "a JSON array of objects"

    def fits(self, source: Source) -> bool:
        """Say whether the first value of the array is an object with a text."""
        return Entries(ReadOptions()).has_text(first_entry(source))

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield a thing for each object.

        Raises:
            InputError: If a file is no array, or the array breaks off.
        """
        entries = Entries(options)
        return of_members(source, (".json",), lambda member: _read(member, entries))


def _read(member: Member, entries: Entries) -> Reading:
    with member.opened() as file:
        for number, text in json_items(file, member.place):
            yield attempted(RecordPlace(member.place, f"entry {number}"), _found, entries, text)


def _found(place: RecordPlace, entries: Entries, text: str) -> Found:
    try:
        value = parse_json(text)
    except ValueError:
        place.refuse("it is not valid JSON")
    if not isinstance(value, dict):
        place.refuse(f"it must be an object, not {type_name(value)}")
    return entries.found(place, value)
