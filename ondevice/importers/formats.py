"""All formats that can be read, and which of them a source has."""

from __future__ import annotations

from collections.abc import Sequence

from ondevice.errors import InputError
from ondevice.importers import jsonl, tables
from ondevice.importers.calendars import CalendarsFormat
from ondevice.importers.chats import CHATGPT, CLAUDE, GOOGLE_CHAT, GOOGLE_KEEP, SLACK, TELEGRAM, WHATSAPP
from ondevice.importers.chats.whatsapp import begins_well
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
from ondevice.importers.source import Member, Source
from ondevice.importers.tables import Tables

_CALENDARS, _CONTACTS, _DOCUMENTS = CalendarsFormat(), ContactsFormat(), DocumentsFormat()
_NOTES, _TEXT = NotesFormat(), TextFiles()

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
    _CALENDARS,
    _CONTACTS,
    WHATSAPP,
    _DOCUMENTS,
    JsonLines(),
    JsonArrays(),
    Tables(),
    _NOTES,
    _TEXT,
)
"""The narrow ones first: the first that fits a source is its own, and every source of text fits the last."""

APART: tuple[Format, ...] = (
    *(CHATGPT, CLAUDE, TELEGRAM, SLACK, GOOGLE_CHAT, GOOGLE_KEEP, MAIL, _CALENDARS, _CONTACTS, WHATSAPP, _DOCUMENTS),
)
"""They know their own files among others, so that a folder may have several of them."""
_KEEP_LABELS = "Keep/Labels.txt"

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


def formats_of(source: Source) -> tuple[Format, ...]:
    """Return all formats that a source has: a folder or an archive may hold mail, chats and notes together.

    Raises:
        InputError: If it has none; see :func:`format_of`.
    """
    found = [] if source.is_single else [each for each in APART if _fits(each, source)]
    if not found or format_of(source) not in (*APART, _NOTES, _TEXT):
        return (format_of(source),)
    notes = NotesFormat(is_another_s=lambda member: _is_another_s(member, found))
    return (*found, notes) if _fits(notes, source) else tuple(found)


def n_tables_beside(forms: Sequence[Format], source: Source) -> int:
    """Return how many tables and files of JSON Lines lie in a source that is read as something else."""
    if source.is_single or forms[0] not in (*APART, _NOTES, _TEXT):
        return 0
    return sum(member.suffix in (*tables.SUFFIXES, *jsonl.SUFFIXES) for member in source.members())


def _fits(form: Format, source: Source) -> bool:
    try:
        return form.fits(source) or (form is WHATSAPP and any(map(_is_named_chat, source.members())))
    except InputError:  # of one file; the others may be sound
        return False


def _is_named_chat(member: Member) -> bool:
    """Say whether a file is a chat as WhatsApp names it: such a one is no note, even if it lies among many."""
    return "whatsapp" in member.name.lower() and member.suffix == ".txt" and begins_well(member)


def _is_another_s(member: Member, found: Sequence[Format]) -> bool:
    """Say whether a text file belongs to one of the formats that stand beside the notes."""
    if GOOGLE_KEEP in found and member.name.endswith(_KEEP_LABELS):
        return True
    return WHATSAPP in found and member.suffix == ".txt" and begins_well(member)


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
