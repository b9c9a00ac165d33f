"""llama.cpp's own log, kept off the terminal and out of every file.

llama.cpp writes to stderr, and some of its lines quote what it was given. The log is process-wide, so it
is silenced once, when this module loads. Only while a *file* is being loaded, before any text of
the user's is near, are its lines kept, to tell why the load failed.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ondevice.generation.llama.native import lib

_ERROR_LEVELS = frozenset({3, 4})  # ggml.h: warning, error
_heard = threading.local()


@lib.llama_log_callback  # type: ignore[untyped-decorator]
def _receive(level: int, text: bytes | None, _user_data: object) -> None:
    lines: list[str] | None = getattr(_heard, "lines", None)
    if lines is not None and level in _ERROR_LEVELS:
        lines.append((text or b"").decode("utf-8", "replace"))


lib.llama_log_set(_receive, ctypes.c_void_p(0))


@contextmanager
def listening() -> Iterator[list[str]]:
    """Collect the warnings and errors that this thread's calls log; only for calls that see no user text."""
    lines: list[str] = []
    _heard.lines = lines
    try:
        yield lines
    finally:
        _heard.lines = None
