"""Folders and archives of notes, and single Markdown files: each file is a note."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import BinaryIO

from ondevice.errors import InputError, NotFoundError
from ondevice.importers.decoding import unix_text_of
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.notes.note import found_note, read_note, time_of_name
from ondevice.importers.notes.paths import MARKDOWN, PLAIN, NotePath, is_trash, path_of, reason_to_leave
from ondevice.importers.source import Member, Source
from ondevice.importers.zones import zone_named

MAX_NOTE_BYTES = 8 << 20
"""A longer file is not read: it is a log or a book, and no note."""
_LOOKED_AT = 5_000
_NESTED = ("export-", "exportblock-")


class NotesFormat:
    """Markdown and plain text, as Obsidian, Logseq, Notion, Joplin, Bear and others keep or export them.

    The key of a note is its path in the folder, or its id where its program gives it one, so a note that was edited
    is the same note in another version. Front matter becomes fields, its times the note's time, and all tags the
    metadata's ``tags``. A note whose name is a day is a ``journal``. A note that tells no time has that of its file's
    last change; from an archive it has none. Templates, what was thrown away and what the program keeps for itself
    are left out.
    """

    name = "notes"
    title = "notes (Markdown folders: Obsidian, Logseq, Notion, Joplin, Bear; plain text)"

    def __init__(self, *, is_another_s: Callable[[Member], bool] = lambda member: False) -> None:
        """Know which files are passed over: another format reads them, who stand among notes."""
        self._is_another_s = is_another_s

    def fits(self, source: Source) -> bool:
        """Say whether it is a Markdown file, or a folder or archive with notes in it."""
        if source.is_single:
            member = next(source.members())
            return member.suffix in MARKDOWN and unix_text_of(member.head()) is not None
        members = list(islice(source.members(), _LOOKED_AT))
        return any(self._is_note(member) or _is_nested(member) for member in members)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield the notes in the order of their paths; a file that cannot be read is skipped.

        Raises:
            InputError: If the folder or archive cannot be read, or the options name no time zone.
            NotFoundError: If it is gone.
        """
        zone = zone_named(options.time_zone)
        for member in source.members():
            if _is_nested(member):
                yield Skipped(
                    place=member.place, reason="unsupported", detail="an archive in the archive: unpack the outer one"
                )
            elif self._is_note(member):
                yield from self.read_file(member, options, zone)

    def _is_note(self, member: Member) -> bool:
        return member.suffix in MARKDOWN | PLAIN and not self._is_another_s(member)

    def read_file(self, member: Member, options: ReadOptions, zone: tzinfo | None) -> Reading:
        """Yield the one note of a file, or none where it is a record of its program."""
        found = self._found(member, path_of(member), options, zone)
        if found is not None:
            yield found

    def _found(
        self, member: Member, named: NotePath, options: ReadOptions, zone: tzinfo | None
    ) -> Found | Skipped | None:
        place = member.place
        if is_trash(named.path) and not options.with_rejected:
            return Skipped(place=place, reason="trash")
        if (reason := reason_to_leave(named.path)) is not None:
            return Skipped(place=place, reason="not to remember", detail=reason)
        try:
            with member.opened() as file:
                data = file.read(MAX_NOTE_BYTES + 1)
                changed_at = _changed_at(file) if not member.source.is_archive else None
        except (InputError, NotFoundError) as error:
            return Skipped(place=place, reason="broken", detail=error.message)
        if len(data) > MAX_NOTE_BYTES:
            return Skipped(place=place, reason="too long", detail=f"it is longer than {MAX_NOTE_BYTES} bytes")
        text = unix_text_of(data)
        if text is None:
            return Skipped(place=place, reason="broken", detail="it is not a text file: it holds zero bytes")
        if member.suffix in MARKDOWN:
            return read_note(text, named, place, zone=zone, changed_at=changed_at)
        return found_note(
            text.strip(),
            place,
            key=named.path,
            title=named.title,
            time=time_of_name(named, zone) or changed_at,
            kind="journal" if named.is_journal else "note",
            path=named.path,
        )


def _is_nested(member: Member) -> bool:
    """Say whether it is a part of Notion's larger exports, which are archives of archives."""
    return member.suffix == ".zip" and member.name.lower().startswith(_NESTED)


def _changed_at(file: BinaryIO) -> datetime | None:
    """Return the last change's time, unless the file system has one that no calendar has."""
    try:
        return datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    except (ValueError, OverflowError, OSError):
        return None
