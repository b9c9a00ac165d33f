"""What a process made by ``os.fork`` inherits: memory, but no threads, and locks as they stood at that moment.

A runtime whose threads are missing waits for them for ever, and so does whoever waits for a lock that one of them held.
So what was loaded before a fork is used in the process that loaded it, and in the other one only let go.
"""

from __future__ import annotations

import ctypes
import os


class Origin:
    """The process in which something was made."""

    __slots__ = ("_process",)

    def __init__(self) -> None:
        self._process = os.getpid()

    @property
    def is_here(self) -> bool:
        """Whether this is still that process."""
        return self._process == os.getpid()


def keep_for_ever(thing: object) -> None:
    """Let an object never be freed, not even when the process ends, because freeing it would wait for its threads."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))
