"""Connections that only read: lent to one thread at a time, and kept for the next."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sqlite3 import Connection

MAX_IDLE = 4


class Loan(NamedTuple):
    """A connection, and which file of the database's it is of."""

    connection: Connection
    generation: int


class Readers:
    """The reading connections of a database. Threads may use it at once."""

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._idle: list[Connection] = []
        self._generation = 0
        self._is_paused = False

    @property
    def is_paused(self) -> bool:
        """Whether whoever wants to read has to wait."""
        return self._is_paused

    def borrow(self, make: Callable[[], Connection], *, anew: bool = False) -> Loan:
        """Lend an idle connection, or a new one, always if ``anew``; waits while the database changes files."""
        with self._changed:
            while self._is_paused:
                self._changed.wait()
            if self._idle and not anew:
                return Loan(self._idle.pop(), self._generation)
            # Made inside the lock, so that the file cannot be replaced meanwhile.
            return Loan(make(), self._generation)

    def give_back(self, loan: Loan) -> None:
        """Keep a connection for the next, unless there are enough, or the database has another file by now."""
        with self._changed:
            if loan.generation == self._generation and len(self._idle) < MAX_IDLE:
                self._idle.append(loan.connection)
                return
        loan.connection.close()

    def pause(self) -> None:
        """Let whoever wants to read wait, until :meth:`resume`."""
        with self._changed:
            self._is_paused = True

    def resume(self) -> None:
        """Let them read on."""
        with self._changed:
            self._is_paused = False
            self._changed.notify_all()

    def close(self) -> None:
        """Close those that are idle, and each of the others when it comes back."""
        with self._changed:
            self._generation += 1
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
