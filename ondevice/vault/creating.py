"""Make a new profile: in a folder of its own, in an empty one, or where an interrupted creation left its beginnings.

The key file is written first, under the name ``keys.json.new``, and gets its own name last: a folder without
``keys.json`` is no profile. What an interruption leaves is known by that other name, by the key file's form and by
the names of all else; a folder that holds anything more is somebody else's, and nothing in it is touched.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from ondevice.config import KdfConfig
from ondevice.errors import OndeviceError, ProfileBusyError, ProfileExistsError, StorageError
from ondevice.vault.access import keystore_among
from ondevice.vault.commits import CommitRecord, claimed_number
from ondevice.vault.database import Database
from ondevice.vault.events import EventLog
from ondevice.vault.files import (
    is_file,
    is_folder,
    make_private,
    make_private_dir,
    refused,
    remove_empty,
    remove_file,
    remove_leftovers,
    temporary_of,
)
from ondevice.vault.identity import make_identity
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.layout import (
    COMMITS_FILE,
    DATABASE_FILE,
    DATABASE_PURPOSE,
    KEYS_FILE,
    LOCK_FILE,
    NEW_KEYS_FILE,
    SEALED_FOLDER,
    commits_file,
    database_file,
    epoch_folder,
    holds_only_an_epoch,
    is_profile,
    remove_epoch,
    rename,
    sealed_folder,
)
from ondevice.vault.lock import ProfileLock
from ondevice.vault.migrations import STEPS, migrate
from ondevice.vault.secrets import Secret

FIRST_EPOCH = 1
_COMMITS_OF_A_CREATION = 2


class Parts(NamedTuple):
    """What an open profile consists of."""

    lock: ProfileLock
    key_file: KeyFile
    profile_key: ProfileKey
    database: Database

    @contextmanager
    def closed_on_error(self) -> Iterator[None]:
        """Close and unlock if the block fails; what it did not change stays unchanged."""
        try:
            yield
        except BaseException:
            self.database.close(keeps_log=True)
            self.profile_key.wipe()
            self.lock.release()
            raise


def create(path: Path, secrets: Sequence[Secret], kdf: KdfConfig | None) -> Parts:
    """Make a profile and leave it open and locked; whatever refuses it leaves what there was before.

    Raises:
        ProfileExistsError: If there is something at ``path`` that is not the beginning of a profile.
        ProfileBusyError: If another process is making a profile there.
        ValueError: If there is no secret, or the cost lies outside its limits.
        KeystoreError: If the keystore refuses.
        StorageError: If the disk refuses.
    """
    try:
        _require_free(path)
        key_file, profile_key = KeyFile.generate(secrets, kdf)
        try:
            return _created(path, key_file, profile_key)
        except BaseException:
            if not is_profile(path):
                with suppress(OndeviceError):
                    key_file.discard_entries(keystore=keystore_among(secrets))
            raise
    except OSError as error:
        raise refused("make a profile at", path, error) from None


def _created(path: Path, key_file: KeyFile, profile_key: ProfileKey) -> Parts:
    mode = stat.S_IMODE(path.stat().st_mode) if path.is_dir() else None
    made = make_private_dir(path) if mode is None else []
    lock = ProfileLock(path)
    had_lock = is_file(path / LOCK_FILE)
    try:
        lock.acquire()
    except ProfileBusyError:
        # Another process is faster, and what this one has made of its folder is now that one's.
        raise
    except BaseException:
        remove_empty(made)
        raise
    try:
        require_free(path)
        _clear_beginnings(path)
        for part in (path, path / LOCK_FILE):
            make_private(part)
        return Parts(lock, key_file, profile_key, _made(path, key_file, profile_key, guard=lock.require_held))
    except BaseException:
        with suppress(OndeviceError, OSError):
            if not is_profile(path):
                _undo(path, had_lock=had_lock, mode=mode)
                remove_empty(made)
        lock.release()
        raise


def _require_free(path: Path) -> None:
    """Do :func:`require_free`, and tell a profile that is being made from somebody else's folder."""
    try:
        require_free(path)
    except ProfileExistsError:
        if is_profile(path) or not path.is_dir():
            raise
        # Shared, so that no file is made.
        with ProfileLock(path, is_read_only=True):
            require_free(path)


def require_free(path: Path) -> None:
    """Make sure that nothing at ``path`` is somebody's; nothing is changed.

    Raises:
        ProfileExistsError: If there is a profile or anything else.
        StorageError: If the operating system refuses.
    """
    try:
        if not os.path.lexists(path):
            return
        if not path.is_dir():
            raise ProfileExistsError(f"there is a file at {path}")
        if is_profile(path):
            raise ProfileExistsError(f"there is a profile at {path} already")
        if any(not _is_beginning(entry) for entry in path.iterdir()):
            raise ProfileExistsError(
                f"the folder {path} is not empty, and holds no {KEYS_FILE}",
                hint="choose a folder that is not there yet; if this was a profile, put its keys.json back",
            )
    except OSError as error:
        raise refused("look at", path, error) from None


def _is_beginning(entry: Path) -> bool:
    """Whether an interrupted creation left this; the first epoch only beside the key file that belongs to it."""
    if entry.name == LOCK_FILE:
        return is_file(entry) and entry.stat().st_size == 0
    if entry.name == NEW_KEYS_FILE or temporary_of(entry.name) == NEW_KEYS_FILE:
        return is_file(entry) and (entry.name != NEW_KEYS_FILE or _is_first_key_file(entry))
    if entry != epoch_folder(entry.parent, FIRST_EPOCH) or not is_folder(entry):
        return False
    # With nothing in it, nothing of anybody's is lost.
    return not any(entry.iterdir()) or (
        holds_only_an_epoch(entry) and _is_unused(entry) and _is_first_key_file(entry.parent / NEW_KEYS_FILE)
    )


def _is_unused(epoch: Path) -> bool:
    """Whether nothing was ever kept in an epoch: a used profile's key file may have been renamed by mistake."""
    number = claimed_number(epoch / COMMITS_FILE)
    blobs = epoch / SEALED_FOLDER
    return (number is None and not (epoch / DATABASE_FILE).exists()) or (
        number is not None and number <= _COMMITS_OF_A_CREATION and not (blobs.exists() and any(blobs.iterdir()))
    )


def _is_first_key_file(path: Path) -> bool:
    with suppress(OndeviceError):
        return is_file(path) and KeyFile.load(path).epoch == FIRST_EPOCH
    return False


def _clear_beginnings(path: Path) -> None:
    """Remove what an interrupted creation left, and the key file last, by which the rest is known."""
    if is_folder(epoch_folder(path, FIRST_EPOCH)):
        remove_epoch(epoch_folder(path, FIRST_EPOCH))
    remove_leftovers(path, lambda name: name == NEW_KEYS_FILE)
    waiting = path / NEW_KEYS_FILE
    if is_file(waiting):
        with suppress(OndeviceError):
            KeyFile.load(waiting).discard_entries()
        remove_file(waiting)


def _made(path: Path, key_file: KeyFile, profile_key: ProfileKey, *, guard: Callable[[], None]) -> Database:
    """Write the key file and the first epoch, whole; give the key file its name last."""
    key_file.save(path / NEW_KEYS_FILE)
    make_private_dir(epoch_folder(path, FIRST_EPOCH))
    record = CommitRecord(commits_file(path, FIRST_EPOCH), profile_key, key_file.profile_id, FIRST_EPOCH).create(0)
    place = database_file(path, FIRST_EPOCH)
    database = Database.create(place, profile_key.derive(DATABASE_PURPOSE), record=record, guard=guard)
    try:
        migrate(database, is_new=True)
        EventLog(database, make_identity(database)).append("created", epoch=FIRST_EPOCH, schema=len(STEPS))
        make_private_dir(sealed_folder(path, FIRST_EPOCH))
        rename(path / NEW_KEYS_FILE, path / KEYS_FILE)
    except BaseException:
        database.close()
        raise
    return database


def _undo(path: Path, *, had_lock: bool, mode: int | None) -> None:
    _clear_beginnings(path)
    if not had_lock:
        remove_file(path / LOCK_FILE)
    if mode is not None:
        try:
            os.chmod(path, mode)
        except OSError as error:
            raise StorageError(f"cannot give {path} its mode back: {type(error).__name__}") from None
