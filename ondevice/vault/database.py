"""The profile's database: one writer, as many readers as there are threads reading.

All changes go through one connection behind a lock that a thread may take again. Reads borrow a connection
that can only read and give it back with all rows fetched, so no reader keeps the write-ahead log from being
emptied. A change is on the medium when its ``writing`` block has ended.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ondevice.errors import OndeviceError, StorageError
from ondevice.vault.cipher import connect, make_database_file, require_database_file, translating

if TYPE_CHECKING:
    from sqlite3 import Connection

MAX_IDLE_READERS = 4


class Database:
    """An open SQLCipher file. Threads may use it at once."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open an existing database.

        Args:
            path: The encrypted file.
            key: Its raw 32-byte key.

        Raises:
            CorruptError: If the file is missing, plain, or does not open with the key.
            CipherUnavailableError: If the library is missing or does not encrypt.
            StorageError: If the disk refuses.
        """
        self._lock = threading.RLock()
        self._pool_lock = threading.Lock()
        self._depth = 0
        self._version = 0
        self._generation = 0
        self._idle: list[Connection] = []
        self._is_closed = False
        self._attach(path, key)

    @classmethod
    def create(cls, path: Path, key: bytes) -> Database:
        """Make a new, empty database that only this user may read.

        Raises:
            StorageError: If there is a file already, or the disk refuses.
            CipherUnavailableError: If the library is missing or does not encrypt.
        """
        make_database_file(path)
        connection = connect(path, key, is_reader=False)
        with translating():
            # Something must be written, or the file stays empty and says nothing about its key.
            connection.execute("PRAGMA user_version = 0")
            connection.execute("CREATE TABLE made (x INTEGER)")
            connection.execute("DROP TABLE made")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
        return cls(path, key)

    @property
    def path(self) -> Path:
        """The encrypted file."""
        return self._path

    @property
    def key(self) -> bytes:
        """The raw key, for reading the pages back."""
        return self._key

    @property
    def version(self) -> int:
        """A number that changes with every change through this object, so that answers can be remembered until then."""
        return self._version

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the write connection inside a transaction that is kept whole or not at all.

        A block inside another joins its transaction.

        Raises:
            ValueError: If the database is closed.
            CorruptError, StorageError: As SQLCipher reports; nothing of the transaction is then kept.
        """
        with self._lock, translating():
            connection = self._open_writer()
            if self._depth:
                self._depth += 1
                try:
                    yield connection
                finally:
                    self._depth -= 1
                return
            connection.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    with suppress(Exception):
                        connection.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0
                self._version += 1

    @contextmanager
    def exclusive(self) -> Iterator[Connection]:
        """Keep all other writers out and give the write connection without a transaction.

        Raises:
            ValueError: If the database is closed, or this thread is inside a transaction.
        """
        with self._lock, translating():
            connection = self._open_writer()
            if self._depth:
                raise ValueError("a transaction is under way in this thread")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection that only reads, and sees what is committed; fetch all rows inside the block.

        Raises:
            ValueError: If the database is closed.
            CorruptError, StorageError: As SQLCipher reports.
        """
        with translating():
            connection, generation = self._borrow()
            try:
                yield connection
            except BaseException:
                # A connection that met a damaged page refuses everything from then on.
                connection.close()
                raise
            with self._pool_lock:
                if generation == self._generation and not self._is_closed and len(self._idle) < MAX_IDLE_READERS:
                    self._idle.append(connection)
                    return
            connection.close()

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the database file and empty it; return whether that was possible."""
        with self.exclusive() as connection:
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            return not busy

    def compact(self) -> None:
        """Rewrite the whole file, so that no page keeps anything of what is gone.

        Raises:
            StorageError: If the disk has no room for a second copy.
        """
        with self.exclusive() as connection:
            connection.execute("VACUUM")

    def size_bytes(self) -> int:
        """Return the size on the disk, the write-ahead log included."""
        files = (self._path, self._path.with_name(self._path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def switch(self, path: Path, key: bytes) -> None:
        """Close this file and go on with another one, for all who hold this object.

        Raises:
            CorruptError: If the other file does not open; this object is then closed.
        """
        with self._lock:
            self.close()
            self._attach(path, key)

    def close(self) -> None:
        """Close every connection; the last one moves the write-ahead log into the file and removes it."""
        with self._lock:
            if self._is_closed:
                return
            with self._pool_lock:
                self._is_closed = True
                self._generation += 1
                idle, self._idle = self._idle, []
            for connection in idle:
                connection.close()
            with suppress(OndeviceError), translating():
                # An error here costs nothing: what is committed is in the log, and the next opening reads it.
                self._writer.close()

    def __repr__(self) -> str:
        """Name the file and hide the key."""
        return f"Database({str(self._path)!r})"

    def _attach(self, path: Path, key: bytes) -> None:
        require_database_file(path)
        self._writer = connect(path, key, is_reader=False)
        self._path = path
        self._key = key
        self._version += 1
        self._is_closed = False

    def _open_writer(self) -> Connection:
        if self._is_closed:
            raise ValueError("the vault is closed")
        return self._writer

    def _borrow(self) -> tuple[Connection, int]:
        with self._pool_lock:
            if self._is_closed:
                raise ValueError("the vault is closed")
            if self._idle:
                return self._idle.pop(), self._generation
            path, key, generation = self._path, self._key, self._generation
        return connect(path, key, is_reader=True), generation


def require_checkpoint(database: Database) -> None:
    """Empty the write-ahead log, or say that a reader is in the way.

    Raises:
        StorageError: If a reader keeps the log in use.
    """
    if not database.checkpoint():
        raise StorageError("a reader keeps the write-ahead log in use", hint="try again when no search is running")
