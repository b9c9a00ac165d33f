"""Contacts (vCard 2.1, 3 and 4): each card is an item."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import tzinfo
from itertools import islice
from types import ModuleType

from ondevice.errors import InputError
from ondevice.importers.components import Component, has_mark, read_components
from ondevice.importers.contacts.cards import read_card
from ondevice.importers.decoding import unix_text_of
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.source import Member, Source
from ondevice.importers.zones import zone_named

_SUFFIXES = frozenset({".vcf", ".vcard"})
_MARK = b"BEGIN:VCARD"
_LOOKED_AT = 2_000
_MAX_LINE_CHARS = 50_000
_PICTURE = re.compile(r"(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)\b", re.IGNORECASE)
_NEXT = re.compile(r"(?:[\w-]+\.)?[A-Za-z][A-Za-z-]*[;:]")


class ContactsFormat:
    """Address books as phones and mail programs export them: ``.vcf`` files, or folders and archives of them.

    All that a card tells stands in its text, a line for each number, address and day; pictures are left out. The key
    is the card's UID; a card without one is known by what it says. Reading needs the extra ``import``.
    """

    name = "contacts"
    title = "contacts (vCard: .vcf)"

    def fits(self, source: Source) -> bool:
        """Say whether it is a file of cards, or a folder or archive with one in it."""
        if source.is_single:
            return has_mark(next(source.members()).head(4096), _MARK)
        return any(_is_address_book(member) for member in islice(source.members(), _LOOKED_AT))

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield the cards of each file; one that is torn or cannot be read is skipped.

        Raises:
            ImportError: If the extra ``import`` is not installed; it names the install command.
            InputError: If the source cannot be read, or the options name no time zone.
            NotFoundError: If it is gone.
        """
        zone = zone_named(options.time_zone)
        for member in source.members():
            if source.is_single or _is_address_book(member):
                yield from _read_cards(member, zone)


def _is_address_book(member: Member) -> bool:
    return member.suffix in _SUFFIXES


def _library() -> ModuleType:
    try:
        import vobject
    except ImportError as error:
        raise ImportError("contacts need vobject; run: pip install 'ondevice-sdk[import]'") from error
    # It would write the lines that it cannot read to the terminal.
    vobject.base.logger.disabled = True
    return vobject  # type: ignore[no-any-return]


def _read_cards(member: Member, zone: tzinfo | None) -> Iterator[Found | Skipped]:
    vobject = _library()
    try:
        with member.opened() as file:
            for part in read_components(file, {"VCARD"}):
                yield _read_part(vobject, part, f"{member.place}, line {part.line}", zone)
    except InputError as error:
        yield Skipped(place=member.place, reason="broken", detail=error.message)


def _read_part(vobject: ModuleType, part: Component, place: str, zone: tzinfo | None) -> Found | Skipped:
    if part.data is None:
        reason = "it is too long" if part.is_long else "it does not end"
        return Skipped(place=place, reason="too long" if part.is_long else "broken", detail=reason)
    text = _without_pictures(unix_text_of(part.data) or "")
    try:
        card = next(vobject.readComponents(io.StringIO(text), ignoreUnreadable=True, allowQP=True))
        return read_card(card, place, zone)
    except InputError as error:
        return Skipped(place=place, reason="broken", detail=error.message)
    except Exception:
        # Whatever the library finds wrong with one card, the next is read.
        return Skipped(place=place, reason="broken", detail="it is not of the form of a card")


def _without_pictures(text: str) -> str:
    """Take out the lines of pictures and sounds, which are most of a card, and no words; and lines of no length."""
    kept, is_picture = [], False
    for line in text.split("\n"):
        if _PICTURE.match(line):
            is_picture = True
        elif _NEXT.match(line):
            is_picture = False
        if not is_picture and len(line) <= _MAX_LINE_CHARS:
            kept.append(line)
    return "\n".join(kept)
