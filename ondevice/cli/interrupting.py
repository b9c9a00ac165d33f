"""Ctrl-C as a wish: what goes on ends in good order, and a second one ends the program."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interrupt_asks() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C set what the block asks, instead of ending the program while it runs; a second one ends it."""
    wanted = threading.Event()

    def ask(*_: object) -> None:
        if wanted.is_set():
            raise KeyboardInterrupt
        wanted.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield wanted.is_set
    finally:
        signal.signal(signal.SIGINT, before)
