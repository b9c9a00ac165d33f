"""What tests of command lines share: a command's result, secrets on descriptors, and a terminal of its own."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


Run = Callable[..., Ran]


def descriptor(text: str) -> str:
    """Return the number of a readable descriptor that holds ``text``."""
    reader, writer = os.pipe()
    os.write(writer, text.encode())
    os.close(writer)
    return str(reader)


def on_terminal(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, cwd: Path | None = None
) -> tuple[int, str]:
    """Run a command whose streams are all one terminal; return its exit code and all that was sent there."""
    terminal, streams = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100", **(environment or {})}
    for name in ("NO_COLOR", "TTY_INTERACTIVE"):
        env.pop(name, None)
    process = subprocess.Popen(
        command, stdin=streams, stdout=streams, stderr=streams, env=env, cwd=cwd, start_new_session=True
    )
    os.close(streams)
    shown = b""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # Linux says so when the last writer has gone
            break
        if not chunk:
            break
        shown += chunk
    os.close(terminal)
    return process.wait(timeout=60), shown.decode(errors="replace")
