"""Items of a conversation: some turns that belong together, for a message alone says little.

A window holds what was said in one thread without a long pause, up to some thousand characters. It begins where the
conversation paused, so that the windows of a later export fall as those of an earlier one did, and only the last of
them has grown: it has the same key and takes the place of the one before it. A long message is a window of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from ondevice.errors import InputError
from ondevice.importers.chats.turns import MAX_NAME_CHARS, Talk, Turn
from ondevice.importers.drafting import MAX_TEXT_CHARS, RecordPlace, make_draft
from ondevice.importers.found import Found, Reading, Skipped

WINDOW_CHARS = 1_000
PAUSE = timedelta(hours=4)
"""A conversation that rests so long goes on to something else. A thread has one subject, however long it rests."""
MAX_OPEN = 256
"""So many threads are followed at a time; the one that has rested longest ends."""
MAX_SPEAKERS = 20

_NEXT_LINE = re.compile(r"\n(?=[^\n])")


@dataclass(slots=True)
class _Window:
    turns: list[Turn] = field(default_factory=list)
    n_chars: int = 0

    def fits(self, turn: Turn) -> bool:
        """Say whether a turn still belongs to these."""
        last = self.turns[-1].time
        has_paused = not turn.thread and None not in (last, turn.time) and abs(turn.time - last) > PAUSE  # type: ignore[operator]
        if turn.is_answer:
            return True
        return not has_paused and self.n_chars + len(turn.text) <= WINDOW_CHARS

    def add(self, turn: Turn) -> None:
        """Take a turn."""
        self.turns.append(turn)
        self.n_chars += len(turn.text)


class Windows:
    """Gathers the turns of one conversation, as they come, into items."""

    def __init__(self, talk: Talk, *, only_mine: bool) -> None:
        """Begin with none; ``only_mine`` leaves out what others said."""
        self._talk, self._only_mine = talk, only_mine
        self._open: dict[str, _Window] = {}

    def add(self, turn: Turn) -> Reading:
        """Take the next turn; yield what is whole by it, or why the turn is left out."""
        if not turn.text:
            yield Skipped(place=turn.place, reason="empty", detail="it has no text")
            return
        if self._only_mine and not turn.is_mine:
            yield Skipped(place=turn.place, reason="not mine", detail="somebody else said it")
            return
        window = self._open.pop(turn.thread, None)
        if window is not None and not window.fits(turn):
            yield self._item(window)
            window = None
        window = window or _Window()
        window.add(turn)
        self._open[turn.thread] = window
        if len(self._open) > MAX_OPEN:
            yield self._item(self._open.pop(next(iter(self._open))))

    def end(self) -> Iterator[Found | Skipped]:
        """Yield what is left."""
        for window in self._open.values():
            yield self._item(window)
        self._open.clear()

    def _item(self, window: _Window) -> Found | Skipped:
        first, talk = window.turns[0], self._talk
        place = first.place
        text = "\n".join(f"{turn.speaker[:MAX_NAME_CHARS]}: {_indented(turn.text)}" for turn in window.turns)
        speakers = list(dict.fromkeys(turn.speaker[:MAX_NAME_CHARS] for turn in window.turns))
        fields = {"title": talk.title} if talk.title else {}
        if len(text) > MAX_TEXT_CHARS:
            return Skipped(place=place, reason="too long", detail=f"it has more than {MAX_TEXT_CHARS} characters")
        try:
            draft = make_draft(
                RecordPlace(place),
                text=text,
                kind=talk.kind,
                time=next((turn.time for turn in window.turns if turn.time is not None), None),
                fields={**fields, "from": ", ".join(speakers[:MAX_SPEAKERS])},
                metadata={"exported_by": talk.program, "conversation": talk.id, "message": first.id},
            )
        except InputError as error:
            return Skipped(place=place, reason="broken", detail=error.message)
        return Found(draft=draft, place=place, key=f"{talk.program}:{talk.id}:{first.id}", is_unique=True)


def _indented(text: str) -> str:
    """Set off the further lines of a message: one that reads ``Ana: yes`` must not look as if Ana had said it."""
    return _NEXT_LINE.sub("\n  ", text)
