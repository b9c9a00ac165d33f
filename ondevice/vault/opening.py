"""Open a profile: nothing is changed before its keys, its epoch and its last commit have been proven."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ondevice.errors import CorruptError, NotFoundError, StorageError
from ondevice.vault import losses
from ondevice.vault.access import keystore_among
from ondevice.vault.cipher import log_bytes, require_database_file
from ondevice.vault.commits import CommitRecord
from ondevice.vault.creating import Parts
from ondevice.vault.database import Database
from ondevice.vault.files import is_file, is_folder, temporary_of
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.layout import (
    COMMITS_FILE,
    DATABASE_FILE,
    DATABASE_PURPOSE,
    KEYS_FILE,
    LOCK_FILE,
    clear_leftovers,
    draft_epochs,
    epoch_folder,
    epochs,
    is_profile,
    make_parts_private,
    rename,
)
from ondevice.vault.lock import ProfileLock
from ondevice.vault.migrations import COMMITS_SINCE, STEPS, migrate, version_of
from ondevice.vault.secrets import Keystore, Secret
from ondevice.vault.settings import replaced_epoch
from ondevice.vault.witness import witness_of
from ondevice.vault.word_index import refresh_words


def open_parts(path: Path, secret: Secret, *, accept_loss: bool) -> tuple[Parts, int, int | None]:
    """Do :meth:`ondevice.vault.vault.Vault.open`.

    Returns:
        The parts, how many migrations ran, and how many commits were accepted as lost; ``None`` if nothing was.
    """
    if not is_profile(path):
        raise NotFoundError(f"there is no profile at {path}", hint="make one: ondevice init")
    if not is_file(path / LOCK_FILE):
        # Nothing has shown yet that the folder is a profile, and a lock is a file in it.
        KeyFile.load(path / KEYS_FILE)
    lock = ProfileLock(path, is_read_only=not _can_write(path, *epochs(path).values()))
    lock.acquire()
    try:
        key_file = KeyFile.load(path / KEYS_FILE)
        profile_key = key_file.unlock(secret)
        database, n_lost = _open_database(path, key_file, profile_key, lock, keystore_among([secret]), accept_loss)
        try:
            n_steps = _settle(path, key_file.epoch, database)
        except BaseException:
            database.close(keeps_log=True)
            raise
    except BaseException:
        lock.release()
        raise
    return Parts(lock, key_file, profile_key, database), n_steps, n_lost


def find_epoch(path: Path, key_file: KeyFile, profile_key: ProfileKey) -> Path:
    """Return the folder of the epoch in force: mostly ``epoch-N``, and a draft where a rekey was interrupted.

    Its record of commits shows which draft it is: only the profile key that has just been unwrapped can have made it.
    """
    folder = epoch_folder(path, key_file.epoch)
    if not os.path.lexists(folder):
        for draft in draft_epochs(path):
            if temporary_of(draft.name) == folder.name:
                with suppress(CorruptError, NotFoundError):
                    CommitRecord(draft / COMMITS_FILE, profile_key, key_file.profile_id, key_file.epoch).read()
                    return draft
    return folder


def _can_write(*folders: Path) -> bool:
    has_effective = os.access in os.supports_effective_ids
    return all(os.access(folder, os.W_OK, effective_ids=has_effective) for folder in folders)


def _open_database(
    path: Path, key_file: KeyFile, profile_key: ProfileKey, lock: ProfileLock, keystore: Keystore, accept_loss: bool
) -> tuple[Database, int | None]:
    """Open the epoch in force, and return how many of its commits are accepted as lost."""
    folder, key = find_epoch(path, key_file, profile_key), profile_key.derive(DATABASE_PURPOSE)
    if folder != epoch_folder(path, key_file.epoch) and not lock.is_read_only:
        rename(folder, epoch_folder(path, key_file.epoch))
        folder = epoch_folder(path, key_file.epoch)
    place = folder / DATABASE_FILE
    record = CommitRecord(folder / COMMITS_FILE, profile_key, key_file.profile_id, key_file.epoch)
    loss = None
    with _telling_of_later_epochs(path, folder, key_file.epoch):
        if log_bytes(place):
            # Before it is opened to be written: a damaged log would be taken for an ended one.
            require_database_file(place)
            _require_readable_log(place, is_read_only=lock.is_read_only)
            loss = losses.loss_in_log(place, key, record)
            _accept(loss, accept_loss=accept_loss)
            if loss is not None and loss.leaves_log_out:
                losses.leave_log_out(place)
        database = Database(place, key, record=record, is_read_only=lock.is_read_only, guard=lock.require_held)
    try:
        found = losses.counted(database)
        witness = None if lock.is_read_only else witness_of(key_file, keystore, record)
        more = losses.loss_in_number(record, found, witness)
        _accept(more, accept_loss=accept_loss)
    except BaseException:
        database.close(keeps_log=True)
        raise
    accepted = [each.missing for each in (loss, more) if each is not None]
    return database, max(accepted) if accepted else None


def _accept(loss: losses.Loss | None, *, accept_loss: bool) -> None:
    if loss is not None and not accept_loss:
        raise loss.error()


@contextmanager
def _telling_of_later_epochs(path: Path, folder: Path, epoch: int) -> Iterator[None]:
    """Say so where the database is missing because ``keys.json`` is of an earlier epoch."""
    if os.path.lexists(folder) and not is_folder(folder):
        raise CorruptError(f"{folder.name} is not a folder of the profile's own")
    try:
        yield
    except CorruptError:
        later = [number for number in epochs(path) if number > epoch]
        if later and not (folder / DATABASE_FILE).exists():
            raise CorruptError(
                f"{KEYS_FILE} speaks of epoch {epoch}, but the profile is in epoch {max(later)}",
                hint=f"put back the newer {KEYS_FILE}",
            ) from None
        raise


def _require_readable_log(place: Path, *, is_read_only: bool) -> None:
    if is_read_only and not place.with_name(f"{place.name}-shm").exists():
        raise StorageError(
            "the profile is read-only, and was copied while its write-ahead log was in use",
            hint="copy it to a folder that can be written, and open it there",
        )


def _settle(path: Path, epoch: int, database: Database) -> int:
    """Clear up after interruptions, and bring modes, schema and record up to date; return how many steps ran."""
    with database.exclusive() as connection:
        found = version_of(connection)
        replaced = replaced_epoch(connection) if found else None
    if database.is_read_only:
        if found < len(STEPS):
            raise StorageError(
                f"the database has schema {found}, and a read-only one cannot be brought to {len(STEPS)}",
                hint="copy the profile to a folder that can be written",
            )
        return migrate(database)
    clear_leftovers(path, epoch=epoch, replaced=replaced)
    make_parts_private(path, epoch)
    if found < COMMITS_SINCE and database.record is not None:
        # Before the step that begins to count: a record must never be missing after it.
        database.record.create(0)
    n_steps = migrate(database)
    refresh_words(database)
    if database.record is not None:
        losses.renew(database.record, losses.counted(database) or 0)
    return n_steps
