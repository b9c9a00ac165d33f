"""Copy a profile, encrypted as it is, and bring such a copy back.

A backup is a profile folder: the same secrets open it. It holds what the profile held then; what is forgotten
later stays in it, and a key replaced later still opens it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ondevice.errors import CorruptError, NotFoundError, ProfileExistsError, StorageError
from ondevice.vault.blobs import SealedFolder
from ondevice.vault.checking import check_database
from ondevice.vault.database import Database, require_checkpoint
from ondevice.vault.events import EventLog
from ondevice.vault.files import make_private_dir, write_atomic
from ondevice.vault.identity import load_identity
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.layout import (
    DATABASE_FILE,
    DATABASE_PURPOSE,
    KEYS_FILE,
    SEALED_FOLDER,
    database_file,
    epoch_folder,
    remove_tree,
    rename,
    sealed_folder,
    temporary_beside,
)
from ondevice.vault.migrations import STEPS, migrate, schema_version
from ondevice.vault.secrets import Secret

_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupReport:
    """What a backup consists of."""

    path: Path
    n_files: int
    n_bytes: int


def back_up(database: Database, key_file: KeyFile, profile: Path, to: Path) -> BackupReport:
    """Copy an open profile to a new folder, with writers waiting and readers going on.

    The copy is made beside ``to`` under another name, flushed, checked page by page, and renamed.

    Raises:
        ProfileExistsError: If there is something at ``to``.
        StorageError: If the disk refuses, or a reader keeps the write-ahead log in use.
        CorruptError: If a page of the copy fails its authentication.
    """
    _require_nothing_at(to)
    if to.absolute().is_relative_to(profile.absolute()):
        raise ValueError("a backup cannot lie inside the profile")
    make_parent(to)
    draft = temporary_beside(to)
    try:
        make_private_dir(draft)
        with database.exclusive():
            require_checkpoint(database)
            sizes = [_copy(source, draft / name) for source, name in _parts(profile, key_file.epoch)]
            key_file.save(draft / KEYS_FILE)
        copied = Database(database_file(draft, key_file.epoch), database.key)
        try:
            _require_whole(copied)
        finally:
            copied.close()
        rename(draft, to)
    except BaseException:
        remove_tree(draft)
        raise
    n_bytes = sum(sizes) + (to / KEYS_FILE).stat().st_size
    return BackupReport(path=to, n_files=len(sizes) + 1, n_bytes=n_bytes)


def restore(backup: Path, to: Path, secret: Secret) -> None:
    """Copy a backup to ``to`` once every part of it has been verified; the backup itself is only read.

    Verified are the key file's tag, each page's authentication, the rows, the search terms, the event log's chain
    and each sealed blob. Nothing is at ``to`` before that.

    Raises:
        NotFoundError: If there is no backup.
        ProfileExistsError: If there is something at ``to``.
        LockedError: If the secret does not open the backup.
        CorruptError: If any part of it was changed.
        VersionError: If a newer release made it.
        StorageError: If the disk refuses.
    """
    if not (backup / KEYS_FILE).exists():
        raise NotFoundError(f"there is no backup at {backup}")
    _require_nothing_at(to)
    key_file = KeyFile.load(backup / KEYS_FILE)
    profile_key = key_file.unlock(secret)
    make_parent(to)
    draft = temporary_beside(to)
    try:
        make_private_dir(draft)
        for source, name in _parts(backup, key_file.epoch):
            _copy(source, draft / name)
        key_file.save(draft / KEYS_FILE)
        _verify(draft, key_file, profile_key)
        rename(draft, to)
    except BaseException:
        remove_tree(draft)
        raise
    finally:
        profile_key.wipe()


def make_parent(path: Path) -> None:
    """Make the folder above, where it is missing, without changing who may enter one that exists."""
    if not path.absolute().parent.is_dir():
        make_private_dir(path.absolute().parent)


def _verify(profile: Path, key_file: KeyFile, profile_key: ProfileKey) -> None:
    database = Database(database_file(profile, key_file.epoch), profile_key.derive(DATABASE_PURPOSE))
    try:
        if schema_version(database) >= len(STEPS):
            migrate(database)
        _require_whole(database)
        events = EventLog(database, load_identity(database))
        events.verify()
        sealed = SealedFolder(sealed_folder(profile, key_file.epoch), profile_key, key_file.profile_id)
        for name in sealed.names():
            sealed.check(name)
        events.append("restored", epoch=key_file.epoch)
    finally:
        database.close()


def _require_whole(database: Database) -> None:
    flaws = list(check_database(database))
    if flaws:
        raise CorruptError(f"the copy is damaged: {'; '.join(map(str, flaws))}")


def _parts(profile: Path, epoch: int) -> Iterator[tuple[Path, Path]]:
    """Yield each file to copy with its place in the copy."""
    folder = epoch_folder(profile, epoch)
    yield folder / DATABASE_FILE, Path(folder.name) / DATABASE_FILE
    sealed = folder / SEALED_FOLDER
    for blob in sorted(sealed.glob("[!.]*.sealed")) if sealed.is_dir() else []:
        yield blob, Path(folder.name) / SEALED_FOLDER / blob.name


def _copy(source: Path, target: Path) -> int:
    """Copy one file; a blob that is deleted meanwhile was a cache, and is left out."""
    make_private_dir(target.parent)
    try:
        with source.open("rb") as file:
            return write_atomic(target, iter(lambda: file.read(_CHUNK_BYTES), b""))
    except FileNotFoundError:
        if source.name == DATABASE_FILE:
            raise CorruptError(f"{source.parent.name} has no database") from None
        return 0
    except OSError as error:
        raise StorageError(f"cannot read {source.name}: {(error.strerror or type(error).__name__).lower()}") from None


def _require_nothing_at(to: Path) -> None:
    if to.exists() or to.is_symlink():
        raise ProfileExistsError(f"there is something at {to} already")
