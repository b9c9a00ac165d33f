"""Where the parts of a profile lie in its folder, and which of them an interrupted change left behind."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from pathlib import Path

from ondevice.errors import ProfileExistsError, StorageError
from ondevice.vault.files import fsync_dir, make_private_dir, remove_leftovers

KEYS_FILE = "keys.json"
LOCK_FILE = "lock"
DATABASE_FILE = "profile.db"
SEALED_FOLDER = "sealed"

DATABASE_PURPOSE = "db"
"""What the database's key is derived for."""

_EPOCH = re.compile(r"epoch-[0-9]+")
_LEFTOVER = re.compile(r"\..+\.[0-9a-f]{16}\.tmp")


def epoch_folder(profile: Path, epoch: int) -> Path:
    """Return the folder of an epoch: the database and the sealed blobs under one profile key."""
    return profile / f"epoch-{epoch}"


def database_file(profile: Path, epoch: int) -> Path:
    """Return the database file of an epoch."""
    return epoch_folder(profile, epoch) / DATABASE_FILE


def sealed_folder(profile: Path, epoch: int) -> Path:
    """Return the folder of an epoch's sealed blobs."""
    return epoch_folder(profile, epoch) / SEALED_FOLDER


def temporary_beside(path: Path) -> Path:
    """Return an unused name in the same folder, which :func:`~ondevice.vault.files.remove_leftovers` knows."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")


def claim_folder(profile: Path) -> None:
    """Make the folder of a new profile, or take over one that is empty or holds what an interrupted creation left.

    Raises:
        ProfileExistsError: If there is a profile or anything else at that path.
        StorageError: If the operating system refuses.
    """
    if profile.exists() and not profile.is_dir():
        raise ProfileExistsError(f"there is a file at {profile}")
    make_private_dir(profile)
    names = {entry.name for entry in profile.iterdir()}
    if KEYS_FILE in names:
        raise ProfileExistsError(f"there is a profile at {profile} already")
    if any(name != LOCK_FILE and not _EPOCH.fullmatch(name) and not _LEFTOVER.fullmatch(name) for name in names):
        raise ProfileExistsError(f"the folder {profile} is not empty")


def clear_leftovers(profile: Path, *, epoch: int | None) -> int:
    """Remove what interrupted changes left: temporary files, and every epoch but the one in force.

    Only for the holder of the profile's lock. Returns the number of things removed.

    Raises:
        StorageError: If the operating system refuses.
    """
    removed = remove_leftovers(profile)
    kept = None if epoch is None else epoch_folder(profile, epoch).name
    for entry in sorted(profile.iterdir()):
        if _EPOCH.fullmatch(entry.name) and entry.name != kept:
            remove_tree(entry)
            removed += 1
    return removed


def rename(source: Path, target: Path) -> None:
    """Rename within a folder, and flush the folder.

    Raises:
        StorageError: If the operating system refuses.
    """
    try:
        source.rename(target)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise StorageError(f"cannot put {target.name} in its place: {reason}") from None
    fsync_dir(target.parent)


def remove_tree(folder: Path) -> None:
    """Remove a folder with all that is in it, and flush the folder above.

    Raises:
        StorageError: If the operating system refuses.
    """
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise StorageError(f"cannot remove {folder.name}: {reason}") from None
    fsync_dir(folder.parent)


def sync_tree(folder: Path) -> None:
    """Flush every file and folder below to the disk.

    Raises:
        StorageError: If the operating system refuses.
    """
    for place, _, files in os.walk(folder):
        for name in files:
            _sync_file(Path(place) / name)
        fsync_dir(Path(place))


def _sync_file(file: Path) -> None:
    try:
        descriptor = os.open(file, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StorageError(f"cannot flush {file.name}: {(error.strerror or type(error).__name__).lower()}") from None
