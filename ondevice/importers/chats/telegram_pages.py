"""Telegram Desktop's export in HTML: pages of some thousand messages, ``messages.html``, ``messages2.html`` and on.

It says less than the one in JSON: nothing of who the user is, and of a chat only its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ondevice.errors import InputError
from ondevice.importers.chats.moments import Zone
from ondevice.importers.chats.turns import WHO, WHO_HINT, Me, Talk, Turn, clean_name, clean_text
from ondevice.importers.chats.windows import Windows
from ondevice.importers.found import Reading, ReadOptions, Skipped
from ondevice.importers.mail.pages import is_too_much
from ondevice.importers.source import Member, Source

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

PROGRAM = "telegram"
MAX_PAGE_BYTES = 32 << 20
_NAME = re.compile(r"messages(\d{0,6})\.html")
_SIGNS = (b'class="page_wrap"', b'class="page_body chat_page"')
_MESSAGE_ID = re.compile(r"message(\d{1,18})")
_TIMES = ("%d.%m.%Y %H:%M:%S UTC%z", "%d.%m.%Y %H:%M:%S")


def is_telegram_page(member: Member) -> bool:
    """Say whether a file is a page of such an export.

    Raises:
        InputError, NotFoundError: If it cannot be read.
    """
    if _NAME.fullmatch(PurePosixPath(member.name).name) is None:
        return False
    head = member.head()
    return all(sign in head for sign in _SIGNS)


def read_pages(source: Source, options: ReadOptions) -> Reading:
    """Yield some turns of a chat at a time, the pages of each in their order.

    Raises:
        InputError: If only the user's own turns are asked for, and nobody says who that is.
    """
    pages = sorted((member for member in source.members() if is_telegram_page(member)), key=_order)
    if pages and options.only_mine and not options.me:
        raise InputError(WHO, hint=WHO_HINT)
    for _, of_chat in groupby(pages, key=lambda member: PurePosixPath(member.name).parent):
        yield from _Chat(options).read(of_chat)


def _order(member: Member) -> tuple[str, int]:
    path = PurePosixPath(member.name)
    number = _NAME.fullmatch(path.name)
    return str(path.parent), int(number[1] or 1) if number else 0


class _Chat:
    """One chat, page by page."""

    def __init__(self, options: ReadOptions) -> None:
        self._options, self._zone, self._me = options, Zone(options.time_zone), Me(options.me)
        self._windows: Windows | None = None
        self._speaker = "Deleted account"
        self._n_messages = 0

    def read(self, pages: Iterator[Member]) -> Reading:
        for page in pages:
            try:
                yield from self._page(page)
            except InputError as error:
                yield Skipped(place=page.place, reason="broken", detail=error.message)
        if self._windows is not None:
            yield from self._windows.end()

    def _page(self, page: Member) -> Reading:
        from selectolax.lexbor import LexborHTMLParser

        with page.opened() as file:
            data = file.read(MAX_PAGE_BYTES + 1)
        if len(data) > MAX_PAGE_BYTES:
            yield Skipped(place=page.place, reason="too long", detail=f"it is longer than {MAX_PAGE_BYTES} bytes")
            return
        text = data.decode("utf-8", "replace")
        if is_too_much(text):
            yield Skipped(place=page.place, reason="broken", detail="it is deeper or longer than Telegram's pages are")
            return
        parsed = LexborHTMLParser(text)
        if self._windows is None:
            named = parsed.css_first("div.page_header div.text")
            name = clean_name(named.text() if named else "")
            talk = Talk(id=name[:64] or page.place[:64], title=name, kind="message", program=PROGRAM)
            self._windows = Windows(talk, only_mine=self._options.only_mine)
        for message in parsed.css("div.message.default"):
            self._n_messages += 1
            yield from self._windows.add(self._turn(message, f"{page.place}, message {self._n_messages}"))

    def _turn(self, message: LexborNode, place: str) -> Turn:
        """Read a message; one that follows another of the same person's does not name them again."""
        body = message.css_first("div.body")
        named = next((each for each in _inside(body, "from_name")), None)
        if named is not None:
            self._speaker = clean_name(named.text(), self._speaker)
        forwarded = message.css_first("div.forwarded div.from_name")
        origin = clean_name(forwarded.text(deep=False)) if forwarded is not None else ""
        said = message.css_first("div.text")
        date = message.css_first("div.date")
        number = _MESSAGE_ID.fullmatch(message.attributes.get("id") or "")
        return Turn(
            id=number[1] if number else str(self._n_messages),
            speaker=f"{self._speaker} (forwarded from {origin})" if origin else self._speaker,
            text="" if said is None else clean_text(_words(said)),
            time=self._time("" if date is None else date.attributes.get("title") or ""),
            place=place,
            is_mine=self._me.is_any_of(self._speaker) and not origin,
        )

    def _time(self, text: str) -> datetime | None:
        for form in _TIMES:
            try:
                return self._zone.utc(datetime.strptime(text.strip(), form))
            except ValueError:
                continue
        return None


def _inside(body: LexborNode | None, name: str) -> Iterator[LexborNode]:
    """Yield the parts of a class that lie in a message itself, and not in one that it passes on."""
    part = None if body is None else body.first_child
    while part is not None:
        if name in (part.attributes.get("class") or "").split():
            yield part
        part = part.next


def _words(said: LexborNode) -> str:
    for line_end in said.css("br"):
        line_end.replace_with("\n")
    return said.text()
