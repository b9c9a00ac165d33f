"""Copy a profile, encrypted as it is, and bring such a copy back.

A backup is a profile folder: the same secrets open it. It holds what the profile held then; what is forgotten
later stays in it, and a key replaced later still opens it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ondevice.errors import CorruptError, NotFoundError, OndeviceError, ProfileExistsError, StorageError
from ondevice.safety.regular_files import NotRegularError, open_regular
from ondevice.vault.blobs import SealedFolder, is_cache
from ondevice.vault.checking import check_database
from ondevice.vault.cipher import log_bytes, log_of, require_database_file
from ondevice.vault.commits import CommitRecord, last_commit
from ondevice.vault.database import Database
from ondevice.vault.drafts import draft_of
from ondevice.vault.events import EventLog
from ondevice.vault.files import is_folder, make_private_dir, refused, write_atomic
from ondevice.vault.identity import load_cache_age, load_identity
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.layout import (
    COMMITS_FILE,
    DATABASE_FILE,
    DATABASE_PURPOSE,
    KEYS_FILE,
    SEALED_FOLDER,
    commits_file,
    database_file,
    epoch_folder,
    is_blob_file,
    is_profile,
    rename,
    sealed_folder,
)
from ondevice.vault.losses import Loss, counted, loss_in_log, loss_in_number
from ondevice.vault.migrations import STEPS, migrate, schema_version
from ondevice.vault.opening import find_epoch
from ondevice.vault.secrets import Secret

_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupReport:
    """What a backup consists of."""

    path: Path
    n_files: int
    n_bytes: int


def back_up(
    database: Database, key_file: KeyFile, profile_key: ProfileKey, profile: Path, to: Path, *, events: EventLog
) -> BackupReport:
    """Copy an open profile to a new folder, with writers waiting and readers going on.

    The copy is made beside ``to`` under another name, flushed, checked page by page, and renamed. What an interrupted
    backup to the same place left is removed.

    Raises:
        ProfileExistsError: If there is something at ``to``.
        StorageError: If the disk refuses, or a reader keeps the write-ahead log in use.
        CorruptError: If a page of the copy fails its authentication.
    """
    _require_nothing_at(to)
    if to.absolute().is_relative_to(profile.absolute()):
        raise ValueError("a backup cannot lie inside the profile")
    with draft_of(to) as draft:
        record = _record(draft, key_file, profile_key)
        with database.exclusive() as connection:
            _require_checkpoint(database)
            folder = database.path.parent
            sizes = [_copy(source, draft / name) for source, name in _parts(folder, key_file.epoch)]
            copy_id = None if database.record is None else database.record.copy_id
            record.create(last_commit(connection), copy_id=copy_id)
            key_file.save(draft / KEYS_FILE)
        copied = Database(database_file(draft, key_file.epoch), database.key)
        try:
            _require_whole(copied)
        finally:
            copied.close()
        more = (draft / KEYS_FILE, commits_file(draft, key_file.epoch))
        n_bytes = sum(sizes) + sum(path.stat().st_size for path in more)
        # Before it gets its name: a backup that is refused must not be there.
        events.append("backed-up", files=len(sizes) + len(more), bytes=n_bytes)
        _put_in_place(draft, to)
    return BackupReport(path=to, n_files=len(sizes) + len(more), n_bytes=n_bytes)


def restore(backup: Path, to: Path, secret: Secret) -> None:
    """Copy a backup to ``to`` once every part of it has been verified; the backup itself is only read.

    Verified are the key file's tag, each page's authentication, the last commit, the rows, the search terms, the event
    log's chain and each sealed blob; a cache that does not open is left out. Nothing is at ``to`` before that.

    Raises:
        NotFoundError: If there is no backup.
        ProfileExistsError: If there is something at ``to``.
        LockedError: If the secret does not open the backup.
        CorruptError: If any part of it was changed.
        VersionError: If a newer release made it.
        StorageError: If the disk refuses.
    """
    if not is_profile(backup):
        raise NotFoundError(f"there is no backup at {backup}")
    _require_nothing_at(to)
    key_file = KeyFile.load(backup / KEYS_FILE)
    profile_key = key_file.unlock(secret)
    try:
        with draft_of(to) as draft:
            folder = find_epoch(backup, key_file, profile_key)
            for source, name in _parts(folder, key_file.epoch):
                _copy(source, draft / name)
            for optional in (log_of(Path(DATABASE_FILE)).name, COMMITS_FILE):
                _copy(folder / optional, epoch_folder(draft, key_file.epoch) / optional)
            key_file.save(draft / KEYS_FILE)
            _verify(draft, key_file, profile_key)
            _put_in_place(draft, to)
    finally:
        profile_key.wipe()


def _require_checkpoint(database: Database) -> None:
    """Empty the write-ahead log, or say that a reader is in the way.

    Raises:
        StorageError: If a reader keeps the log in use.
    """
    if not database.checkpoint():
        raise StorageError("a reader keeps the write-ahead log in use", hint="try again when no search is running")


def _put_in_place(draft: Path, to: Path) -> None:
    try:
        rename(draft, to)
    except StorageError:
        # Another one to the same place may have been faster.
        _require_nothing_at(to)
        raise


def _verify(profile: Path, key_file: KeyFile, profile_key: ProfileKey) -> None:
    record = _record(profile, key_file, profile_key)
    place, key = database_file(profile, key_file.epoch), profile_key.derive(DATABASE_PURPOSE)
    if log_bytes(place):
        _require_all(loss_in_log(place, key, record))
    database = Database(place, key)
    try:
        if schema_version(database) >= len(STEPS):
            migrate(database)
        _require_all(loss_in_number(record, counted(database)))
        database.checkpoint()
        _require_whole(database)
        events = EventLog(database, load_identity(database))
        events.verify()
        sealed = SealedFolder(sealed_folder(profile, key_file.epoch), profile_key, key_file.profile_id)
        sealed.cache_age = load_cache_age(database)
        for name in sealed.names():
            _check_blob(sealed, name)
        migrate(database)
        events.append("restored", epoch=key_file.epoch)
        # A copy of its own: from here on it is counted apart from the profile that the backup was made of.
        record.create(counted(database) or 0)
    finally:
        database.close()


def _require_all(loss: Loss | None) -> None:
    if loss is not None:
        raise loss.error()


def _check_blob(sealed: SealedFolder, name: str) -> None:
    try:
        sealed.check(name)
    except OndeviceError:
        if not is_cache(name):
            raise
        sealed.delete(name)


def _record(profile: Path, key_file: KeyFile, profile_key: ProfileKey) -> CommitRecord:
    return CommitRecord(commits_file(profile, key_file.epoch), profile_key, key_file.profile_id, key_file.epoch)


def _require_whole(database: Database) -> None:
    flaws = list(check_database(database))
    if flaws:
        raise CorruptError(f"the copy is damaged: {'; '.join(map(str, flaws))}")


def _parts(folder: Path, epoch: int) -> Iterator[tuple[Path, Path]]:
    """Yield each file of an epoch to copy, with its place in the copy; links lead to nothing of the profile's."""
    name, sealed = epoch_folder(Path(), epoch).name, folder / SEALED_FOLDER
    for part in (folder, sealed):
        if os.path.lexists(part) and not is_folder(part):
            raise CorruptError(f"{part.name} is not a folder of the profile's own")
    require_database_file(folder / DATABASE_FILE)
    yield folder / DATABASE_FILE, Path(name) / DATABASE_FILE
    for blob in sorted(sealed.iterdir()) if is_folder(sealed) else []:
        if is_blob_file(blob.name) and not is_folder(blob):
            yield blob, Path(name) / SEALED_FOLDER / blob.name


def _copy(source: Path, target: Path) -> int:
    """Copy one file; what is not there is left out, and so is a cache that is no regular file."""
    make_private_dir(target.parent)
    try:
        with open_regular(source) as file:
            return write_atomic(target, iter(lambda: file.read(_CHUNK_BYTES), b""))
    except FileNotFoundError:
        return 0
    except NotRegularError:
        if is_cache(source.name):
            return 0
        raise CorruptError(f"{source.name} is not a regular file") from None
    except OSError as error:
        raise refused("read", source, error) from None


def _require_nothing_at(to: Path) -> None:
    if to.exists() or to.is_symlink():
        raise ProfileExistsError(f"there is something at {to} already")
