"""Conversations with an assistant: the user's words whole, and of each answer the beginning.

What the user wants to find again is what they asked and told, and what came of it. An answer says that in its first
sentences; its length would push the user's own words out of sight, and is the assistant's manner and not the user's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ondevice.importers.chats.turns import ME, Turn, clean_name
from ondevice.importers.found import ReadOptions

ANSWER_CHARS = 600
"""So much is kept of what is answered to one message of the user."""

_END = re.compile(r"(?<=[.!?\u3002\uff01\uff1f])\s|(?<=[\u3002\uff01\uff1f])|\n")


def user_name(options: ReadOptions) -> str:
    """Return what the user is called: the first of their names that is no address, or ``Me``."""
    return next((clean_name(each) for each in options.me if clean_name(each) and "@" not in each), ME)


def shortened(turns: Iterator[Turn]) -> Iterator[Turn]:
    """Yield the turns with the beginnings of the answers."""
    left = ANSWER_CHARS
    for turn in turns:
        if turn.is_mine:
            left = ANSWER_CHARS
            yield turn
        elif left > 0 or not turn.text:
            yield replace(turn, text=beginning(turn.text, left), is_answer=True)
            left -= len(turn.text)


def beginning(text: str, n_chars: int) -> str:
    """Return the first sentences of a text that take so many characters, or, of a long one, so much of it."""
    if len(text) <= n_chars:
        return text
    cut = text[:n_chars]
    ends = [match.start() for match in _END.finditer(cut)]
    if ends and ends[-1] >= n_chars // 2:
        return f"{cut[: ends[-1]].rstrip()} …"
    at = cut.rfind(" ", n_chars // 2)
    return f"{cut[:at] if at > 0 else cut} …"
