"""Plain text and Markdown: a file is a note, a folder is many."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ondevice.errors import InputError
from ondevice.importers.drafting import RecordPlace, make_draft
from ondevice.importers.opening import is_folder, opened
from ondevice.records import Draft
from ondevice.safety.printable import one_line

SUFFIXES = (".md", ".markdown", ".txt", ".text")
MAX_FILE_BYTES = 4 << 20
MAX_TITLE_CHARS = 500
_HEADING = re.compile(r"#{1,6}[ \t]+(\S.*?)[ \t]*#*[ \t]*(?:\r?\n|\Z)")


def read_text(path: Path) -> Iterator[Draft]:
    """Yield a note for a text file, or for every ``.md``, ``.markdown``, ``.txt`` and ``.text`` file of a folder.

    Folders are read with their subfolders, in the order of the names; hidden files and folders, links, and files
    that hold nothing but white space are passed over. The title is the heading in the first line, else the file's
    name; the time is the file's last change; the metadata's ``path`` is relative to the folder.

    Raises:
        NotFoundError: If there is no such file or folder.
        InputError: If a file is too large or is not text, or a folder has no such file; it names the file.
    """
    name = one_line(path.name)
    if not is_folder(path):
        draft = _read_note(path, path.name)
        if draft is None:
            raise InputError(f"the file {name!r} is empty")
        yield draft
        return
    n_files = 0
    for file in _files(path):
        n_files += 1
        draft = _read_note(file, file.relative_to(path).as_posix())
        if draft is not None:
            yield draft
    if not n_files:
        raise InputError(f"the folder {name!r} has no {', '.join(SUFFIXES)} file")


def _files(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise InputError(
            f"the folder {one_line(folder.name)!r} cannot be read: {error.strerror or type(error).__name__}"
        )

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(place, name)
            if not name.startswith(".") and file.suffix.lower() in SUFFIXES and not file.is_symlink():
                yield file


def _read_note(file: Path, relative: str) -> Draft | None:
    place = RecordPlace(_clean(relative))
    with opened(file) as source:
        data = source.read(MAX_FILE_BYTES + 1)
        time = _changed_at(source)
    if len(data) > MAX_FILE_BYTES:
        place.refuse(f"it is longer than {MAX_FILE_BYTES} bytes", hint="split it, or leave it out of the folder")
    text = _decode(place, data)
    if not text.strip():
        return None
    title, body = _title_and_body(text)
    name = file.name.removesuffix(".gz")
    return make_draft(
        place,
        text=body,
        fields={"title": title or _clean(Path(name).stem)},
        time=time,
        metadata={"path": _clean(relative)},
    )


def _changed_at(file: BinaryIO) -> datetime | None:
    """Return the last change's time, unless the file system has one that no calendar has."""
    try:
        return datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _decode(place: RecordPlace, data: bytes) -> str:
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not is_utf16 and b"\0" in data:
        place.refuse("it is not a text file: it holds zero bytes")
    try:
        return data.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        place.refuse("it is not UTF-8 text", hint="save it as UTF-8")


def _title_and_body(text: str) -> tuple[str | None, str]:
    """Take the heading off where the text starts with one and goes on after it."""
    start = text.lstrip()
    match = _HEADING.match(start)
    if match is None:
        return None, text.strip()
    title, body = match[1][:MAX_TITLE_CHARS], start[match.end() :].strip()
    return title, body or start.strip()


def _clean(name: str) -> str:
    """Return a file's name as valid Unicode, whatever bytes the file system has."""
    return os.fsencode(name).decode("utf-8", "replace")
