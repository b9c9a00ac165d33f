"""How far an audit is: one bar, or one row of lines, for each check, with the time that it still takes."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from rich.console import Console

from ondevice.safety.progress import progress
from ondevice.signals import Progress


class CheckProgress:
    """What an audit tells of its progress, shown on stderr; each check's time is told from its own steps."""

    def __init__(self, console: Console) -> None:
        """Show nothing before the first check begins."""
        self._console = console
        self._shown = ExitStack()
        self._tell: Progress | None = None

    def on_check(self, name: str) -> None:
        """Begin to show another check."""
        self._shown.close()
        self._tell = self._shown.enter_context(progress(self._console, f"check {name}", unit="steps"))

    def on_progress(self, done: int, total: int) -> None:
        """Show how far it is."""
        if self._tell is not None:
            self._tell(done, total)

    def __enter__(self) -> Self:
        """Return this."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take away what is shown."""
        self._shown.close()
