"""Whether changes that were kept have been taken away since, by whatever happened to the files.

Both answers to "what is there" are looked at without changing a byte: the database with its write-ahead log, and the
file alone. SQLite would play back whatever log it finds, move it into the file, and delete it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ondevice.errors import CorruptError, NotFoundError
from ondevice.vault.cipher import connect, log_of, translating
from ondevice.vault.commits import CommitRecord, last_commit
from ondevice.vault.database import Database
from ondevice.vault.files import remove_file
from ondevice.vault.migrations import is_counting
from ondevice.vault.witness import Witness

if TYPE_CHECKING:
    from sqlite3 import Connection

HINT = (
    "put its files back as they were, restore a backup, or open what is left: accept_loss=True, "
    "or ondevice doctor --accept-loss"
)


class Loss(NamedTuple):
    """What is wrong, how many commits are missing, and whether the log must be left out to go on."""

    reason: str
    missing: int
    leaves_log_out: bool = False

    def error(self) -> CorruptError:
        """Return what an opening raises that does not accept this."""
        return CorruptError(self.reason, hint=HINT)


def counted(database: Database) -> int | None:
    """Return the number of the last commit, or ``None`` in a database of a release that did not count."""
    with database.exclusive() as connection:
        return last_commit(connection) if is_counting(connection) else None


def loss_in_log(place: Path, key: bytes, record: CommitRecord) -> Loss | None:
    """Judge a database that has a write-ahead log; ``None`` if the log belongs to it and holds what was kept.

    Args:
        place: The database.
        key: Its key.
        record: The record of its commits; one that cannot be read is judged later, by :func:`loss_in_number`.
    """
    recorded = _recorded(record)
    alone = _read(place, key, without_log=True)
    whole = _read(place, key)
    # A page of the file that a power cut tore while the log was moved lies in the log, and says nothing here.
    is_on_its_file = whole is not None and (alone is None or alone.number >= whole.in_file)
    if whole is not None and is_on_its_file and whole.number >= recorded:
        return None
    if alone is not None and alone.number >= recorded > 0:
        return Loss("a write-ahead log that is not the profile's lies beside its database", 0, leaves_log_out=True)
    if whole is not None and is_on_its_file:
        return _missing(recorded - whole.number)
    reason = "the profile's write-ahead log does not belong to its database: one of them is an older or another copy"
    return Loss(reason, max(1, recorded - (alone.number if alone else 0)), leaves_log_out=True)


def loss_in_number(record: CommitRecord, found: int | None, witness: Witness | None = None) -> Loss | None:
    """Compare a database with its record, and with what the system's keystore knows; ``None`` if nothing is missing.

    Args:
        record: The record beside the database.
        found: The database's last commit; ``None`` where none are counted.
        witness: The keystore.
    """
    try:
        recorded = record.read().number
    except NotFoundError:
        if found is None:
            return None
        return Loss(f"the profile has lost its record {record.path.name}", 1)
    except CorruptError as error:
        return Loss(error.message, 1)
    # A record beside a database that does not count was made by an interrupted migration, and is at zero.
    if recorded > (found or 0):
        return _missing(recorded - (found or 0))
    if witness is not None and found is not None and (n_missing := witness.n_missing(found)):
        return Loss(
            f"the profile is {n_missing} changes older than this system's keystore knows it: an older copy of it was "
            "put in its place",
            n_missing,
        )
    return None


def leave_log_out(place: Path) -> None:
    """Remove a log that does not belong to its database, with its index.

    Raises:
        StorageError: If the operating system refuses.
    """
    for file in (log_of(place), place.with_name(f"{place.name}-shm")):
        remove_file(file)


def renew(record: CommitRecord, found: int) -> None:
    """Write the record anew where it says something else: after a crash, or an accepted loss.

    Raises:
        StorageError: If the disk refuses.
    """
    if record.known == found:
        return
    try:
        recorded = record.read().number
    except (CorruptError, NotFoundError):
        record.create(found)
    else:
        if recorded != found:
            record.create(found, copy_id=record.copy_id)


class _Counts(NamedTuple):
    number: int
    in_file: int


def _missing(count: int) -> Loss:
    return Loss(
        f"the last {count} changes of the profile are missing: its write-ahead log was cut, changed or removed, or an "
        "older copy of its database was put in place",
        count,
    )


def _recorded(record: CommitRecord) -> int:
    try:
        return record.read().number
    except (CorruptError, NotFoundError):
        return 0


def _read(place: Path, key: bytes, *, without_log: bool = False) -> _Counts | None:
    """Return what a database counts, with its log or as the file is alone; ``None`` if that cannot be read."""
    try:
        with translating():
            connection = connect(place, key, is_reader=True, changes_nothing=True, without_log=without_log)
            try:
                return _counts(connection)
            finally:
                connection.close()
    except CorruptError:
        return None


def _counts(connection: Connection) -> _Counts:
    if not is_counting(connection):
        return _Counts(0, 0)
    return _Counts(*connection.execute("SELECT number, in_file FROM commits").fetchone())
