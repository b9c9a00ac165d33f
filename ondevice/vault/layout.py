"""Where the parts of a profile lie in its folder, and which files there are ours to remove.

Whatever is removed must be ours by its name, its kind and its place. Links are never followed, and a folder that
holds anything else stays with what is not ours.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from ondevice.errors import StorageError
from ondevice.vault.files import (
    fsync_dir,
    is_file,
    is_folder,
    make_private,
    refused,
    remove_file,
    remove_leftovers,
    temporary_of,
)
from ondevice.vault.sealing import is_blob_name

KEYS_FILE = "keys.json"
NEW_KEYS_FILE = "keys.json.new"
"""What ``keys.json`` is called until the profile that it opens is whole."""

LOCK_FILE = "lock"
DATABASE_FILE = "profile.db"
COMMITS_FILE = "profile.commits"
SEALED_FOLDER = "sealed"
BLOB_SUFFIX = ".sealed"

DATABASE_PURPOSE = "db"
"""What the database's key is derived for."""

_EPOCH = re.compile(r"epoch-([1-9][0-9]{0,9})")
_EPOCH_FILES = {DATABASE_FILE, *(f"{DATABASE_FILE}-{part}" for part in ("wal", "shm", "journal")), COMMITS_FILE}


def resolved(path: Path) -> Path:
    """Return the place itself: neither a link to it nor the process's folder may change what is meant later."""
    return Path(os.path.realpath(path))


def placed(path: Path) -> Path:
    """Return the place where something new will be, in the folder itself; a link of that name stays one."""
    absolute = path.absolute()
    return Path(os.path.realpath(absolute.parent)) / absolute.name


def epoch_folder(profile: Path, epoch: int) -> Path:
    """Return the folder of an epoch: the database and the sealed blobs under one profile key."""
    return profile / f"epoch-{epoch}"


def database_file(profile: Path, epoch: int) -> Path:
    """Return the database file of an epoch."""
    return epoch_folder(profile, epoch) / DATABASE_FILE


def commits_file(profile: Path, epoch: int) -> Path:
    """Return the record of an epoch's commits."""
    return epoch_folder(profile, epoch) / COMMITS_FILE


def sealed_folder(profile: Path, epoch: int) -> Path:
    """Return the folder of an epoch's sealed blobs."""
    return epoch_folder(profile, epoch) / SEALED_FOLDER


def is_profile(folder: Path) -> bool:
    """Whether there is a key file, which is what makes a folder a profile."""
    return os.path.lexists(folder / KEYS_FILE)


def epochs(profile: Path) -> dict[int, Path]:
    """Return the epoch folders there are, by number; files and links of such names do not count."""
    found = {name: _EPOCH.fullmatch(name) for name in os.listdir(profile)}
    return {int(match[1]): profile / name for name, match in found.items() if match and is_folder(profile / name)}


def draft_epochs(profile: Path) -> list[Path]:
    """Return the folders in which a next epoch was being written."""
    return [
        profile / name
        for name in os.listdir(profile)
        if _EPOCH.fullmatch(temporary_of(name) or "") and is_folder(profile / name)
    ]


def free_epoch(profile: Path, after: int) -> int:
    """Return the first number above ``after`` of which there is no folder, nor anything else of that name."""
    number = after + 1
    while os.path.lexists(epoch_folder(profile, number)):
        number += 1
    return number


def clear_leftovers(profile: Path, *, epoch: int, replaced: int | None) -> None:
    """Remove what interrupted changes left: temporary files, drafts of a next epoch, and the epoch before this one.

    Only for the holder of the profile's lock, once the epoch has been opened. Any other epoch stays: an older profile
    may have been put in this one's place by mistake, and then that epoch is all there is of the newer one.

    Raises:
        StorageError: If the operating system refuses.
    """
    remove_leftovers(epoch_folder(profile, epoch), is_epoch_file)
    names = os.listdir(profile)
    if {epoch_folder(profile, epoch).name, KEYS_FILE, LOCK_FILE}.issuperset(names):
        return
    remove_leftovers(profile, lambda name: name in (KEYS_FILE, NEW_KEYS_FILE))
    before = [folder for number, folder in epochs(profile).items() if number == replaced != epoch]
    for folder in (*draft_epochs(profile), *before):
        remove_epoch(folder)


def remove_epoch(folder: Path) -> None:
    """Remove an epoch's files and its folder; a folder that holds anything else stays with that.

    Raises:
        StorageError: If the operating system refuses.
    """
    try:
        sealed = folder / SEALED_FOLDER
        if is_folder(sealed):
            _remove_own(sealed, is_blob_file)
        _remove_own(folder, is_epoch_file)
    except OSError as error:
        raise refused("remove", folder, error) from None
    fsync_dir(folder.parent)


def is_epoch_file(name: str) -> bool:
    """Whether we write a file of this name into an epoch's folder."""
    return name in _EPOCH_FILES


def is_blob_file(name: str) -> bool:
    """Whether a sealed blob may have this file name."""
    return name.endswith(BLOB_SUFFIX) and is_blob_name(name.removesuffix(BLOB_SUFFIX))


def holds_only_an_epoch(folder: Path) -> bool:
    """Whether everything in the folder is what we write into an epoch's."""
    return all(
        is_folder(entry) and all(is_file(blob) and _is_own(blob.name, is_blob_file) for blob in entry.iterdir())
        if entry.name == SEALED_FOLDER
        else is_file(entry) and _is_own(entry.name, is_epoch_file)
        for entry in folder.iterdir()
    )


def make_parts_private(profile: Path, epoch: int) -> None:
    """Let only this user reach the profile's own folders and files, whatever has been done to their modes.

    Raises:
        StorageError: If the operating system refuses.
    """
    for part in (str(profile), *own_parts(profile, epoch)):
        make_private(part)


def own_parts(profile: Path, epoch: int) -> Iterator[str]:
    """Yield the folders and files of the profile that we write, as far as they are there."""
    folder = str(epoch_folder(profile, epoch))
    yield from (os.path.join(profile, KEYS_FILE), os.path.join(profile, LOCK_FILE), folder)
    yield from epoch_parts(folder)


def epoch_parts(folder: str) -> Iterator[str]:
    """Yield the files that we write into an epoch's folder, and the folder in it, as far as they are there."""
    yield from _own_files(folder, is_epoch_file)
    sealed = os.path.join(folder, SEALED_FOLDER)
    if is_folder(sealed):
        yield sealed
        yield from _own_files(sealed, is_blob_file)


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


def sync_tree(folder: Path) -> None:
    """Flush every file and folder below to the disk.

    Raises:
        StorageError: If the operating system refuses.
    """
    for place, _, files in os.walk(folder):
        for name in files:
            _sync_file(Path(place) / name)
        fsync_dir(Path(place))


def _own_files(folder: str, is_own: Callable[[str], bool]) -> Iterator[str]:
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        yield from (entry.path for entry in entries if is_own(entry.name) and not entry.is_dir(follow_symlinks=False))


def _is_own(name: str, is_own: Callable[[str], bool]) -> bool:
    return is_own(name) or is_own(temporary_of(name) or "")


def _remove_own(folder: Path, is_own: Callable[[str], bool]) -> None:
    for entry in list(folder.iterdir()):
        if is_file(entry) and _is_own(entry.name, is_own):
            remove_file(entry)
    try:
        folder.rmdir()
    except OSError as error:
        # Something else is in it, and that stays.
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def _sync_file(file: Path) -> None:
    try:
        descriptor = os.open(file, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StorageError(f"cannot flush {file.name}: {(error.strerror or type(error).__name__).lower()}") from None
