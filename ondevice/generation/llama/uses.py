"""Who uses a native object without having the turn, so that nobody frees it under them."""

from __future__ import annotations

import threading

from ondevice.errors import GenerationError
from ondevice.safety.forks import Origin


class Uses:
    """Counts the blocks that use something; whoever wants to free it waits for them. For blocks that end by themselves.

    Of its own, and not made with ``contextlib``: it is entered several times for each token.
    """

    def __init__(self) -> None:
        self._origin = Origin()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._n = 0
        self.is_ending = False
        """Whether nobody may begin any more."""

    def __enter__(self) -> None:
        """Begin to use it.

        Raises:
            GenerationError: If it was loaded before this process was forked.
            ValueError: If it is being freed.
        """
        refuse_inherited(self._origin)
        with self._lock:
            if self.is_ending:
                raise ValueError("the model is closed")
            self._n += 1

    def __exit__(self, *_: object) -> None:
        """Have used it."""
        with self._lock:
            self._n -= 1
            if self.is_ending:
                self._changed.notify_all()

    def end(self) -> None:
        """Let nobody begin any more, and wait until nobody uses it."""
        if not self._origin.is_here:
            return  # those who used it at the fork are in the other process
        with self._changed:
            self.is_ending = True
            while self._n:
                self._changed.wait()


def refuse_inherited(origin: Origin) -> None:
    """Refuse to work with what was loaded before this process was forked.

    Raises:
        GenerationError: Then.
    """
    if not origin.is_here:
        raise GenerationError(
            "the language model was loaded before this process was forked, and cannot be used in it",
            hint="open the profile after the fork, or start the process anew (spawn)",
        )
