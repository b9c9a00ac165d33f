"""Whether changes that were kept have been taken away since, by whatever happened to the files."""

from __future__ import annotations

from pathlib import Path

from ondevice.errors import CorruptError, NotFoundError
from ondevice.vault.cipher import connect, translating
from ondevice.vault.commits import CommitRecord
from ondevice.vault.database import Database, last_commit
from ondevice.vault.migrations import is_counting
from ondevice.vault.witness import Witness

HINT = (
    "put its files back as they were, restore a backup, or open what is left: accept_loss=True, "
    "or ondevice doctor --accept-loss"
)


def counted(database: Database) -> int | None:
    """Return the number of the last commit, or ``None`` in a database of a release that did not count."""
    with database.exclusive() as connection:
        return last_commit(connection) if is_counting(connection) else None


def require_file_under_log(place: Path, key: bytes) -> int | None:
    """Look at a database that has a write-ahead log, and change nothing.

    Returns:
        The last commit, or ``None`` in a database that does not count.

    Raises:
        CorruptError: If the file is an older one than the log was begun on: pages that are not in the log would be its.
    """
    with translating():
        connection = connect(place, key, is_reader=True, changes_nothing=True)
        try:
            if not is_counting(connection):
                return None
            number, in_file = connection.execute("SELECT number, in_file FROM commits").fetchone()
        finally:
            connection.close()
    if _in_file_alone(place, key, at_least=in_file) < in_file:
        raise CorruptError("an older copy of the profile's database was put under its write-ahead log", hint=HINT)
    return int(number)


def _in_file_alone(place: Path, key: bytes, *, at_least: int) -> int:
    """Return the last commit of the file itself; a page that a power cut tore while the log was moved tells nothing."""
    try:
        with translating():
            connection = connect(place, key, is_reader=True, without_log=True)
            try:
                if not is_counting(connection):
                    return 0
                return last_commit(connection)
            finally:
                connection.close()
    except CorruptError:
        return at_least


def n_lost(record: CommitRecord, found: int | None) -> int:
    """Return how many commits the record knows of that are not in the database.

    Args:
        record: The record beside the database.
        found: The database's last commit; ``None`` where none are counted.

    Raises:
        CorruptError: If there should be a record and there is none, or it was changed.
    """
    try:
        recorded = record.read().number
    except NotFoundError:
        if found is None:
            return 0
        raise CorruptError(f"the profile has lost its record {record.path.name}", hint=HINT) from None
    # A record beside a database that does not count was made by an interrupted migration, and is at zero.
    return max(0, recorded - (found or 0))


def require_every_commit(record: CommitRecord, found: int | None, witness: Witness | None = None) -> None:
    """Make sure that a database holds every commit that its record, and the system's keystore, know of.

    Raises:
        CorruptError: If some are missing, or there should be a record and there is none, or it was changed.
    """
    if missing := n_lost(record, found):
        raise CorruptError(
            f"the last {missing} changes of the profile are missing: its write-ahead log was cut, changed or removed, "
            "or an older copy of its database was put in place",
            hint=HINT,
        )
    if witness is not None and found is not None:
        witness.require(found)


def accept(record: CommitRecord, found: int | None, witness: Witness | None = None) -> int:
    """Return how many commits are missing; at least one where the record cannot tell."""
    try:
        missing = n_lost(record, found)
    except CorruptError:
        return 1
    return missing or (0 if witness is None or found is None else witness.n_missing(found))


def renew(record: CommitRecord, found: int) -> None:
    """Write the record anew where it says something else: after a crash, or an accepted loss.

    Raises:
        StorageError: If the disk refuses.
    """
    try:
        recorded = record.read().number
    except (CorruptError, NotFoundError):
        record.create(found)
    else:
        if recorded != found:
            record.create(found, copy_id=record.copy_id)
