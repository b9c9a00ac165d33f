"""Google Chat in a Takeout: a ``messages.json`` for each conversation, known by what it holds; folders are translated.

Beside it a file names who takes part, and another, elsewhere, who the user is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from ondevice.errors import InputError
from ondevice.importers.chats.google_times import time_in_words
from ondevice.importers.chats.json_stream import TORN, Fault, has_json, has_signs, values_at
from ondevice.importers.chats.turns import WHO, WHO_HINT, Me, Talk, Turn, clean_name, clean_text
from ondevice.importers.chats.windows import Windows
from ondevice.importers.found import Reading, ReadOptions, Skipped
from ondevice.importers.source import Member, Source

_PROGRAM = "google-chat"
_SIGNS = (
    re.compile(r'^\s*\{\s*"messages"\s*:\s*\['),
    re.compile(r'"creator"\s*:\s*\{'),
    re.compile(r'"created_date"\s*:'),
)
_INFO_BYTES = 1 << 20
_MAX_ID = 200
_MAX_PEOPLE = 1_000
_USER_SIGNS = (re.compile(r'"user"\s*:\s*\{\s*"'), re.compile(r'"membership_info"\s*:'))
_GROUP_SIGNS = (re.compile(r'"members"\s*:\s*\['), re.compile(r'"user_type"\s*:'))


class GoogleChatFormat:
    """Conversations of Google Chat."""

    name = _PROGRAM
    title = "Google Chat in a Google Takeout"

    def fits(self, source: Source) -> bool:
        """Say whether one of its files has Google Chat's messages."""
        return has_json(source, *_SIGNS)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield some turns of a conversation at a time; see :class:`~ondevice.importers.found.Format`."""
        talks: list[Member] = []
        members: dict[PurePosixPath, Member] = {}
        me = list(options.me)
        for member in source.members():
            if not source.is_single and member.suffix != ".json":
                continue
            if has_signs(member, *_SIGNS):
                talks.append(member)
            elif member.size <= _INFO_BYTES and has_signs(member, *_USER_SIGNS):
                me += _own_names(member)
            elif member.size <= _INFO_BYTES and has_signs(member, *_GROUP_SIGNS):
                members[PurePosixPath(member.name).parent] = member
        if not talks:
            raise InputError(f"{source.name!r} holds no messages of Google Chat")
        who = Me(me)
        if options.only_mine and not who:
            raise InputError(WHO, hint=WHO_HINT)
        for member in talks:
            folder = PurePosixPath(member.name).parent
            yield from _talk(member, _title(members.get(folder), who), folder.name, options, who)


def _own_names(member: Member) -> list[str]:
    return [
        each
        for _, user in values_at(member, "user")
        if isinstance(user, dict)
        for name in ("name", "email")
        if isinstance(each := user.get(name), str)
    ]


def _title(member: Member | None, me: Me) -> str:
    """Return a room's name; between people without one, who the others are."""
    if member is None:
        return ""
    others: list[str] = []
    for path, value in values_at(member, "name", "members.item"):
        if path == "name" and clean_name(value):
            return clean_name(value)
        if isinstance(value, dict) and not me.is_any_of(value.get("name"), value.get("email")):
            others.append(clean_name(value.get("name")))
    return clean_name(", ".join(each for each in others[:_MAX_PEOPLE] if each))


def _talk(member: Member, title: str, folder: str, options: ReadOptions, me: Me) -> Reading:
    windows = Windows(
        Talk(id=folder[:_MAX_ID], title=title, kind="message", program=_PROGRAM), only_mine=options.only_mine
    )
    for number, (path, value) in enumerate(values_at(member, "messages.item"), start=1):
        place = f"{member.place}, message {number}"
        if isinstance(value, Fault):
            yield value.at(member.place if path == TORN else place)
        elif not isinstance(value, dict):
            yield Skipped(place=place, reason="broken", detail="it is no object")
        elif value.get("message_state") == "DELETED":
            yield Skipped(place=place, reason="empty", detail="it was deleted")
        elif _creator(value).get("user_type") == "Bot":
            yield Skipped(place=place, reason="unsupported", detail="a program posted it")
        else:
            yield from windows.add(_turn(value, number, place, me))
    yield from windows.end()


def _turn(value: Mapping[str, object], number: int, place: str, me: Me) -> Turn:
    creator = _creator(value)
    name, address = clean_name(creator.get("name")), creator.get("email")
    return Turn(
        id=str(value.get("message_id") or number)[:_MAX_ID],
        speaker=name or clean_name(address, "?"),
        text=clean_text(value.get("text")),
        time=time_in_words(value.get("created_date")),
        place=place,
        is_mine=me.is_any_of(name, address),
    )


def _creator(value: Mapping[str, object]) -> Mapping[str, object]:
    creator = value.get("creator")
    return creator if isinstance(creator, dict) else {}


GOOGLE_CHAT = GoogleChatFormat()
