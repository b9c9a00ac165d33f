"""Who uses a native object without having the turn, so that nobody frees it under them."""

from __future__ import annotations

import threading


class Uses:
    """Counts the blocks that use something; whoever wants to free it waits for them. For blocks that end by themselves.

    Of its own, and not made with ``contextlib``: it is entered several times for each token.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._n = 0
        self.is_ending = False
        """Whether nobody may begin any more."""

    def __enter__(self) -> None:
        """Begin to use it.

        Raises:
            ValueError: If it is being freed.
        """
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
        with self._changed:
            self.is_ending = True
            while self._n:
                self._changed.wait()
