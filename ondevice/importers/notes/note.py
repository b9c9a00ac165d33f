"""One note: from its text and its path to an item on its way in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Literal

from ondevice.errors import InputError
from ondevice.importers.drafting import MAX_TEXT_CHARS, RecordPlace, make_draft
from ondevice.importers.found import Found, Skipped
from ondevice.importers.local_times import in_utc, moment_of
from ondevice.importers.notes.front_matter import (
    Properties,
    Value,
    is_any_of,
    split_front_matter,
    split_joplin_tail,
    split_outliner_lines,
    split_page_lines,
)
from ondevice.importers.notes.markup import tags_of, words_of
from ondevice.importers.notes.paths import NotePath

_TITLES = ("title", "titel", "título", "titre", "titolo")
_ALIASES = ("aliases", "alias")
_TAGS = ("tags", "tag", "keywords", "categories", "schlagwörter", "etiquetas", "étiquettes")
_TIMES = (
    "date", "datetime", "created", "created at", "created time", "date created", "creation date", "creationdate",
    "datum", "erstellt", "fecha", "creado", "créé", "data", "published", "updated", "updated at", "updated time",
    "modified", "date modified", "last modified", "last edited", "last edited time", "geändert",
)  # fmt: skip
_MACHINES = ("id", "uid", "uuid", "guid", "cssclass", "cssclasses", "publish", "permalink", "position", "kanban plugin",
             "collapsed", "layout", "slug", "share link", "sr due", "sr interval", "sr ease")  # fmt: skip
_HEADING = re.compile(r"#{1,6}[ \t]+(\S[^\n]{0,499}?)[ \t]*#*[ \t]*(?:\n|\Z)")
_MAX_TAGS = 500
_MAX_VALUE_CHARS = 10_000
_JOPLIN_NOTE = "1"


def read_note(
    text: str, named: NotePath, place: str, *, zone: tzinfo | None, changed_at: datetime | None
) -> Found | Skipped | None:
    """Return what a Markdown file holds; ``None`` where it is a record of its program and no note.

    Args:
        text: What stands in the file.
        named: What its path tells.
        place: Where it stands, for messages.
        zone: The zone of times that name none.
        changed_at: The file's last change: the time of a note that tells none.
    """
    joplin = split_joplin_tail(text)
    if joplin is not None:
        return _joplin_note(joplin, named, place, zone)
    told = split_front_matter(text)
    if not told.values:
        told = split_outliner_lines(told.text)
    title, body = split_heading(told.text)
    if named.page_id is not None:
        page = split_page_lines(body)
        told, body = Properties(values={**page.values, **told.values}, text=told.text), page.text
    # A heading alone is all that the note says.
    words = words_of(body) or words_of(told.text)
    heading = words_of(title)
    time = _time_of(told, zone) or time_of_name(named, zone) or changed_at
    return found_note(
        words,
        place,
        key=named.page_id or named.path,
        title=_title(told, heading, named),
        time=time,
        kind="journal" if named.is_journal else "note",
        properties=told,
        tags=(*_listed(told.first(_TAGS)), *tags_of(body)),
        path=named.path,
    )


def found_note(
    words: str,
    place: str,
    *,
    key: str,
    title: str,
    time: datetime | None,
    kind: Literal["note", "journal", "task"],
    properties: Properties | None = None,
    tags: Iterable[str] = (),
    path: str,
) -> Found | Skipped:
    """Return the item of a note, or why it is none: it has no words, or more than an item takes."""
    told = properties or Properties(values={}, text="")
    apart = (*_TITLES, *_TAGS, *_MACHINES)
    fields = {name: value for name, value in _shown(told) if not (is_any_of(name, apart) or _is_time(name, value))}
    metadata = {name: value for name, value in _shown(told) if is_any_of(name, _MACHINES)}
    listed = [tag for tag in dict.fromkeys(each.strip(" \t#[]") for each in tags) if tag][:_MAX_TAGS]
    if not words:
        if not fields:
            return Skipped(place=place, reason="empty", detail="it has no words")
        words = title
    if len(words) > MAX_TEXT_CHARS:
        return Skipped(place=place, reason="too long", detail=f"it has more than {MAX_TEXT_CHARS} characters")
    try:
        draft = make_draft(
            RecordPlace(place),
            text=words,
            kind=kind,
            time=time,
            fields={"title": title, **fields},
            metadata={**metadata, **({"tags": listed} if listed else {}), "path": path},
        )
    except InputError as error:
        return Skipped(place=place, reason="broken", detail=error.message)
    return Found(draft=draft, place=place, key=key, is_unique=key != path)


def split_heading(text: str) -> tuple[str, str]:
    """Take off the heading that a text begins with, where more follows it."""
    start = text.lstrip()
    match = _HEADING.match(start)
    if match is None:
        return "", text
    return match[1], start[match.end() :]


def _joplin_note(note: Properties, named: NotePath, place: str, zone: tzinfo | None) -> Found | Skipped | None:
    if note.first(("type",)) != _JOPLIN_NOTE:
        return None
    if note.first(("encryption applied",)) == "1":
        return Skipped(place=place, reason="unsupported", detail="it is encrypted: export it from Joplin unlocked")
    title, _, body = note.text.partition("\n")
    return found_note(
        words_of(body),
        place,
        key=str(note.first(("id",)) or named.path),
        title=title.strip() or named.title,
        time=_time_of(note, zone),
        kind="task" if note.first(("is todo",)) == "1" else "note",
        tags=tags_of(body),
        path=named.path,
    )


def time_of_name(named: NotePath, zone: tzinfo | None) -> datetime | None:
    """Return the beginning of the day that a note is named after."""
    return None if named.day is None else in_utc(named.day, zone)


def _title(told: Properties, heading: str, named: NotePath) -> str:
    given = told.first(_TITLES)
    aliases = _listed(told.first(_ALIASES))
    if isinstance(given, str) and given:
        return given[:_MAX_VALUE_CHARS]
    if heading:
        return heading
    # A name that is a number only, as a Zettelkasten has them, tells less than what else the note is called.
    is_number = named.day is None and not any(character.isalpha() for character in named.title)
    return aliases[0] if aliases and is_number else named.title


def _time_of(told: Properties, zone: tzinfo | None) -> datetime | None:
    for name in _TIMES:
        value = told.first((name,))
        if isinstance(value, str) and (moment := moment_of(value, zone)) is not None:
            return moment
    return None


def _is_time(name: str, value: object) -> bool:
    """Say whether it tells a time, which the item has elsewhere; a span of days is told nowhere else."""
    return is_any_of(name, _TIMES) and moment_of(str(value), None) is not None


def _listed(value: Value | None) -> list[str]:
    """Return several words as they are, or what commas part; without commas, what spaces part where all are tags."""
    if value is None or isinstance(value, list):
        return list(value or ())
    if "," in value:
        return [each.strip() for each in value.split(",")]
    words = value.split()
    return words if len(words) > 1 and all(word.startswith("#") for word in words) else [value]


def _shown(told: Properties) -> list[tuple[str, str | int | bool]]:
    """Return what is told as single values, links as their words; lists are joined, and what is empty is left out."""
    shown: list[tuple[str, str | int | bool]] = []
    for name, value in told.values.items():
        joined = words_of(value if isinstance(value, str) else ", ".join(value))[:_MAX_VALUE_CHARS]
        if joined:
            shown.append((name, _scalar(joined)))
    return shown


def _scalar(words: str) -> str | int | bool:
    if words in ("true", "false"):
        return words == "true"
    return int(words) if words.isascii() and words.isdigit() and len(words) < 16 and str(int(words)) == words else words
