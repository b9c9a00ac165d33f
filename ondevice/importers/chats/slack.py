"""Slack's export: a folder or a zip file with a folder for each channel, and in it a file for each day.

Names stand in ``users.json``, channels in ``channels.json`` and its like. What programs post, and that somebody came or
went, is left out. A thread is kept together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import PurePosixPath

from ondevice.errors import InputError
from ondevice.importers.chats.json_stream import TORN, Fault, has_signs, values_at
from ondevice.importers.chats.moments import since_1970
from ondevice.importers.chats.slack_text import plain_text
from ondevice.importers.chats.turns import WHO, WHO_HINT, Me, Talk, Turn, clean_name, clean_text
from ondevice.importers.chats.windows import Windows
from ondevice.importers.found import Reading, ReadOptions, Skipped
from ondevice.importers.source import Member, Source

MAX_PEOPLE = 500_000
MAX_MEMBERS = 100
_N_LOOKED_INTO = 50
_MAX_ID = 64
_PROGRAM = "slack"
_DAY = re.compile(r"(?:.*/)?[^/]+/[0-9]{4}-[0-9]{2}-[0-9]{2}\.json")
_SIGNS = (re.compile(r'"ts"\s*:\s*"[0-9]{6,12}\.[0-9]+"'), re.compile(r'"type"\s*:\s*"message"'))
_CHANNELS = ("channels", "groups", "dms", "mpims")
_SUBTYPES = (None, "thread_broadcast", "file_share", "me_message", "file_comment")


class SlackFormat:
    """Channels of Slack."""

    name = _PROGRAM
    title = "Slack's export"

    def fits(self, source: Source) -> bool:
        """Say whether it has a folder with days of messages."""
        return any(has_signs(member, *_SIGNS) for member in islice(_days(source), _N_LOOKED_INTO))

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield some turns of a channel at a time; see :class:`~ondevice.importers.found.Format`."""
        names, me = _Names(source), Me(options.me)
        if not self.fits(source):
            raise InputError(f"{source.name!r} holds no days of messages as Slack exports them")
        if options.only_mine and not me:
            raise InputError(WHO, hint=WHO_HINT)
        folder, windows = None, None
        for member in _days(source):
            if windows is None or PurePosixPath(member.name).parent != folder:
                if windows is not None:
                    yield from windows.end()
                folder = PurePosixPath(member.name).parent
                windows = Windows(names.talk(folder.name or source.name), only_mine=options.only_mine)
            yield from _day(member, windows, names, me)
        if windows is not None:
            yield from windows.end()


class _Names:
    """What the export calls its people and channels."""

    def __init__(self, source: Source) -> None:
        self.people: dict[str, str] = {}
        self.addresses: dict[str, str] = {}
        self.programs: set[str] = set()
        self.channels: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}
        for member in source.members():
            name = PurePosixPath(member.name).name
            if name == "users.json":
                self._learn_people(member)
            elif name.removesuffix(".json") in _CHANNELS and name.endswith(".json"):
                self._learn_channels(member)

    def talk(self, folder: str) -> Talk:
        """Return the conversation of a folder, which is named by the channel, or by its id between two people."""
        talking = [self.people.get(each, each) for each in self._members.get(folder, ())]
        title = ", ".join(talking) if talking else f"#{folder}"
        return Talk(id=folder[:_MAX_ID], title=clean_name(title), kind="message", program=_PROGRAM)

    def _learn_people(self, member: Member) -> None:
        for _, value in values_at(member, "item"):
            if not isinstance(value, dict) or not isinstance(name := value.get("id"), str):
                continue
            profile = profile if isinstance(profile := value.get("profile"), dict) else {}
            said = (profile.get("display_name"), profile.get("real_name"), value.get("real_name"), value.get("name"))
            if len(self.people) < MAX_PEOPLE:
                self.people[name] = next((each for one in said if (each := clean_name(one))), name)
                self.addresses[name] = clean_name(profile.get("email"))
            if value.get("is_bot") is True:
                self.programs.add(name)

    def _learn_channels(self, member: Member) -> None:
        for _, value in values_at(member, "item"):
            if not isinstance(value, dict) or not isinstance(named := value.get("id"), str):
                continue
            name = clean_name(value.get("name"), named)
            members = value.get("members")
            if "name" not in value and isinstance(members, list):
                self._members[named] = [each for each in members[:MAX_MEMBERS] if isinstance(each, str)]
            self.channels[named] = name


def _days(source: Source) -> Iterator[Member]:
    return (each for each in source.members() if _DAY.fullmatch(each.name) or source.is_single)


def _day(member: Member, windows: Windows, names: _Names, me: Me) -> Reading:
    for number, (path, value) in enumerate(values_at(member, "item"), start=1):
        place = f"{member.place}, message {number}"
        if isinstance(value, Fault):
            yield value.at(member.place if path == TORN else place)
        elif not isinstance(value, dict):
            yield Skipped(place=place, reason="broken", detail="it is no object")
        elif value.get("type") != "message" or value.get("subtype") not in _SUBTYPES:
            continue
        elif value.get("bot_id") or str(value.get("user")) in names.programs:
            yield Skipped(place=place, reason="unsupported", detail="a program posted it")
        else:
            yield from windows.add(_turn(value, place, names, me))


def _turn(value: Mapping[str, object], place: str, names: _Names, me: Me) -> Turn:
    user = user if isinstance(user := value.get("user"), str) else ""
    profile = profile if isinstance(profile := value.get("user_profile"), dict) else {}
    said = (names.people.get(user), profile.get("display_name"), profile.get("real_name"), user)
    speaker = next((each for one in said if (each := clean_name(one))), "?")
    text, moment, thread = (value.get(name) for name in ("text", "ts", "thread_ts"))
    return Turn(
        id=str(moment)[:_MAX_ID],
        speaker=speaker,
        text=clean_text(plain_text(text, names.people, names.channels)) if isinstance(text, str) else "",
        time=since_1970(moment),
        place=place,
        is_mine=me.is_any_of(speaker, profile.get("real_name"), names.addresses.get(user), user),
        thread=thread[:_MAX_ID] if isinstance(thread, str) else "",
    )


SLACK = SlackFormat()
