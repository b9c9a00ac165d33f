"""All formats that can be read, and which of them a source has."""

from __future__ import annotations

from ondevice.errors import InputError
from ondevice.importers.calendars import CalendarsFormat
from ondevice.importers.chats import CHATGPT, CLAUDE, GOOGLE_CHAT, GOOGLE_KEEP, SLACK, TELEGRAM, WHATSAPP
from ondevice.importers.contacts import ContactsFormat
from ondevice.importers.decoding import is_text
from ondevice.importers.documents import DocumentsFormat
from ondevice.importers.found import Format
from ondevice.importers.json_arrays import JsonArrays
from ondevice.importers.jsonl import JsonLines
from ondevice.importers.lamp import Lamp
from ondevice.importers.locomo import Locomo
from ondevice.importers.mail import MAIL
from ondevice.importers.notes import NotesFormat
from ondevice.importers.plain import TextFiles
from ondevice.importers.source import Source
from ondevice.importers.tables import Tables

FORMATS: tuple[Format, ...] = (
    Lamp(),
    Locomo(),
    CHATGPT,
    CLAUDE,
    TELEGRAM,
    SLACK,
    GOOGLE_CHAT,
    GOOGLE_KEEP,
    MAIL,
    CalendarsFormat(),
    ContactsFormat(),
    WHATSAPP,
    DocumentsFormat(),
    JsonLines(),
    JsonArrays(),
    Tables(),
    NotesFormat(),
    TextFiles(),
)
"""The narrow ones first: the first that fits a source is its own, and every source of text fits the last."""

FORMER_NAMES = {"mbox": "mail"}
"""Former name → name."""


def format_named(name: str) -> Format:
    """Return the format of a name, which may be a former one.

    Raises:
        ValueError: If there is none.
    """
    for each in FORMATS:
        if each.name == FORMER_NAMES.get(name, name):
            return each
    raise ValueError(f"there is no format {name!r}: choose among {', '.join(each.name for each in FORMATS)}")


def format_of(source: Source) -> Format:
    """Return the format that a source has, by what it holds.

    Raises:
        InputError: If it has none of them; it says why, as far as that can be seen.
    """
    failure: InputError | None = None
    for each in FORMATS:
        try:
            if each.fits(source):
                return each
        except InputError as error:  # of one file; another may tell what it is
            failure = failure or error
    if failure is not None:
        raise failure
    raise InputError(
        f"{source.name!r} {_why_not(source)}, so none of the formats fits",
        hint=f"name it, as in ondevice import csv FILE: {', '.join(each.name for each in FORMATS)}",
    )


def _why_not(source: Source) -> str:
    first = next(source.members(), None)
    if first is None:
        return "holds no file"
    if not source.is_single:
        return "holds no file of a known form"
    head = first.head()
    if not head.strip():
        return "is empty"
    return "is of an unknown form" if is_text(head) else "is no text"
