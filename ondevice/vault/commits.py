"""How far a database had come: the number of its last commit, kept beside it under a MAC.

SQLite takes a write-ahead log for what it finds in it, and ends silently where a frame does not fit. So a log that was
cut, changed or removed takes committed changes back, and the file is whole without them. Each commit therefore counts
up a number inside the database, and then writes the same number here. At the next opening the database may be further
than this record, because a crash can come between the two, but never behind it.

The record is overwritten in place and not flushed: it lies in one disk sector, and is on the medium soon after the
commit that it tells of, never before. After a power cut it may be some seconds old, and what was taken from the log
of those seconds is not seen.
"""

from __future__ import annotations

import hmac
import os
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import Self

from ondevice.errors import CorruptError, OndeviceError, VersionError
from ondevice.vault.files import read_bounded, write_all, write_atomic
from ondevice.vault.kdf import ProfileKey

MAGIC = b"ODCOMMIT"
FORMAT = 1
COPY_ID_BYTES = 16
_TAG_BYTES = 32
_HEAD = MAGIC + bytes([FORMAT])
RECORD_BYTES = len(_HEAD) + COPY_ID_BYTES + 8 + _TAG_BYTES

_OPEN = os.O_RDWR | sum(getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"))


@dataclass(frozen=True, slots=True)
class Commits:
    """What a record says.

    Args:
        copy_id: 16 random bytes of this copy of the profile; a restored one has others.
        number: The last commit.
    """

    copy_id: bytes
    number: int


class CommitRecord:
    """The record of one epoch. Threads may use it at once."""

    def __init__(self, path: Path, profile_key: ProfileKey, profile_id: str, epoch: int) -> None:
        """Name the file; only a key derived from the profile's is kept."""
        self._path = path
        self._key = profile_key.derive("commits")
        self._place = f"{profile_id}/{epoch}".encode("ascii")
        self._copy_id = bytes(COPY_ID_BYTES)
        self._known: int | None = None
        self._lock = threading.Lock()

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._path

    @property
    def copy_id(self) -> bytes:
        """The id of this copy of the profile, once the record was made or read."""
        return self._copy_id

    @property
    def known(self) -> int | None:
        """The number that was read last, or written whole; ``None`` before."""
        return self._known

    def create(self, number: int, *, copy_id: bytes | None = None) -> Self:
        """Write the record whole and flushed, in place of one that is there; a new copy of the profile draws its id.

        Raises:
            StorageError: If the disk refuses.
        """
        self._copy_id = secrets.token_bytes(COPY_ID_BYTES) if copy_id is None else copy_id
        write_atomic(self._path, self._packed(number))
        self._known = number
        return self

    def read(self) -> Commits:
        """Return what the record says.

        Raises:
            NotFoundError: If there is none.
            CorruptError: If it was changed, or belongs to another profile or epoch.
            VersionError: If its format is newer.
            StorageError: If the operating system refuses.
        """
        data = read_bounded(self._path, RECORD_BYTES)
        if data[: len(MAGIC)] == MAGIC and data[len(MAGIC) : len(_HEAD)] > bytes([FORMAT]):
            raise VersionError(f"{self._path.name} is written in a newer format", hint="update ondevice-sdk")
        if len(data) != RECORD_BYTES or not hmac.compare_digest(self._tag(data[:-_TAG_BYTES]), data[-_TAG_BYTES:]):
            raise CorruptError(f"{self._path.name} was changed, or belongs to another profile or epoch")
        commits = _parsed(data)
        self._copy_id, self._known = commits.copy_id, commits.number
        return commits

    def write(self, number: int) -> None:
        """Overwrite the number, or write a new record where the file is not one any more.

        Raises:
            StorageError: If the operating system refuses.
        """
        with self._lock:
            try:
                descriptor = os.open(self._path, _OPEN)
                try:
                    # Asked without looking at the file's times: systems that have just been asked for those write
                    # them anew with the next change, and every commit would wait for that.
                    if os.lseek(descriptor, 0, os.SEEK_END) == RECORD_BYTES:
                        os.lseek(descriptor, 0, os.SEEK_SET)
                        write_all(descriptor, (self._packed(number),))
                        return
                finally:
                    os.close(descriptor)
            except OSError:
                pass
            write_atomic(self._path, self._packed(number))

    def __repr__(self) -> str:
        """Name the file and hide the key."""
        return f"CommitRecord({str(self._path)!r})"

    def _packed(self, number: int) -> bytes:
        body = _HEAD + self._copy_id + number.to_bytes(8, "big")
        return body + self._tag(body)

    def _tag(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body + self._place, "sha256")


def last_commit(connection: Connection) -> int:
    """Return the number of the last commit that a database holds."""
    return int(connection.execute("SELECT number FROM commits").fetchone()[0])


def claimed_copy_id(path: Path) -> bytes | None:
    """Return the copy's id that a record claims, without a key to prove it; ``None`` if there is no such record."""
    claimed = _claimed(path)
    return None if claimed is None else claimed.copy_id


def claimed_number(path: Path) -> int | None:
    """Return the number that a record claims, without a key to prove it; ``None`` if there is no such record."""
    claimed = _claimed(path)
    return None if claimed is None else claimed.number


def _claimed(path: Path) -> Commits | None:
    with suppress(OndeviceError):
        data = read_bounded(path, RECORD_BYTES)
        if len(data) == RECORD_BYTES and data.startswith(_HEAD):
            return _parsed(data)
    return None


def _parsed(data: bytes) -> Commits:
    number = int.from_bytes(data[-_TAG_BYTES - 8 : -_TAG_BYTES], "big")
    return Commits(data[len(_HEAD) : len(_HEAD) + COPY_ID_BYTES], number)
