"""The profile's database: one writer, as many readers as there are threads reading.

All changes go through one connection behind a lock that a thread may take again. Reads borrow a connection
that can only read and give it back with all rows fetched, so no reader keeps the write-ahead log from being
emptied. A change is on the medium when its ``writing`` block has ended, and is then counted in the record of commits.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ondevice.errors import OndeviceError, ProfileBusyError, StorageError
from ondevice.safety.confined import Confined
from ondevice.vault.cipher import (
    connect,
    log_bytes,
    make_database_file,
    require_database_file,
    translating,
)
from ondevice.vault.commits import CommitRecord
from ondevice.vault.log import WriteAheadLog
from ondevice.vault.readers import Readers

if TYPE_CHECKING:
    from sqlite3 import Connection


class Database(Confined):
    """An open SQLCipher file. Threads may use it at once."""

    def __init__(
        self,
        path: Path,
        key: bytes,
        *,
        record: CommitRecord | None = None,
        is_read_only: bool = False,
        guard: Callable[[], None] | None = None,
    ) -> None:
        """Open an existing database.

        Args:
            path: The encrypted file.
            key: Its raw 32-byte key.
            record: Where each commit is counted, in the table ``commits`` and beside the database.
            is_read_only: Change no file, and refuse every change.
            guard: Called before each change; raises where nothing may be changed any more.

        Raises:
            CorruptError: If the file is missing, plain, or does not open with the key.
            CipherUnavailableError: If the library is missing or does not encrypt.
            StorageError: If the disk refuses.
        """
        self._lock = threading.RLock()
        self._readers = Readers()
        self._depth = 0
        self._version = 0
        self._is_closed = False
        self._is_given_up = False
        self._is_read_only = is_read_only
        self._frozen_by: int | None = None
        self._guard = guard
        self._path = path
        self._key = key
        self._record = record
        self._attach(path, key, record)

    @classmethod
    def create(
        cls, path: Path, key: bytes, *, record: CommitRecord | None = None, guard: Callable[[], None] | None = None
    ) -> Database:
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
        return cls(path, key, record=record, guard=guard)

    @property
    def path(self) -> Path:
        """The encrypted file."""
        return self._path

    @property
    def key(self) -> bytes:
        """The raw key, for reading the pages back."""
        return self._key

    @property
    def record(self) -> CommitRecord | None:
        """Where commits are counted."""
        return self._record

    @property
    def is_read_only(self) -> bool:
        """Whether every change is refused."""
        return self._is_read_only

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
        self.require_usable()
        with self._lock, translating(self._note_damage):
            connection = self._open_writer()
            if self._depth:
                self._depth += 1
                try:
                    yield connection
                finally:
                    self._depth -= 1
                return
            self.require_writable()
            connection.execute("BEGIN IMMEDIATE")
            self._depth = 1
            before = connection.total_changes
            try:
                yield connection
                number = None if connection.total_changes == before else self._count(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    with suppress(Exception):
                        connection.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0
                self._version += 1
            if number is not None and self._record is not None:
                self._log.is_empty = False
                # The change is kept. A record that lags behind only sees less.
                with suppress(StorageError):
                    self._record.write(number)
            self._log.committed(connection)

    def require_writable(self) -> None:
        """Refuse a change before it is begun.

        Raises:
            StorageError: If the profile is read-only, or may have been taken over by another process.
            ValueError: If this thread makes a copy, and was called back in between.
        """
        self.require_unfrozen()
        if self._is_read_only:
            raise StorageError(
                "the profile lies on a read-only file system, so nothing can be changed",
                hint="copy it to a folder that can be written: ondevice restore",
            )
        self.require_ours()

    def require_ours(self) -> None:
        """Make sure that the profile is open, and still this process's alone.

        Raises:
            ValueError: If it is closed.
            ProfileBusyError: If this process was forked from the one that opened it.
            StorageError: If another process may have got in, or its new key could not be taken up.
        """
        self.require_usable()
        if self._guard is not None:
            self._guard()

    def require_unfrozen(self) -> None:
        """Refuse, with ``ValueError``, what would spoil the copy that this thread makes, and was called back from."""
        if self._frozen_by == threading.get_ident():
            raise ValueError("the profile is being copied, and what changes now would not be in the copy")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Keep all other writers out, and refuse what this thread would change: a copy is made for as long.

        Whoever makes the copy tells an app of the progress, and the app may not know that this is no time to write.
        """
        with self.exclusive():
            before, self._frozen_by = self._frozen_by, threading.get_ident()
            try:
                yield
            finally:
                self._frozen_by = before

    @contextmanager
    def exclusive(self) -> Iterator[Connection]:
        """Keep all other writers out and give the write connection without a transaction.

        Raises:
            ValueError: If the database is closed, or this thread is inside a transaction.
        """
        self.require_usable()
        with self._lock, translating(self._note_damage):
            connection = self._open_writer()
            if self._depth:
                raise ValueError("a transaction is under way in this thread")
            yield connection

    @contextmanager
    def reading(self, *, anew: bool = False) -> Iterator[Connection]:
        """Lend a connection that only reads, and sees what is committed; fetch all rows inside the block.

        Args:
            anew: Make one that has read nothing yet.

        Raises:
            ValueError: If the database is closed.
            CorruptError, StorageError: As SQLCipher reports.
        """
        with translating(self._note_damage):
            self.require_usable()
            loan = self._readers.borrow(self._make_reader, anew=anew)
            try:
                yield loan.connection
            except BaseException as error:
                # A connection that met a damaged page refuses everything from then on.
                if not isinstance(error, OndeviceError | ValueError | TypeError) or loan.connection.in_transaction:
                    loan.connection.close()
                else:
                    self._readers.give_back(loan)
                raise
            self._readers.give_back(loan)

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the database file and empty it; return whether that was possible."""
        with self.exclusive() as connection:
            if self._is_read_only:
                return log_bytes(self._path) == 0
            return self._log.empty(connection)

    def compact(self) -> None:
        """Rewrite the whole file, so that no page keeps anything of what is gone.

        Raises:
            StorageError: If the disk has no room for a second copy.
        """
        with self.exclusive() as connection:
            self.require_writable()
            connection.execute("VACUUM")

    def size_bytes(self) -> int:
        """Return the size on the disk, the write-ahead log included."""
        return self._path.stat().st_size + log_bytes(self._path)

    def switch(self, path: Path, key: bytes, record: CommitRecord | None = None) -> None:
        """Close this file and go on with another one, for all who hold this object; readers wait meanwhile.

        Raises:
            CorruptError: If the other file does not open; this object is then closed.
        """
        with self._lock:
            self._readers.pause()
            try:
                self.close()
                self._attach(path, key, record)
            except BaseException:
                self.give_up()
                raise
            finally:
                self._readers.resume()

    def give_up(self) -> None:
        """Close for good: the file is not the profile's any more, and the one that is could not be opened."""
        self._is_given_up = True
        self.close()

    def close(self, *, keeps_log: bool = False) -> None:
        """Close every connection; the last one moves the write-ahead log into the file and removes it.

        Where damage was met, or ``keeps_log`` asks for it, the log stays where it is: the right file may come back.
        A process that was forked with the database open closes nothing: the files are its parent's.
        """
        if self._is_forked:
            # Not even a lock is waited for: the thread that held it is not in this process.
            self._is_closed = True
            return
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            keeper = self._keeper() if keeps_log or self._is_damaged else None
            self._readers.close()
            with suppress(OndeviceError), translating():
                # An error here costs nothing: what is committed is in the log, and the next opening reads it.
                self._writer.close()
            if keeper is not None:
                keeper.close()

    def _keeper(self) -> Connection | None:
        """Return a connection that keeps the log where it is when all others are closed.

        SQLite moves the log when the last connection closes, and one that may change nothing cannot.
        """
        with suppress(OndeviceError):
            return connect(self._path, self._key, is_reader=True, changes_nothing=True)
        return None

    def __repr__(self) -> str:
        """Name the file and hide the key."""
        return f"Database({str(self._path)!r})"

    def _attach(self, path: Path, key: bytes, record: CommitRecord | None) -> None:
        require_database_file(path)
        self._log = WriteAheadLog(path)
        self._is_damaged = False
        self._owner = os.getpid()
        self._writer = connect(path, key, is_reader=self._is_read_only, changes_nothing=self._is_read_only)
        self._path = path
        self._key = key
        self._record = record
        self._version += 1
        self._is_closed = False

    def _note_damage(self) -> None:
        self._is_damaged = True

    @property
    def _is_forked(self) -> bool:
        return self._owner != os.getpid()

    def _count(self, connection: Connection) -> int | None:
        """Count this commit in the database, and return its number."""
        if self._record is None:
            return None
        # Whether the file under a log is the one that the log was begun on shows in what it counts itself.
        in_file = "number" if self._log.is_empty else "in_file"
        sql = f"UPDATE commits SET in_file = {in_file}, number = number + 1 RETURNING number"
        return int(connection.execute(sql).fetchall()[0][0])

    def _open_writer(self) -> Connection:
        if self._is_closed:
            raise self._closed()
        return self._writer

    def _closed(self) -> Exception:
        if self._is_given_up:
            return StorageError(
                "the profile has a new key, and could not be opened with it", hint="close it and open it again"
            )
        return ValueError("the vault is closed")

    def require_usable(self) -> None:
        """Make sure that the database is open, and in this process.

        Raises:
            ValueError: If it is closed.
            ProfileBusyError: If this process was forked from the one that opened it.
        """
        if self._is_closed and not self._readers.is_paused:
            raise self._closed()
        # SQLite's connections and locks must not be carried over a fork.
        if self._is_forked:
            raise ProfileBusyError(
                "the profile was opened before this process was forked",
                hint="close it before the fork, and open it in the process that uses it",
            )

    def _make_reader(self) -> Connection:
        self.require_usable()
        return connect(self._path, self._key, is_reader=True, changes_nothing=self._is_read_only)
