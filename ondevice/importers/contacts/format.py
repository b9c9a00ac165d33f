"""Contacts (vCard 2.1, 3 and 4): each card is an item."""

from __future__ import annotations

import io
import re
from datetime import tzinfo
from types import ModuleType

from ondevice.importers.components import holds_components, read_members
from ondevice.importers.contacts.cards import read_card
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.source import Source
from ondevice.importers.zones import zone_named

_SUFFIXES = frozenset({".vcf", ".vcard"})
_MARK = b"BEGIN:VCARD"
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
        return holds_components(source, _MARK, _SUFFIXES)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield the cards of each file; one that is torn or cannot be read is skipped.

        Raises:
            ImportError: If the extra ``import`` is not installed; it names the install command.
            InputError: If the source cannot be read, or the options name no time zone.
            NotFoundError: If it is gone.
        """
        zone = zone_named(options.time_zone)
        vobject = _library()
        yield from read_members(
            source, {"VCARD"}, _SUFFIXES, lambda _, text, place: _read_card(vobject, text, place, zone)
        )


def _library() -> ModuleType:
    try:
        import vobject
    except ImportError as error:
        raise ImportError("contacts need vobject; run: pip install 'ondevice-sdk[import]'") from error
    # It would write the lines that it cannot read to the terminal.
    vobject.base.logger.disabled = True
    return vobject  # type: ignore[no-any-return]


def _read_card(vobject: ModuleType, text: str, place: str, zone: tzinfo | None) -> Found | Skipped:
    cards = vobject.readComponents(io.StringIO(_without_pictures(text)), ignoreUnreadable=True, allowQP=True)
    return read_card(next(cards), place, zone)


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
