"""Telegram Desktop's export in JSON: ``result.json`` of one chat or of all; its pages in HTML are read beside it.

The export of all says who the user is; that of one chat does not. Codes for signing in, and messages that destroy
themselves, are not to be remembered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ondevice.errors import InputError
from ondevice.importers.chats.json_stream import TORN, Fault, has_json, json_members, values_at
from ondevice.importers.chats.moments import Zone, since_1970
from ondevice.importers.chats.telegram_pages import PROGRAM, is_telegram_page, read_pages
from ondevice.importers.chats.turns import WHO, WHO_HINT, Me, Talk, Turn, clean_name, clean_text
from ondevice.importers.chats.windows import Windows
from ondevice.importers.found import Reading, ReadOptions, Skipped
from ondevice.importers.source import Member, Source

_SIGNS = (
    re.compile(r"^\s*\{"),
    re.compile(r'"(personal_information|chats|messages)"\s*:'),
    re.compile(
        r'"type"\s*:\s*"(personal_chat|bot_chat|saved_messages|replies|verification_codes|'
        r'(private|public)_(group|supergroup|channel))"|"personal_information"\s*:\s*\{\s*"user_id"'
    ),
)
_LISTS = ("", "chats.list.item.", "left_chats.list.item.")
_OPENS = ("chats.list.item", "left_chats.list.item")
_PARTS = ("name", "type", "id", "messages.item")
_FORGET = ("verification_codes",)
_UNSUPPORTED = ("bot_chat",)


class TelegramFormat:
    """Chats of Telegram Desktop."""

    name = PROGRAM
    title = "Telegram Desktop's export (JSON or HTML)"

    def fits(self, source: Source) -> bool:
        """Say whether one of its files has Telegram's chats."""
        return has_json(source, *_SIGNS) or any(map(is_telegram_page, source.members()))

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield some turns of a chat at a time; see :class:`~ondevice.importers.found.Format`."""
        n_files = 0
        for member in json_members(source, *_SIGNS):
            n_files += 1
            yield from _Export(member, options).read()
        if n_files:  # an export in both forms says the same in both
            return
        is_empty = True
        for each in read_pages(source, options):
            is_empty = False
            yield each
        if is_empty:
            raise InputError(f"{source.name!r} holds no chats of Telegram", hint="export them in the form JSON")


class _Export:
    """One file, chat by chat."""

    def __init__(self, member: Member, options: ReadOptions) -> None:
        self._member, self._options = member, options
        self._zone, self._me = Zone(options.time_zone), Me(options.me)
        self._n_chats = self._n_messages = 0
        self._head: dict[str, object] = {}
        self._windows: Windows | None = None

    def read(self) -> Reading:
        paths = [before + part for before in _LISTS for part in _PARTS]
        for path, value in values_at(self._member, "personal_information", *paths, opens=_OPENS):
            part = path.rpartition("list.item.")[2]
            if path == "personal_information":
                self._learn(value)
            elif isinstance(value, Fault) and path == TORN:
                yield value.at(self._place())
            elif part == "messages.item":
                yield from self._message(value)
            else:
                yield from self._begin(part, value)
        yield from self._end()

    def _learn(self, value: object) -> None:
        if isinstance(value, dict):
            names = (value.get("first_name"), value.get("last_name"))
            full = " ".join(each for each in names if isinstance(each, str) and each)
            self._me = Me((*self._options.me, f"user{value.get('user_id')}", full, value.get("username")))

    def _begin(self, part: str, value: object) -> Reading:
        """Take the head of the next chat, the parts of which stand before its messages."""
        if part in _OPENS or self._windows is not None:
            yield from self._end()
        if part in _PARTS:
            self._head[part] = value

    def _end(self) -> Reading:
        if self._windows is not None:
            yield from self._windows.end()
        self._windows, self._head, self._n_messages = None, {}, 0

    def _place(self) -> str:
        return f"{self._member.place}, chat {max(self._n_chats, 1)}"

    def _message(self, value: object) -> Reading:
        if self._options.only_mine and not self._me and not self._is_saved():
            raise InputError(WHO, hint=WHO_HINT)
        if self._windows is None:
            self._n_chats += 1
            name = clean_name(self._head.get("name"))
            talk = Talk(
                id=str(self._head.get("id") or name or self._n_chats)[:64],
                title=name or ("Saved messages" if self._head.get("type") == "saved_messages" else ""),
                kind="message",
                program=PROGRAM,
            )
            self._windows = Windows(talk, only_mine=self._options.only_mine)
        self._n_messages += 1
        place = f"{self._place()}, message {self._n_messages}"
        kind = self._head.get("type")
        if isinstance(value, Fault):
            yield value.at(place)
        elif not isinstance(value, dict):
            yield Skipped(place=place, reason="broken", detail="it is no object")
        elif value.get("type") != "message":
            return
        elif kind in _FORGET or value.get("self_destruct_period_seconds"):
            yield Skipped(place=place, reason="not to remember", detail="Telegram does not keep it")
        elif kind in _UNSUPPORTED:
            yield Skipped(place=place, reason="unsupported", detail="it was said to a program, or by one")
        else:
            yield from self._windows.add(self._turn(value, place))

    def _turn(self, value: Mapping[str, object], place: str) -> Turn:
        name, forwarded = clean_name(value.get("from"), "Deleted account"), clean_name(value.get("forwarded_from"))
        is_mine = self._me.is_any_of(value.get("from_id"), value.get("from")) or self._is_saved()
        return Turn(
            id=str(value.get("id") if value.get("id") is not None else self._n_messages)[:64],
            speaker=f"{name} (forwarded from {forwarded})" if forwarded else name,
            text=clean_text(_text(value)),
            time=since_1970(value.get("date_unixtime")) or self._zone.iso(value.get("date")),
            place=place,
            is_mine=is_mine and "forwarded_from" not in value,
        )

    def _is_saved(self) -> bool:
        return self._head.get("type") == "saved_messages"


def _text(value: Mapping[str, object]) -> str:
    """Return the words of a message, which is a text or a list of texts and of parts with a form."""
    text = value.get("text")
    parts = text if isinstance(text, list) else [text]
    said = (each.get("text") if isinstance(each, dict) else each for each in parts)
    return "".join(each for each in said if isinstance(each, str))


TELEGRAM = TelegramFormat()
