"""How far long work has come, on stderr: a bar where someone watches, otherwise a plain line now and then.

Logs, pipes and build servers get whole lines of plain text: the first after ten seconds, then one for each tenth of the
work or each minute, whichever comes first. Short work says nothing there.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bar
from rich.text import Text

from ondevice.safety.printable import one_line
from ondevice.signals import Progress

BYTES = "bytes"
"""The unit that is shown in megabytes."""

AT_MOST_EVERY_S = 10.0
AT_LEAST_EVERY_S = 60.0
SHARE = 0.1
_LOOK_EVERY_S = 1.0
_FOUND_WITHIN_S = 1.0


def is_watched(console: Console) -> bool:
    """Return whether a bar can move: on a terminal that allows it, not in a pipe for which colours are forced."""
    return console.is_interactive and not console.is_dumb_terminal and console.file.isatty()


@contextmanager
def progress(console: Console, title: str | Callable[[], str], *, unit: str = "items") -> Iterator[Progress]:
    """Show how far the block has come; it yields an ``on_progress`` callback (total 0 means unknown).

    Args:
        console: One of stderr.
        title: What is going on, or a function that says it anew each time.
        unit: What is counted, in the plural; ``bytes`` are shown in megabytes.
    """
    titled = title if callable(title) else lambda: title
    if not is_watched(console):
        with _lines(console.file, titled, unit) as on_progress:
            yield on_progress
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), *_amount_columns(unit))
    with Bar(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(one_line(titled()), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None, description=one_line(titled()))


@contextmanager
def working(console: Console, title: str) -> Iterator[None]:
    """Show that something whose parts cannot be counted is under way while the block runs."""
    if is_watched(console):
        with console.status(Text(one_line(title))):
            yield
        return
    with _lines(console.file, lambda: title, ""):
        yield


class Lines:
    """Lines about one piece of work, and when the next one is due."""

    def __init__(
        self,
        title: Callable[[], str],
        unit: str,
        write: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin to count the time; nothing is written before the first line is due."""
        self._title, self._unit, self._write, self._clock = title, unit, write, clock
        self._lock = threading.Lock()
        self._began = self._written = self._from = clock()
        self._done_before = self._done = self._total = 0
        self._share_written = 0.0
        self._n_written = 0

    def on_progress(self, done: int, total: int) -> None:
        """Take down how far the work is, and write a line if one is due."""
        with self._lock:
            now = self._clock()
            # What is there at once was found, not made, as of a broken download; nothing can be told from its speed.
            if now - self._began < _FOUND_WITHIN_S or done < self._done_before:
                self._from, self._done_before = now, done
            self._done, self._total = done, total
            self._write_if_due(now)

    def look(self) -> None:
        """Write a line if one is due, though nothing may have come forward."""
        with self._lock:
            self._write_if_due(self._clock())

    def end(self) -> None:
        """Say that the work is done, where anything was said of it."""
        with self._lock:
            if self._n_written:
                self._write(f"{self._said(('done',))} in {spoken_time(self._clock() - self._began)}")

    def _write_if_due(self, now: float) -> None:
        since = now - self._written
        share = self._done / self._total if self._total else 0.0
        has_moved = abs(share - self._share_written) >= SHARE or not self._n_written
        if since < AT_MOST_EVERY_S or not (has_moved or since >= AT_LEAST_EVERY_S):
            return
        spent = [f"{spoken_time(now - self._began)} so far"]
        if left := self._seconds_left(now):
            spent.append(f"about {spoken_time(left)} left")
        self._write(self._said(spent))
        self._written, self._share_written = now, share
        self._n_written += 1

    def _said(self, more: tuple[str, ...] | list[str]) -> str:
        amount = spoken_amount(self._done, self._total, self._unit)
        return f"{self._title()}: {', '.join([*([amount] if amount else []), *more])}"

    def _seconds_left(self, now: float) -> float:
        made, spent = self._done - self._done_before, now - self._from
        return spent * max(0, self._total - self._done) / made if made > 0 and spent > 0 else 0.0


def spoken_time(seconds: float) -> str:
    """Return a time as minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def spoken_amount(done: int, total: int, unit: str) -> str:
    """Return how much is done, of how much if that is known; empty where nothing was counted."""
    if not done and not total:
        return ""
    name = f" {unit}" if unit else ""
    if unit == BYTES:
        made, all_of_it, name = f"{done / 1e6:,.1f}", f"{total / 1e6:,.1f}", " MB"
    else:
        made, all_of_it = f"{done:,}", f"{total:,}"
    return f"{made} of {all_of_it}{name} ({100 * done // total} %)" if total else f"{made}{name}"


def _let_drain(stream: IO[str]) -> None:
    """Let go nowhere what a stream holds and nobody reads: Python fails at the end if that cannot be written."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextmanager
def _lines(stream: IO[str], title: Callable[[], str], unit: str) -> Iterator[Progress]:
    """Write lines to a stream while the block runs, also when it reports nothing for a long time."""

    def write(line: str) -> None:
        try:
            stream.write(one_line(line) + "\n")
            stream.flush()
        except BrokenPipeError:  # nobody reads any more: no reason to end the work, nor to fail at its end
            _let_drain(stream)
        except (OSError, ValueError):
            pass

    lines, over = Lines(title, unit, write), threading.Event()

    def keep_looking() -> None:
        while not over.wait(_LOOK_EVERY_S):
            lines.look()

    looking = threading.Thread(target=keep_looking, name="progress", daemon=True)
    looking.start()
    try:
        yield lines.on_progress
    finally:
        over.set()
        looking.join()
    lines.end()


def _amount_columns(unit: str) -> tuple[ProgressColumn, ...]:
    if unit == BYTES:
        return DownloadColumn(), TransferSpeedColumn()
    return MofNCompleteColumn(), TextColumn(unit, markup=False)
