"""Plain text files: each is a note, whatever its encoding."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import PurePosixPath

from ondevice.errors import InputError
from ondevice.importers.decoding import is_text, text_of
from ondevice.importers.drafting import RecordPlace, make_draft
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.notes import NotesFormat
from ondevice.importers.notes.paths import MARKDOWN
from ondevice.importers.source import Member, Source
from ondevice.importers.zones import zone_named

SUFFIXES = (".txt", ".text", ".md", ".markdown")
MAX_FILE_BYTES = 4 << 20
MAX_TITLE_CHARS = 500
_N_SAMPLED = 2_000
_NOTES = NotesFormat()


@dataclass(frozen=True, kw_only=True, slots=True)
class TextFiles:
    """Plain text: a file is a note, and a folder is one for each ``.txt``, ``.text``, ``.md`` and ``.markdown`` in it.

    The title is the heading in the first line, else the file's name; the time is the file's last change. Markdown is
    read as a folder of notes is, with its front matter. The path names the note: where the file has changed since, its
    item is updated.
    """

    name: str = "text"
    title: str = "plain text files"

    def fits(self, source: Source) -> bool:
        """Say whether it is a text file, or has one near the top."""
        return any(
            (source.is_single or member.suffix in SUFFIXES) and (head := member.head()).strip() and is_text(head)
            for member in islice(source.members(), _N_SAMPLED)
        )

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield a thing for each file; hidden ones are passed over.

        Raises:
            InputError: If there is no such file.
        """
        zone = zone_named(options.time_zone)
        n_files = 0
        for member in source.members():
            if source.is_single or member.suffix in SUFFIXES:
                n_files += 1
                if member.suffix in MARKDOWN:
                    yield from _NOTES.read_file(member, options, zone)
                else:
                    yield _read(source, member)
        if not n_files:
            raise InputError(f"the folder {source.name!r} has no {', '.join(SUFFIXES)} file")


def _read(source: Source, member: Member) -> Found | Skipped:
    try:
        with member.opened() as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except InputError as error:
        return Skipped(place=member.place, reason="broken", detail=error.message)
    if len(data) > MAX_FILE_BYTES:
        return Skipped(place=member.place, reason="too long", detail=f"it is longer than {MAX_FILE_BYTES} bytes")
    if not is_text(data):
        return Skipped(place=member.place, reason="broken", detail="it is not a text file: it holds zero bytes")
    title, text = _title_and_text(text_of(data))
    if not text:
        return Skipped(place=member.place, reason="empty", detail="it is empty")
    path = os.fsencode(member.name).decode("utf-8", "replace")
    try:
        draft = make_draft(
            RecordPlace(member.place),
            text=text,
            fields={"title": title or PurePosixPath(path.removesuffix(".gz")).stem},
            time=_changed_at(source, member),
            metadata={"path": path},
        )
    except InputError as error:
        return Skipped(place=member.place, reason="too long", detail=error.message)
    return Found(draft=draft, place=member.place, key=path)


def _title_and_text(text: str) -> tuple[str, str]:
    """Take the heading off where the text starts with one and goes on after it."""
    whole = text.strip()
    first, _, rest = whole.partition("\n")
    marks = first.rstrip().rstrip("#").rstrip()
    words = marks.lstrip("#")
    if words == marks or len(marks) - len(words) > 6 or not words.startswith((" ", "\t")):
        return "", whole
    return words.strip()[:MAX_TITLE_CHARS], rest.strip() or whole


def _changed_at(source: Source, member: Member) -> datetime | None:
    """Return the last change's time, unless it lies in an archive or the file system has one that no calendar has."""
    if source.is_archive:
        return None
    path = source.path / member.name if source.is_folder else source.path
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (ValueError, OverflowError, OSError):
        return None
