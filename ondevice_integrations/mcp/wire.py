"""The standard streams as the protocol's own: nothing else in the process reads or writes them.

Libraries print, native code below Python too, and a child would inherit the streams. One foreign byte on stdout ends a
host's session. So the protocol gets private copies, and descriptors 0 and 1 lead nowhere for the rest of the process's
life. What was printed must not reach stderr either: hosts keep it in readable files.
"""

from __future__ import annotations

import io
import os
import sys

import anyio
from anyio import to_thread

MAX_MESSAGE_BYTES = 16 << 20


class Lines(anyio.AsyncFile[str]):
    """The messages of the other side, a line each; it ends with the stream, or where a message is too long.

    Attributes:
        has_overflowed: Whether a message was longer than :data:`MAX_MESSAGE_BYTES`.
    """

    def __init__(self, source: io.BufferedReader) -> None:
        """Read from a stream that blocks."""
        super().__init__(io.TextIOWrapper(source, encoding="utf-8"))
        self._source = source
        self.has_overflowed = False

    async def readline(self) -> str:
        """Wait for a line in a thread, which is left behind when the program ends: it cannot be woken."""
        return await to_thread.run_sync(self._read, abandon_on_cancel=True)

    def _read(self) -> str:
        line = self._source.readline(MAX_MESSAGE_BYTES + 1)
        if len(line) > MAX_MESSAGE_BYTES:
            self.has_overflowed = True
            return ""
        return line.decode("utf-8", errors="replace")


class Wire:
    """Both directions of the protocol, taken from the process when this is made.

    Attributes:
        lines: What arrives.
        out: What is sent.
    """

    def __init__(self) -> None:
        """Take the streams; whoever prints from now on prints to nowhere."""
        sys.stdout.flush()
        self.lines = Lines(os.fdopen(_taken(0, os.O_RDONLY), "rb"))
        self.out = anyio.wrap_file(os.fdopen(_taken(1, os.O_WRONLY), "w", encoding="utf-8", newline="\n"))


def _taken(descriptor: int, mode: int) -> int:
    """Return a private copy of a standard stream, and let the stream lead nowhere."""
    copy = os.dup(descriptor)
    nowhere = os.open(os.devnull, mode)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return copy
