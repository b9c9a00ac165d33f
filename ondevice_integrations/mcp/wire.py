"""The standard streams as the protocol's own: nothing else in the process reads or writes them.

Libraries print, native code below Python too, and a child would inherit the streams. One foreign byte on stdout ends a
host's session. So the protocol gets private copies, and descriptors 0 and 1 lead nowhere for the rest of the process's
life. What was printed must not reach stderr either: hosts keep it in readable files.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import BufferedReader
from typing import TextIO

MAX_MESSAGE_BYTES = 16 << 20


class Wire:
    """Both directions of the protocol, taken from the process when this is made.

    Attributes:
        sink: Where messages go.
        has_overflowed: Whether a message was longer than :data:`MAX_MESSAGE_BYTES`; nothing is read after it.
    """

    def __init__(self) -> None:
        """Take the streams; whoever prints from now on prints to nowhere."""
        sys.stdout.flush()
        self._source: BufferedReader = os.fdopen(_taken(0, os.O_RDONLY), "rb")
        self.sink: TextIO = os.fdopen(_taken(1, os.O_WRONLY), "w", encoding="utf-8", newline="\n")
        self.has_overflowed = False

    def read_line(self) -> str:
        """Wait for a message and return its line; nothing at the end of the stream."""
        line = b"" if self.has_overflowed else self._source.readline(MAX_MESSAGE_BYTES + 1)
        if len(line) > MAX_MESSAGE_BYTES:
            self.has_overflowed = True
            return ""
        return line.decode("utf-8", errors="replace")

    def close(self) -> None:
        """Let go of both directions, where nobody waits for a message any more."""
        with suppress(OSError):  # the host has hung up, and what it has not read is lost
            self.sink.close()
        self._source.close()


def _taken(descriptor: int, mode: int) -> int:
    """Return a private copy of a standard stream, and let the stream lead nowhere."""
    copy = os.dup(descriptor)
    nowhere = os.open(os.devnull, mode)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return copy
