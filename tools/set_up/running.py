"""Running another program while its output is kept in a log and read line by line."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

LAST_LINES = 40
_TICK_S = 0.25
_PATIENCE_S = 15.0


class StepFailedError(Exception):
    """A step that did not come to its end, what was said last, and what may help."""

    def __init__(self, message: str, *, lines: Sequence[str] = (), hint: str) -> None:
        """Keep the sentence, the last lines and the remedy apart."""
        super().__init__(message)
        self.lines = lines
        self.hint = hint


def run_logged(
    command: Sequence[str | Path],
    log: Path | None,
    *,
    on_line: Callable[[str], None],
    on_tick: Callable[[], None],
    environment: Mapping[str, str] | None = None,
) -> tuple[int, list[str]]:
    """Run a program, append all that it says to the log, and return its exit code and its last lines.

    Args:
        command: The program and its arguments.
        log: A file that grows, if any.
        on_line: Told every line without its end.
        on_tick: Called some times a second, also while the program says nothing.
        environment: More variables for the program.
    """
    env = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
    words = [str(part) for part in command]
    last: deque[str] = deque(maxlen=LAST_LINES)
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    with log.open("a", buffering=1, encoding="utf-8") if log else nullcontext() as kept, subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env,
        text=True, encoding="utf-8", errors="replace",
    ) as process:  # fmt: skip
        threading.Thread(target=_pass_on, args=(process.stdout, lines), daemon=True).start()
        try:
            _keep(f"$ {' '.join(words)}", kept)
            while True:
                on_tick()
                try:
                    line = lines.get(timeout=_TICK_S)
                except queue.Empty:
                    continue
                if line is None:
                    break
                _keep(line, kept)
                last.append(line)
                on_line(line)
        except BaseException:
            _end(process)
            raise
    return process.returncode, list(last)


def _keep(line: str, log: TextIO | None) -> None:
    if log is not None:
        log.write(f"{line}\n")


def _end(process: subprocess.Popen[str]) -> None:
    """Let the program tidy up, which Ctrl-C has reached too, before it is ended."""
    try:
        process.wait(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.terminate()


def _pass_on(stream: TextIO, lines: queue.SimpleQueue[str | None]) -> None:
    for line in stream:
        lines.put(line.rstrip("\n"))
    lines.put(None)
