"""Google Keep in a Takeout: a JSON file for each note, known by what it holds; folders are translated.

A checklist is a text with a line for each entry. What lies in the trash is left out, and so is a note that somebody
else shared, where only the user's own are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ondevice.errors import InputError
from ondevice.importers.chats.json_stream import Fault, has_json, json_members, values_at
from ondevice.importers.chats.moments import since_1970
from ondevice.importers.chats.turns import Me, clean_name, clean_text
from ondevice.importers.drafting import RecordPlace, make_draft
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.source import Member, Source

_PROGRAM = "google-keep"
_SIGNS = (
    re.compile(r"^\s*\{"),
    re.compile(r'"userEditedTimestampUsec"\s*:'),
    re.compile(r'"(isTrashed|isArchived|isPinned)"\s*:'),
)
_USEC = 1e-6
MAX_LABELS = 100


class GoogleKeepFormat:
    """Notes of Google Keep."""

    name = _PROGRAM
    title = "Google Keep in a Google Takeout"

    def fits(self, source: Source) -> bool:
        """Say whether one of its files is a note of Keep's."""
        return has_json(source, *_SIGNS)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield each note; see :class:`~ondevice.importers.found.Format`."""
        n_files, me = 0, Me(options.me)
        for member in json_members(source, *_SIGNS):
            n_files += 1
            for _, value in values_at(member, ""):
                if isinstance(value, Fault):
                    yield value.at(member.place)
                elif isinstance(value, dict):
                    yield _note(member, value, options, me)
        if not n_files:
            raise InputError(f"{source.name!r} holds no notes of Google Keep")


def _note(member: Member, value: Mapping[str, object], options: ReadOptions, me: Me) -> Found | Skipped:
    place = member.place
    if value.get("isTrashed") is True and not options.with_rejected:
        return Skipped(place=place, reason="trash", detail="it lies in Keep's trash")
    if options.only_mine and _owner(value) and not me.is_any_of(_owner(value)):
        return Skipped(place=place, reason="not mine", detail="somebody else shared it")
    title, text = clean_name(value.get("title")), _text(value)
    if not text and not title:
        return Skipped(place=place, reason="empty", detail="it has no text")
    created = value.get("createdTimestampUsec")
    labels = [clean_name(each) for each in _each(value, "labels", "name")][:MAX_LABELS]
    try:
        draft = make_draft(
            RecordPlace(place),
            text=text or title,
            kind="note",
            time=since_1970(value.get("userEditedTimestampUsec"), unit_s=_USEC) or since_1970(created, unit_s=_USEC),
            fields={"title": title} if title else {},
            metadata={"exported_by": _PROGRAM, "labels": labels} if labels else {"exported_by": _PROGRAM},
        )
    except InputError as error:
        return Skipped(place=place, reason="broken", detail=error.message)
    is_unique = isinstance(created, int) and not isinstance(created, bool)
    key = f"{_PROGRAM}:{created if is_unique else member.name}"
    return Found(draft=draft, place=place, key=key, is_unique=is_unique)


def _text(value: Mapping[str, object]) -> str:
    said = [clean_text(value.get("textContent"))]
    entries = value.get("listContent")
    for each in entries if isinstance(entries, list) else []:
        if isinstance(each, dict) and (text := clean_text(each.get("text"))):
            said.append(f"[{'x' if each.get('isChecked') is True else ' '}] {text}")
    said += [clean_text(each) for each in _each(value, "annotations", "url")]
    return "\n".join(dict.fromkeys(each for each in said if each))


def _owner(value: Mapping[str, object]) -> object:
    shared = value.get("sharees")
    each = (one for one in (shared if isinstance(shared, list) else []) if isinstance(one, dict))
    return next((one.get("email") for one in each if one.get("isOwner") is True), None)


def _each(value: Mapping[str, object], name: str, part: str) -> list[object]:
    listed = value.get(name)
    return [one.get(part) for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict)]


GOOGLE_KEEP = GoogleKeepFormat()
