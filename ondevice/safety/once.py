"""Things that are made when they are first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Generic, TypeVar

T = TypeVar("T")


class OnceEach(Generic[T]):
    """Things by name, each made once, by whichever thread asks first; nobody waits for one he has not asked for."""

    def __init__(self) -> None:
        self._made: dict[str, T] = {}
        self._making: dict[str, threading.RLock] = {}
        self._lock = threading.Lock()

    def get(self, name: str, make: Callable[[], T]) -> T:
        """Return what has this name, making it at the first call; what ``make`` raises is raised, and tried again."""
        found = self._made.get(name)
        if found is not None:
            return found
        with self._of(name):
            if name not in self._made:
                self._made[name] = make()
            return self._made[name]

    def made(self) -> list[T]:
        """Return what there is."""
        return [*self._made.values()]

    def take_all(self) -> list[T]:
        """Remove and return everything, once what is being made is there."""
        with self._lock:
            locks = [*self._making.values()]
        with ExitStack() as stack:
            for lock in locks:
                stack.enter_context(lock)
            taken = [*self._made.values()]
            self._made.clear()
        return taken

    def _of(self, name: str) -> threading.RLock:
        with self._lock:
            return self._making.setdefault(name, threading.RLock())
