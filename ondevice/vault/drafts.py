"""Copies under way: made beside their place under another name, renamed when they are whole, cleared when abandoned.

A draft is known to be ours by its name, by the mark in it and by the names of all else that it holds. One that is
being made is locked, so that nobody clears it away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ondevice.errors import NotFoundError, OndeviceError, ProfileBusyError, StorageError
from ondevice.vault.files import (
    fsync_dir,
    is_file,
    is_folder,
    make_private_dir,
    read_bounded,
    remove_empty,
    remove_file,
    remove_leftovers,
    temporary_beside,
    temporary_of,
    write_atomic,
)
from ondevice.vault.layout import KEYS_FILE, LOCK_FILE, epochs, remove_epoch
from ondevice.vault.lock import ProfileLock

MARK_FILE = "draft"
_ATTEMPTS = 5
_MARK = b"An unfinished copy of an ondevice profile. Whoever made it did not finish.\n"


@contextmanager
def draft_of(to: Path) -> Iterator[Path]:
    """Give a new private folder beside ``to``, for the caller to fill and to rename; remove it if that fails.

    Drafts of the same place that an interruption left are removed first.

    Raises:
        StorageError: If the operating system refuses.
    """
    made = make_parent(to)
    draft: Path | None = None
    try:
        clear_abandoned(to)
        draft, lock = _locked_draft(to)
        try:
            write_atomic(draft / MARK_FILE, _MARK)
            yield draft
        finally:
            lock.release()
        # The copy is in its place; a mark that stays in it does no harm.
        with suppress(OndeviceError):
            remove_file(to / MARK_FILE)
    except BaseException:
        if draft is not None:
            _remove(draft)
        remove_empty(made)
        raise


def clear_abandoned(to: Path) -> int:
    """Remove the drafts of this place that nobody is working on; return how many there were."""
    found = [
        entry for entry in to.absolute().parent.iterdir() if temporary_of(entry.name) == to.name and is_folder(entry)
    ]
    return sum(_clear(entry) for entry in found)


def _locked_draft(to: Path) -> tuple[Path, ProfileLock]:
    """Make a draft's folder and lock it; another copy to this place may clear it away before it is locked."""
    failure: OndeviceError | None = None
    for _ in range(_ATTEMPTS):
        draft = temporary_beside(to)
        # Shared, so that no file of the lock's lies in the copy when it is renamed.
        lock = ProfileLock(draft, is_read_only=True)
        try:
            make_private_dir(draft)
            lock.acquire()
        except (NotFoundError, ProfileBusyError, StorageError) as error:
            failure = error
        else:
            return draft, lock
    raise failure or StorageError(f"cannot make a copy beside {to}")


def make_parent(path: Path) -> list[Path]:
    """Make the folder above, where it is missing, without changing who may enter one that exists."""
    above = path.absolute().parent
    return [] if above.is_dir() else make_private_dir(above)


def _clear(draft: Path) -> bool:
    """Remove a draft if it is ours and nobody is working on it; say whether all of it is gone."""
    with suppress(OndeviceError, OSError):
        if not any(draft.iterdir()) or is_marked(draft):
            with ProfileLock(draft):
                return _remove(draft)
    return False


def is_marked(folder: Path) -> bool:
    """Whether the folder holds our mark of an unfinished copy."""
    with suppress(OndeviceError):
        return read_bounded(folder / MARK_FILE, len(_MARK)) == _MARK
    return False


def _remove(draft: Path) -> bool:
    """Remove what we write into a draft, and the mark last; say whether all of it is gone."""
    if not is_folder(draft):
        return True
    for folder in epochs(draft).values():
        remove_epoch(folder)
    remove_leftovers(draft, lambda name: name in (KEYS_FILE, MARK_FILE))
    for name in (KEYS_FILE, LOCK_FILE, MARK_FILE):
        if is_file(draft / name):
            remove_file(draft / name)
    with suppress(OSError):
        draft.rmdir()
    fsync_dir(draft.absolute().parent)
    return not draft.exists()
