"""End a profile for good."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ondevice.errors import CorruptError, NotFoundError, OndeviceError
from ondevice.vault.commits import claimed_copy_id
from ondevice.vault.drafts import MARK_FILE, is_marked
from ondevice.vault.files import fsync_dir, is_file, refused, remove_file, remove_leftovers
from ondevice.vault.keyfile import KeyFile, is_overwritten
from ondevice.vault.layout import (
    KEYS_FILE,
    LOCK_FILE,
    NEW_KEYS_FILE,
    commits_file,
    draft_epochs,
    epochs,
    is_profile,
    remove_epoch,
)
from ondevice.vault.lock import ProfileLock
from ondevice.vault.witness import dismiss


def destroy(profile: Path) -> None:
    """Erase the key slots, then the profile's files, then its keystore entries.

    Without its slots everything else is unreadable, so that comes first: a crash after it leaves nothing that any
    secret opens, and can be destroyed again. Files that are not the profile's stay, and the folder with them.

    Raises:
        NotFoundError: If there is no profile.
        CorruptError: If ``keys.json`` is not the key file of a profile; nothing is then changed.
        ProfileBusyError: If it is open.
        StorageError: If the operating system refuses.
        KeystoreError: If the keystore keeps an entry; the files are gone then.
    """
    keys = profile / KEYS_FILE
    if not is_profile(profile):
        raise NotFoundError(f"there is no profile at {profile}")
    _require_ours(profile)
    refusal: OndeviceError | None = None
    with ProfileLock(profile):
        key_file = _require_ours(profile)
        if key_file is not None:
            copy_ids = [claimed_copy_id(commits_file(profile, number)) for number in epochs(profile)]
            try:
                # While it is still known what they are called.
                key_file.discard_entries()
                dismiss(key_file, [copy_id for copy_id in copy_ids if copy_id is not None])
            except OndeviceError as error:
                refusal = error
            _overwrite(keys)
        for folder in (*epochs(profile).values(), *draft_epochs(profile)):
            remove_epoch(folder)
        remove_leftovers(profile, lambda name: name in (KEYS_FILE, NEW_KEYS_FILE))
        if is_marked(profile):
            remove_file(profile / MARK_FILE)
        # Last, so that whatever interrupts this leaves a folder that can still be known, and destroyed.
        remove_file(keys)
        # Windows removes no locked file.
        with suppress(OSError):
            if is_file(profile / LOCK_FILE):
                (profile / LOCK_FILE).unlink()
            profile.rmdir()
    with suppress(OSError):
        (profile / LOCK_FILE).unlink()
        profile.rmdir()
    fsync_dir(profile.absolute().parent)
    if refusal is not None:
        raise refusal


def _require_ours(profile: Path) -> KeyFile | None:
    """Read the key file that shows that this folder is a profile; ``None`` if it has been overwritten already."""
    hint = "if this was a profile, put its keys.json back, or remove the folder yourself"
    keys = profile / KEYS_FILE
    if not is_file(keys):
        raise CorruptError(f"{keys} is not a regular file, so nothing shows that this is a profile", hint=hint)
    try:
        return KeyFile.load(keys)
    except CorruptError as error:
        if is_overwritten(keys):
            return None
        raise CorruptError(f"nothing shows that {profile} is a profile: {error.message}", hint=hint) from None


def _overwrite(file: Path) -> None:
    """Write zeros over the slots in place: where the disk keeps blocks in place, that ends them at once.

    A file that has another name too, as in a backup made of hard links, is only unlinked.
    """
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(file, flags)
        try:
            found = os.fstat(descriptor)
            if found.st_nlink == 1:
                os.write(descriptor, bytes(found.st_size))
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise refused("erase", file, error) from None
