"""Open a profile: nothing is changed before its keys, its epoch and its last commit have been proven."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ondevice.errors import CorruptError, NotFoundError, StorageError, VersionError
from ondevice.vault.cipher import connect, log_bytes, require_database_file
from ondevice.vault.commits import CommitRecord
from ondevice.vault.creating import Parts
from ondevice.vault.database import Database, last_commit
from ondevice.vault.files import is_file, is_folder, temporary_of
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.layout import (
    COMMITS_FILE,
    DATABASE_PURPOSE,
    KEYS_FILE,
    LOCK_FILE,
    clear_leftovers,
    commits_file,
    database_file,
    draft_epochs,
    epoch_folder,
    epochs,
    is_profile,
    make_parts_private,
    rename,
)
from ondevice.vault.lock import ProfileLock
from ondevice.vault.migrations import COMMITS_SINCE, STEPS, is_counting, migrate, schema_version
from ondevice.vault.secrets import Secret

LOSS_HINT = (
    "put its files back as they were, restore a backup, or open what is left: accept_loss=True, "
    "or ondevice check --accept-loss"
)


def open_parts(path: Path, secret: Secret, *, accept_loss: bool) -> tuple[Parts, int, int]:
    """Do :meth:`ondevice.vault.vault.Vault.open`; return also how many migrations ran, and commits were lost."""
    if not is_profile(path):
        raise NotFoundError(f"there is no profile at {path}", hint="make one: ondevice init")
    if not is_file(path / LOCK_FILE):
        # Nothing has shown yet that the folder is a profile, and a lock is a file in it.
        KeyFile.load(path / KEYS_FILE)
    is_read_only = not _can_write(path)
    lock = ProfileLock(path, is_read_only=is_read_only)
    lock.acquire()
    try:
        key_file = KeyFile.load(path / KEYS_FILE)
        profile_key = key_file.unlock(secret)
        database, n_lost = _open_database(path, key_file, profile_key, lock, accept_loss=accept_loss)
        try:
            if not is_read_only:
                clear_leftovers(path, epoch=key_file.epoch)
                make_parts_private(path, key_file.epoch)
            n_steps = _brought_up_to_date(database)
            if not is_read_only:
                _renew(database)
        except BaseException:
            database.close()
            raise
    except BaseException:
        lock.release()
        raise
    return Parts(lock, key_file, profile_key, database), n_steps, n_lost


def _can_write(folder: Path) -> bool:
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def require_commits(record: CommitRecord, found: int | None) -> int:
    """Compare what a database holds with what was recorded.

    Args:
        record: The record beside it.
        found: The last commit in the database; ``None`` for one of a release that did not count.

    Returns:
        How many recorded commits are missing.

    Raises:
        CorruptError: If there should be a record and there is none, or it was changed.
    """
    try:
        recorded = record.read().number
    except NotFoundError:
        if found is not None:
            raise CorruptError(f"the profile has lost its record {record.path.name}", hint=LOSS_HINT) from None
        return 0
    if found is None:
        # The record is made before the table; an interruption between the two leaves it alone.
        return recorded
    return max(0, recorded - found)


def require_every_commit(record: CommitRecord, database: Database) -> None:
    """Make sure that a copy holds every commit that its record knows of.

    Raises:
        CorruptError: If some are missing, or there should be a record and there is none.
    """
    _lost(record, _counted(database), accept_loss=False)


def _open_database(
    path: Path, key_file: KeyFile, profile_key: ProfileKey, lock: ProfileLock, *, accept_loss: bool
) -> tuple[Database, int]:
    place, key = database_file(path, key_file.epoch), profile_key.derive(DATABASE_PURPOSE)
    record = CommitRecord(commits_file(path, key_file.epoch), profile_key, key_file.profile_id, key_file.epoch)
    if not is_folder(place.parent) and not lock.is_read_only:
        _name_epoch(path, key_file, profile_key)
    try:
        require_database_file(place)
    except CorruptError as error:
        later = [number for number in epochs(path) if number > key_file.epoch]
        if later and not place.exists():
            raise CorruptError(
                f"{KEYS_FILE} speaks of epoch {key_file.epoch}, but the profile is in epoch {max(later)}",
                hint=f"put back the newer {KEYS_FILE}",
            ) from None
        raise error
    n_lost = 0
    if lock.is_read_only and log_bytes(place) and not place.with_name(f"{place.name}-shm").exists():
        raise StorageError(
            f"{path} is read-only, and was copied while its write-ahead log was in use",
            hint="copy it to a folder that can be written, and open it there",
        )
    if log_bytes(place):
        # Looked at without changing a byte: opened to be written, a damaged log would be taken for an ended one.
        n_lost = _lost(record, _peek(place, key), accept_loss=accept_loss)
    database = Database(place, key, record=record, is_read_only=lock.is_read_only, guard=lock.require_held)
    try:
        if not n_lost:
            n_lost = _lost(record, _counted(database), accept_loss=accept_loss)
    except BaseException:
        database.close()
        raise
    return database, n_lost


def _name_epoch(path: Path, key_file: KeyFile, profile_key: ProfileKey) -> None:
    """Give the epoch in force its folder's name, which an interruption left it without.

    Its record of commits shows which draft it is: only the profile key that has just been unwrapped can have made it.
    """
    folder = epoch_folder(path, key_file.epoch)
    for draft in draft_epochs(path):
        if temporary_of(draft.name) == folder.name:
            with suppress(CorruptError, NotFoundError):
                CommitRecord(draft / COMMITS_FILE, profile_key, key_file.profile_id, key_file.epoch).read()
                rename(draft, folder)
                return


def _lost(record: CommitRecord, found: int | None, *, accept_loss: bool) -> int:
    try:
        n_lost = require_commits(record, found)
    except CorruptError:
        if not accept_loss:
            raise
        return 1
    if n_lost and not accept_loss:
        raise CorruptError(
            f"the last {n_lost} changes of the profile are missing: its write-ahead log was cut, changed or removed, "
            "or an older copy of its database was put in place",
            hint=LOSS_HINT,
        )
    return n_lost


def _peek(place: Path, key: bytes) -> int | None:
    connection = connect(place, key, is_reader=True, changes_nothing=True)
    try:
        if not is_counting(connection):
            return None
        return int(connection.execute("SELECT number FROM commits").fetchone()[0])
    finally:
        connection.close()


def _counted(database: Database) -> int | None:
    if schema_version(database) < COMMITS_SINCE:
        return None
    return last_commit(database)


def _brought_up_to_date(database: Database) -> int:
    found = schema_version(database)
    if database.is_read_only and found < len(STEPS):
        raise StorageError(
            f"the database has schema {found}, and a read-only one cannot be brought to {len(STEPS)}",
            hint="copy the profile to a folder that can be written",
        )
    if found < COMMITS_SINCE and database.record is not None:
        with suppress(VersionError):
            database.record.create(0)
    return migrate(database)


def _renew(database: Database) -> None:
    """Write the record anew: a crash, or an accepted loss, leaves it at another number than the database's."""
    if database.record is None:
        return
    number = last_commit(database)
    try:
        recorded = database.record.read().number
    except (CorruptError, NotFoundError):
        database.record.create(number)
        return
    if recorded != number:
        database.record.create(number, copy_id=database.record.copy_id)
