"""Who said what in a conversation, in the same form whatever program kept it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ondevice.safety.printable import one_line

MAX_NAME_CHARS = 80
MAX_TITLE_CHARS = 200
ME = "Me"
"""Names the user where nothing else does."""
WHO = "the source does not say who you are, and only your own was asked for"
WHO_HINT = "give your name as it stands there"

_BLANKS = re.compile(r"[ \t\u00a0\u202f]+")
_MARKS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_CONTROLS = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """A conversation.

    Args:
        id: What names it in its program.
        title: Its name there; empty without one.
        kind: ``message`` between people, ``chat`` with an assistant.
        program: The format's name.
    """

    id: str = field(repr=False)
    title: str = field(repr=False)
    kind: str
    program: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """What one said at one time.

    Args:
        id: What names it in its conversation.
        speaker: Who said it.
        text: What was said.
        time: When (UTC); ``None`` where the source does not tell.
        place: Where it stands, for messages.
        is_mine: Whether the user said it.
        thread: What names the thread that it belongs to; empty outside threads.
        is_answer: Whether it belongs to what was said before, and never stands first.
    """

    id: str = field(repr=False)
    speaker: str = field(repr=False)
    text: str = field(repr=False)
    time: datetime | None
    place: str
    is_mine: bool
    thread: str = ""
    is_answer: bool = False


class Me:
    """The user, by whatever names the source has for them."""

    def __init__(self, names: Iterable[object]) -> None:
        """Take names, addresses and ids; what is no text, or empty, is passed over."""
        self._names = {_folded(each) for each in names if isinstance(each, str) and each.strip()}

    def __bool__(self) -> bool:
        """Say whether anything is known of the user."""
        return bool(self._names)

    def is_any_of(self, *names: object) -> bool:
        """Say whether one of the names is the user's."""
        return any(isinstance(each, str) and _folded(each) in self._names for each in names)


def clean_name(value: object, default: str = "") -> str:
    """Return a person's or a conversation's name in one short line, without marks of the writing direction."""
    if not isinstance(value, str):
        return default
    name = one_line(_CONTROLS.sub(" ", _MARKS.sub("", value)).replace("\0", " "))
    return _BLANKS.sub(" ", name).strip()[:MAX_TITLE_CHARS] or default


def clean_text(value: object) -> str:
    r"""Return what was said without control characters and marks of the writing direction, its line ends as ``\\n``."""
    if not isinstance(value, str):
        return ""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", _MARKS.sub("", text)).strip()


def _folded(name: str) -> str:
    return clean_name(name).lstrip("@").casefold()
