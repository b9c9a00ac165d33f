"""End a profile for good."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ondevice.errors import NotFoundError, OndeviceError, StorageError
from ondevice.vault.files import fsync_dir, remove_file
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.layout import KEYS_FILE, LOCK_FILE, clear_leftovers
from ondevice.vault.lock import ProfileLock


def destroy(profile: Path) -> None:
    """Erase the key slots, then the profile's files, then its keystore entries.

    Without its slots everything else is unreadable, so that comes first: a crash after it leaves nothing that any
    secret opens. Files that are not the profile's stay, and the folder with them.

    Raises:
        NotFoundError: If there is no profile.
        ProfileBusyError: If it is open.
        StorageError: If the operating system refuses.
        KeystoreError: If the keystore keeps an entry; the files are gone then.
    """
    keys = profile / KEYS_FILE
    if not keys.exists():
        raise NotFoundError(f"there is no profile at {profile}")
    lock = ProfileLock(profile)
    with lock:
        key_file: KeyFile | None = None
        with suppress(OndeviceError):
            key_file = KeyFile.load(keys)
        _overwrite(keys)
        remove_file(keys)
        clear_leftovers(profile, epoch=None)
    # Windows removes no locked file.
    with suppress(OSError):
        (profile / LOCK_FILE).unlink()
        profile.rmdir()
    fsync_dir(profile.parent)
    if key_file is not None:
        key_file.discard_entries()


def _overwrite(file: Path) -> None:
    """Write zeros over the slots in place: where the disk keeps blocks in place, that ends them at once."""
    try:
        with file.open("r+b", buffering=0) as opened:
            opened.write(bytes(file.stat().st_size))
            os.fsync(opened.fileno())
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise StorageError(f"cannot erase {file.name}: {reason}") from None
