"""What is going on, which step of how many, since when, and what comes next: on a terminal one line that moves."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

PLAIN_EVERY_S = 10.0
_DRAWN_EVERY_S = 0.25


class Display:
    """A stream for people: whole lines in a pipe or a log, and on a terminal a last line that is drawn anew."""

    def __init__(
        self, stream: TextIO, titles: Sequence[str], then: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Know the steps by their titles.

        Args:
            stream: Where it is shown.
            titles: Of the steps, in their order.
            then: What comes after the last one.
            clock: The seconds that have passed.
        """
        self._stream, self._clock = stream, clock
        self._titles, self._then = titles, then
        self._moves = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._step = -1
        self._began = self._step_began = self._shown_at = clock()
        self._detail = self._left = self._coming = ""

    @contextmanager
    def step(self) -> Iterator[None]:
        """Announce the next step, and say at its end how long it took."""
        self._step += 1
        self._step_began = self._clock()
        self._detail = self._left = self._coming = ""
        if not self._moves:
            self.say(f"{self._head()}; next: {self._next_step()}")
        self.refresh()
        yield
        self.say(f"{self._head()}: done in {spoken(self._clock() - self._step_began)}")

    def now(self, detail: str, *, left: str = "", coming: str = "") -> None:
        """Take down what the step is at, how long that will still take, and what it will do after that."""
        self._detail, self._left, self._coming = detail, left, coming

    def refresh(self) -> None:
        """Draw the line anew; elsewhere than on a terminal, write one if none was written for some time."""
        now = self._clock()
        if now - self._shown_at < (_DRAWN_EVERY_S if self._moves else PLAIN_EVERY_S):
            return
        self._shown_at = now
        said = f"{self._number()} {self._detail or self._titles[self._step]}, {spoken(now - self._step_began)}"
        said += f"{f', about {self._left} left' if self._left else ''}; next: {self._coming or self._next_step()}"
        if self._moves:
            width = max(20, _columns(self._stream) - 1)
            self._write(f"\r{said if len(said) <= width else said[: width - 1] + '…'}\x1b[K")
        else:
            self._write(f"{said}\n")

    def say(self, line: str) -> None:
        """Write a line that stays."""
        self._shown_at = self._clock()
        self._write(f"\r\x1b[K{line}\n" if self._moves else f"{line}\n")

    def clear(self) -> None:
        """Leave the line to a program that draws one itself."""
        if self._moves:
            self._write("\r\x1b[K")

    def end(self) -> None:
        """Say that all is done, and what comes now."""
        self.say(f"set up in {spoken(self._clock() - self._began)}; now: {self._then}")

    def fail(self, lines: Sequence[str], message: str, hint: str) -> None:
        """Say what went wrong, with the last lines of the program that failed, and what may help."""
        for line in lines:
            self.say(f"    {line}")
        where = f"{self._head()}: " if self._step >= 0 else ""
        self.say(f"error: {where}{message}")
        self.say(f"hint: {hint}")

    def _head(self) -> str:
        return f"{self._number()} {self._titles[self._step]}"

    def _number(self) -> str:
        return f"[{self._step + 1}/{len(self._titles)}]"

    def _next_step(self) -> str:
        following = self._step + 1
        return self._titles[following] if following < len(self._titles) else self._then

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # nobody reads any more: no reason to end the work
            pass


def spoken(seconds: float) -> str:
    """Return a time as minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
