"""When the write-ahead log goes into the database file, and what the file then holds.

SQLite would decide that by itself, and nobody would know which commits the file holds without its log. An opening
needs to know, or an older file could be put under the log.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ondevice.vault.cipher import BUSY_TIMEOUT_S, log_bytes

if TYPE_CHECKING:
    from sqlite3 import Connection

MAX_LOG_BYTES = 4 * 1024 * 1024
MAX_LOG_COMMITS = 64
_LOOKS_EVERY = 16


class WriteAheadLog:
    """The log of one database; for the holder of its write connection."""

    def __init__(self, database: Path) -> None:
        """Look whether there is one already."""
        self._database = database
        self._n_commits = 0
        self._floor = 0
        self.is_empty = log_bytes(database) == 0
        """Whether the file alone holds every commit."""

    def committed(self, connection: Connection) -> None:
        """Count a commit; after so many, or so much growth, move the log into the file, unless a reader is using it."""
        self._n_commits += 1
        if self._n_commits > MAX_LOG_COMMITS or (self._n_commits % _LOOKS_EVERY == 0 and self._has_grown()):
            # Kept at its size: overwriting it costs less than letting it grow again.
            self._move(connection, "RESTART", patience_s=0)

    def empty(self, connection: Connection) -> bool:
        """Move the log into the file and empty it; say whether no reader was in the way for too long."""
        return self._move(connection, "TRUNCATE", patience_s=BUSY_TIMEOUT_S)

    def _has_grown(self) -> bool:
        """Whether the log is long. Asked now and then: a file that was just asked about takes longer to write."""
        return log_bytes(self._database) > self._floor + MAX_LOG_BYTES

    def _move(self, connection: Connection, how: str, *, patience_s: float) -> bool:
        connection.execute(f"PRAGMA busy_timeout = {int(1000 * patience_s)}")
        try:
            is_busy = connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()[0]
        finally:
            connection.execute(f"PRAGMA busy_timeout = {int(1000 * BUSY_TIMEOUT_S)}")
        if not is_busy:
            self._n_commits, self._floor, self.is_empty = 0, log_bytes(self._database), True
        return not is_busy
