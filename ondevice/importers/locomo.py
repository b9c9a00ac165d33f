"""LoCoMo conversations: each turn of a long talk between two people is an item.

Source: Maharana et al. 2024, arXiv:2402.17753 (record form).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from ondevice.errors import InputError, NotFoundError
from ondevice.importers.drafting import RecordPlace, make_draft, type_name
from ondevice.importers.found import Found, Reading, ReadOptions
from ondevice.importers.json_items import first_entry
from ondevice.importers.opening import read_json
from ondevice.importers.source import Source
from ondevice.records import Draft
from ondevice.safety.printable import one_line

KIND = "chat"
DATE_FORMAT = "%I:%M %p on %d %B, %Y"
_SESSION = re.compile(r"session_([0-9]{1,9})")
_N_NAMED, _NAMED_CHARS = 20, 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Locomo:
    """LoCoMo conversations: a thing for each turn, as :func:`read_locomo` has it.

    Args:
        conversation: A ``sample_id``; ``None`` takes all.
    """

    name: str = "locomo"
    title: str = "LoCoMo conversations"
    conversation: str | None = None

    def fits(self, source: Source) -> bool:
        """Say whether the first value of the file's array is such a conversation."""
        talk = first_entry(source).get("conversation")
        return isinstance(talk, dict) and any(_SESSION.fullmatch(name) for name in talk)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield a thing for each turn; raises as :func:`read_locomo`."""
        for number, draft in enumerate(read_locomo(source.path, conversation=self.conversation), start=1):
            yield Found(draft=draft, place=f"{source.name}, turn {number}")


def read_locomo(path: Path, *, conversation: str | None = None) -> Iterator[Draft]:
    """Yield the turns of one conversation of a LoCoMo file, or of all, in their order.

    The text is ``Speaker: what they said``, with the caption of a picture they shared; the time is the session's,
    a second later each turn, so that no two turns fall together; the metadata has ``dia_id`` (which the questions'
    evidence names), ``session``, ``speaker`` and ``conversation``.

    Args:
        path: The file, ``.json`` or ``.json.gz``.
        conversation: A ``sample_id``; ``None`` takes all.

    Raises:
        NotFoundError: If there is no such file or conversation.
        InputError: If the file has another form; it names the conversation and the session.
    """
    samples = read_json(path)
    if not isinstance(samples, list) or not all(isinstance(each, dict) and "conversation" in each for each in samples):
        raise InputError(f"{one_line(path.name)} must be a list of LoCoMo conversations")
    by_name = {str(each.get("sample_id", number)): each["conversation"] for number, each in enumerate(samples, start=1)}
    if conversation is not None and conversation not in by_name:
        named = ", ".join(one_line(name[:_NAMED_CHARS]) for name in islice(by_name, _N_NAMED))
        raise NotFoundError(f"{one_line(path.name)} has no conversation of that id", hint=f"it has: {named}")
    for name, talk in by_name.items():
        if conversation in (None, name):
            yield from _talk(RecordPlace(path.name, f"conversation {name}"), path, name, talk)


def _talk(place: RecordPlace, path: Path, name: str, talk: object) -> Iterator[Draft]:
    if not isinstance(talk, dict):
        place.refuse(f"it must be an object, not {type_name(talk)}")
    sessions = sorted((int(match[1]), key) for key in talk if (match := _SESSION.fullmatch(key)))
    if not sessions:
        place.refuse("it has no session")
    for number, key in sessions:
        place = RecordPlace(path.name, f"conversation {name}, session {number}")
        turns, start = talk[key], _start(place, talk.get(f"{key}_date_time"))
        if not isinstance(turns, list):
            place.refuse(f"it must be a list of turns, not {type_name(turns)}")
        for index, turn in enumerate(turns):
            yield _turn(place, name, number, _later(place, start, index), turn)


def _turn(place: RecordPlace, conversation: str, session: int, time: datetime, turn: object) -> Draft:
    if not isinstance(turn, Mapping):
        place.refuse(f"a turn must be an object, not {type_name(turn)}")
    for name in ("speaker", "text", "dia_id"):
        if not isinstance(turn.get(name), str):
            place.refuse(f"the field {name!r} of a turn must be a string, not {type_name(turn.get(name))}")
    caption = turn.get("blip_caption")
    picture = f" [shares a picture: {caption}]" if isinstance(caption, str) and caption else ""
    return make_draft(
        place,
        text=f"{turn['speaker']}: {turn['text']}{picture}",
        kind=KIND,
        time=time,
        metadata={
            "dia_id": turn["dia_id"],
            "session": session,
            "speaker": turn["speaker"],
            "conversation": conversation,
        },
    )


def _later(place: RecordPlace, start: datetime, seconds: int) -> datetime:
    try:
        return start + timedelta(seconds=seconds)
    except OverflowError:
        place.refuse("its turns go beyond the year 9999")


def _start(place: RecordPlace, value: object) -> datetime:
    try:
        return datetime.strptime(str(value), DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        place.refuse("its date must read like 1:56 pm on 8 May, 2023")
