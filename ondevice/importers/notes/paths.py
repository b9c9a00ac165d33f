"""What a note's path tells: its title, its day, its id in Notion, and whether it is a note at all."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from ondevice.importers.source import Member

MARKDOWN = frozenset({".md", ".markdown"})
PLAIN = frozenset({".txt", ".text"})
_TEMPLATES = frozenset({"templates", "template", "_templates", "vorlagen", "plantillas", "modèles", "modelli"})
_TRASH = frozenset({"trash", "_trash", "logseq/bak", "logseq/.recycle"})
_NOTION = re.compile(r"(?P<title>.*?)[ _-]?(?P<id>[0-9a-f]{32})(?:_all)?\Z")
_DAY = re.compile(
    r"(?P<y>\d{4})(?P<between>[-_. ]?)(?P<m>\d{2})(?P=between)(?P<d>\d{2})(?!\d)(?P<rest>.*)\Z", re.DOTALL
)
_WEEKDAYS = frozenset(
    (
        *("mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun"),
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        *("mo", "di", "mi", "do", "fr", "sa", "so"),
        *("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"),
        *("lun", "mar", "mer", "jeu", "ven", "sam", "dim"),
        *("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        *("mié", "jue", "vie", "sáb", "dom"),
        *("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class NotePath:
    """What a path tells.

    Args:
        path: The path itself, in one spelling whatever system wrote it.
        title: The name without its end and its id.
        page_id: Notion's id of the page.
        day: The day that the name begins with.
        is_journal: Whether it is nothing but that day.
    """

    path: str
    title: str
    page_id: str | None = None
    day: date | None = None
    is_journal: bool = False


def path_of(member: Member) -> NotePath:
    """Read a member's path."""
    path = unicodedata.normalize("NFC", member.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    path = path.removesuffix(".gz")
    parts = PurePosixPath(path)
    # A bundle is a folder that holds one note beside its pictures.
    stem = parts.parent.stem if parts.parent.suffix == ".textbundle" else parts.stem
    notion = _NOTION.match(stem)
    title = (notion["title"].strip() or stem) if notion else stem
    day, is_journal = _day(title)
    return NotePath(
        path=path,
        title=_unescaped(title),
        page_id=notion["id"] if notion else None,
        day=day,
        is_journal=is_journal,
    )


def reason_to_leave(path: str) -> str | None:
    """Say why a note of this path is none, in a sentence; ``None`` where it is one."""
    folders = [part.casefold() for part in PurePosixPath(path).parts[:-1]]
    if _TEMPLATES & set(folders):
        return "it lies in a folder of templates"
    if path.casefold().endswith(".excalidraw.md"):
        return "it is a drawing"
    return None


def is_trash(path: str) -> bool:
    """Say whether a note was thrown away, or is a copy that its program keeps."""
    folder = "/".join(part.casefold() for part in PurePosixPath(path).parts[:-1])
    return any(f"/{name}/" in f"/{folder}/" for name in _TRASH)


def _unescaped(title: str) -> str:
    """Return a title as it was before Logseq made a file's name of it."""
    data = title.replace("___", "/").encode("utf-8")
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode()), data).decode(
        "utf-8", "replace"
    )


def _day(name: str) -> tuple[date | None, bool]:
    match = _DAY.match(name)
    if match is None:
        return None, False
    try:
        day = date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return None, False
    rest = match["rest"].strip(" \t-_,.()").casefold()
    return day, not rest or rest in _WEEKDAYS
