"""What a command shows: one document or a rich view on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

# Everything that could steer a terminal, but for tab and line end: an imported mail must not be able to.
_CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(9), *range(11, 32), *range(127, 160))}


class Output:
    """The two streams of a command: the result goes to stdout, messages and progress to stderr."""

    def __init__(self, *, as_json: bool) -> None:
        """Choose between a JSON document and a view for people."""
        self.as_json = as_json
        self.out = Console(soft_wrap=False, highlight=False)
        self.err = Console(stderr=True, highlight=False)

    def result(self, document: Mapping[str, Any], *views: RenderableType) -> None:
        """Write the command's result: the document with ``--json``, otherwise the views."""
        if self.as_json:
            sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=to_plain) + "\n")
            sys.stdout.flush()
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
        """Write one line for people to stderr, as it stands (no markup)."""
        self.err.print(message, markup=False)

    @contextmanager
    def working(self, title: str) -> Iterator[None]:
        """Show on stderr that something is under way while the block runs."""
        with self.err.status(title):
            yield

    @contextmanager
    def progress(self, title: str, unit: str = "items") -> Iterator[Callable[[int, int], None]]:
        """Draw a bar on stderr while the block runs; it yields an ``on_progress`` callback (total 0 means unknown)."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(unit),
        )
        with Progress(*columns, TimeRemainingColumn(), console=self.err, transient=True) as bar:
            task = bar.add_task(title, total=None)

            def on_progress(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total or None)

            yield on_progress


def printable(text: str) -> str:
    """Return the text with control characters replaced, so that it can do nothing but be read."""
    return text.translate(_CONTROLS)


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
