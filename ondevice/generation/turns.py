"""Requests from several threads take turns at one context."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import Self

from ondevice.errors import GenerationError

_ASK_EVERY_S = 0.02


class Turn:
    """The right to use the context. A stream keeps it between its pieces, and may be given back from any thread."""

    def __init__(self) -> None:
        """Start free."""
        self._lock = threading.Lock()
        self._owner: int | None = None

    def take(self, is_cancelled: Callable[[], bool] | None = None) -> bool:
        """Wait for the turn; False if the request was cancelled meanwhile.

        Raises:
            GenerationError: If this very thread has it already, since waiting would then never end.
        """
        if self._owner == threading.get_ident():
            gc.collect()  # the stream may be abandoned already, and merely caught in a cycle of references
        if self._owner == threading.get_ident():
            raise GenerationError(
                "a stream of this thread is still open", hint="read it to its end, close it, or put it in a with block"
            )
        if is_cancelled is None:
            self._lock.acquire()
        else:
            while not self._lock.acquire(timeout=_ASK_EVERY_S):
                if is_cancelled():
                    return False
        self._owner = threading.get_ident()
        return True

    def keep(self) -> None:
        """Note that the turn is now used by this thread: a stream may be passed on."""
        self._owner = threading.get_ident()

    def give(self) -> None:
        """Let the next request in."""
        self._owner = None
        self._lock.release()

    def __enter__(self) -> Self:
        """Wait for the turn."""
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the next request in."""
        self.give()
