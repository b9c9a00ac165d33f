"""Claude's export: ``conversations.json``, in a folder or a zip file.

Where messages name the one before them, those on the way to the last one are read, and edited branches are left out.
A text that the user attached is a document of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ondevice.errors import InputError
from ondevice.importers.chats.assistants import shortened, user_name
from ondevice.importers.chats.json_stream import Fault, has_json, json_members, values_at
from ondevice.importers.chats.moments import Zone
from ondevice.importers.chats.turns import Talk, Turn, clean_name, clean_text
from ondevice.importers.chats.windows import Windows
from ondevice.importers.drafting import RecordPlace, make_draft
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.source import Source

_SIGNS = (re.compile(r'"chat_messages"\s*:\s*\['), re.compile(r'"uuid"\s*:'), re.compile(r"^\s*\[\s*\{"))
_FORGET = ("is_temporary", "is_incognito", "do_not_remember")
_PROGRAM = "claude"


class ClaudeFormat:
    """Conversations with Claude."""

    name = _PROGRAM
    title = "Claude's export"

    def fits(self, source: Source) -> bool:
        """Say whether one of its files has Claude's conversations."""
        return has_json(source, *_SIGNS)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield some turns of a conversation at a time; see :class:`~ondevice.importers.found.Format`."""
        n_files, zone = 0, Zone(options.time_zone)
        for member in json_members(source, *_SIGNS):
            n_files += 1
            for number, (_, value) in enumerate(values_at(member, "item"), start=1):
                place = f"{member.place}, conversation {number}"
                if isinstance(value, Fault):
                    yield value.at(place)
                elif not isinstance(value, dict) or not isinstance(messages := value.get("chat_messages"), list):
                    yield Skipped(place=place, reason="broken", detail="it has no messages")
                elif any(value.get(name) is True for name in _FORGET):
                    yield Skipped(place=place, reason="not to remember", detail="Claude was not to remember it")
                else:
                    yield from _conversation(value, messages, place, options, zone)
        if not n_files:
            raise InputError(f"{source.name!r} holds no conversations of Claude")


def _conversation(
    value: Mapping[str, object], messages: Sequence[object], place: str, options: ReadOptions, zone: Zone
) -> Reading:
    named = value.get("uuid")
    talk = Talk(
        id=named if isinstance(named, str) else place,
        title=clean_name(value.get("name")),
        kind="chat",
        program=_PROGRAM,
    )
    windows, turns = Windows(talk, only_mine=options.only_mine), []
    for number, message in enumerate(messages, start=1):
        if not isinstance(message, dict):
            yield Skipped(place=f"{place}, message {number}", reason="broken", detail="it is no object")
    for number, message in enumerate(_branch(value, messages), start=1):
        is_mine = message.get("sender") == "human"
        if not is_mine and message.get("sender") != "assistant":
            continue
        turn = Turn(
            id=str(message.get("uuid") or number),
            speaker=user_name(options) if is_mine else "Claude",
            text=_text(message),
            time=zone.iso(message.get("created_at")) or zone.iso(value.get("created_at")),
            place=f"{place}, message {number}",
            is_mine=is_mine,
        )
        turns.append(turn)
        yield from _documents(message, talk, turn)
    for turn in shortened(iter(turns)):
        yield from windows.add(turn)
    yield from windows.end()


def _branch(value: Mapping[str, object], messages: Sequence[object]) -> list[dict[str, object]]:
    known = [each for each in messages if isinstance(each, dict)]
    by_name = {name: each for each in known if isinstance(name := each.get("uuid"), str)}
    if not any(each.get("parent_message_uuid") in by_name for each in known if _is_name(each)):
        return known
    leaf = value.get("current_leaf_message_uuid")
    at = leaf if isinstance(leaf, str) and leaf in by_name else known[-1].get("uuid")
    back: list[dict[str, object]] = []
    seen: set[str] = set()
    while isinstance(at, str) and at in by_name and at not in seen:
        seen.add(at)
        back.append(by_name[at])
        at = by_name[at].get("parent_message_uuid")
    return back[::-1]


def _is_name(message: Mapping[str, object]) -> bool:
    return isinstance(message.get("parent_message_uuid"), str)


def _text(message: Mapping[str, object]) -> str:
    """Return what was said; thoughts and the use of tools are left out."""
    content = message.get("content")
    blocks = [each for each in content if isinstance(each, dict)] if isinstance(content, list) else []
    said = [clean_text(each.get("text")) for each in blocks if each.get("type") == "text"]
    if not any(said):
        said = [clean_text(message.get("text"))]
    for name in ("attachments", "files"):
        listed = message.get(name)
        for each in listed if isinstance(listed, list) else []:
            if isinstance(each, dict) and (file := clean_name(each.get("file_name"))):
                said.append(f"[attached: {file}]")
    return "\n".join(each for each in said if each)


def _documents(message: Mapping[str, object], talk: Talk, turn: Turn) -> Reading:
    attached = message.get("attachments")
    for number, each in enumerate(attached if isinstance(attached, list) else [], start=1):
        text = clean_text(each.get("extracted_content")) if isinstance(each, dict) else ""
        if not text:
            continue
        place = f"{turn.place}, attachment {number}"
        try:
            draft = make_draft(
                RecordPlace(place),
                text=text,
                kind="document",
                time=turn.time,
                fields={"title": clean_name(each.get("file_name"), talk.title)},
                metadata={"exported_by": _PROGRAM, "conversation": talk.id, "message": turn.id},
            )
        except InputError as error:
            yield Skipped(place=place, reason="broken", detail=error.message)
        else:
            yield Found(draft=draft, place=place, key=f"{_PROGRAM}:{talk.id}:{turn.id}:{number}", is_unique=True)


CLAUDE = ClaudeFormat()
