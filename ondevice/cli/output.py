"""What a command shows: one document or a rich view on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from ondevice.safety.consoles import CleanConsole, write_json
from ondevice.safety.printable import one_line, printable
from ondevice.safety.progress import progress, working
from ondevice.signals import Progress


class Output:
    """The two streams of a command: the result goes to stdout, messages and progress to stderr."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.out = CleanConsole()
        self.err = CleanConsole(stderr=True)

    def result(self, document: Mapping[str, Any], *views: RenderableType) -> None:
        """Write the command's result: the document with ``--json``, otherwise the views."""
        if self.as_json:
            write_json(document, indent=2, default=to_plain)
            return
        self.show(*views)

    def show(self, *views: RenderableType) -> None:
        """Print views to stdout for people; with ``--json`` nothing."""
        if not self.as_json:
            for view in views:
                self.out.print(view)

    def write(self, piece: str) -> None:
        """Write a piece of an answer to stdout at once; with ``--json`` nothing."""
        if not self.as_json:
            sys.stdout.write(printable(piece))
            sys.stdout.flush()

    def say(self, message: str) -> None:
        """Write one line for people to stderr."""
        self.err.print(one_line(message))

    @contextmanager
    def working(self, title: str) -> Iterator[None]:
        """Show on stderr that something is under way while the block runs."""
        with working(self.err, title):
            yield

    @contextmanager
    def progress(self, title: str, unit: str = "items") -> Iterator[Progress]:
        """Show on stderr how far the block is; it yields an ``on_progress`` callback (total 0 means unknown)."""
        with progress(self.err, title, unit=unit) as on_progress:
            yield on_progress


def to_plain(value: object) -> object:
    """Turn a record, a time or a path into what JSON can hold.

    Raises:
        TypeError: If the value is of no known kind.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
