"""One process, and one object in it, at a time: the lock of a profile.

Two locks are taken. The one on the profile's folder itself cannot be taken away by deleting a file, and works on a
medium that is read-only; Windows has no such lock. The one on the file ``lock`` also keeps out earlier releases,
which know no other.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from filelock import FileLock, SoftFileLock, Timeout

from ondevice.errors import NotFoundError, ProfileBusyError, StorageError
from ondevice.vault.files import is_file
from ondevice.vault.layout import LOCK_FILE


class ProfileLock:
    """The operating system's locks on a profile's folder and on the file ``lock`` in it.

    The system releases them when the process ends, however it ends. The file itself stays and is empty.
    """

    def __init__(self, folder: Path, *, is_read_only: bool = False) -> None:
        """Name the profile's folder; nothing is locked yet.

        Args:
            folder: The profile's folder.
            is_read_only: Nothing may be written there; readers then share the lock.
        """
        self._folder = folder
        self._is_read_only = is_read_only
        self._descriptor: int | None = None
        self._owner = 0
        self._seen: tuple[int, int] | None = None
        # Not tied to a thread: a profile may be closed by another one than opened it.
        self._lock = FileLock(folder / LOCK_FILE, timeout=0, mode=0o600, thread_local=False)

    @property
    def is_read_only(self) -> bool:
        """Whether nothing may be written in the folder."""
        return self._is_read_only

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._owner != 0

    def acquire(self) -> None:
        """Take the lock, or fail at once.

        Raises:
            ProfileBusyError: If another process, or another object here, holds it.
            NotFoundError: If there is no such folder.
            StorageError: If the file system refuses or has no such locks, or something else is called ``lock``.
            ValueError: If this object holds it already.
        """
        if self.is_held:
            raise ValueError("this object holds the profile's lock already")
        # Checked first, because filelock would make the folder, and an empty one looks like a profile.
        if not self._folder.is_dir():
            raise NotFoundError(f"there is no profile at {self._folder}")
        try:
            self._lock_folder()
            if not self._is_read_only:
                self._lock_file()
        except BaseException:
            self._unlock_folder()
            raise
        self._owner = os.getpid()

    def require_held(self) -> None:
        """Make sure that no one else can have got in since.

        Raises:
            StorageError: If the file ``lock`` or the folder is not the one that was locked any more.
            ProfileBusyError: If this process was forked from the one that holds the lock.
        """
        if self._owner != os.getpid():
            raise ProfileBusyError(
                "the profile was opened before this process was forked",
                hint="close it before the fork, and open it in the process that uses it",
            )
        if self._seen is not None and self._seen != _identity(self._folder / LOCK_FILE):
            raise StorageError(
                f"the file lock in {self._folder} was removed or replaced while the profile was open",
                hint="close the profile and open it again",
            )

    def release(self) -> None:
        """Give the lock back; without effect if it is not held, or is held by the process this one was forked from."""
        if not self.is_held:
            return
        if self._owner == os.getpid():
            self._unlock_folder()
            self._lock.release()
        self._owner = 0
        self._seen = None

    def __enter__(self) -> ProfileLock:
        """Acquire."""
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release."""
        self.release()

    def _lock_folder(self) -> None:
        if sys.platform == "win32":
            return
        import fcntl

        try:
            self._descriptor = os.open(self._folder, os.O_RDONLY)
            fcntl.flock(self._descriptor, (fcntl.LOCK_SH if self._is_read_only else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(self._descriptor), os.stat(self._folder)):
                # Whoever failed to make a profile here has taken the folder away, and somebody else made another.
                raise self._busy()
        except (BlockingIOError, FileNotFoundError):
            raise self._busy() from None
        except OSError as error:
            # Some network file systems lock files but no folders; the file's lock then stands alone.
            if self._descriptor is None or self._is_read_only:
                raise self._unlockable(error) from None

    def _lock_file(self) -> None:
        path = self._folder / LOCK_FILE
        # The lock's library would empty a file of that name, or follow a link.
        if os.path.lexists(path) and not (is_file(path) and path.stat().st_size == 0):
            raise StorageError(f"{path} is not the empty file that a profile has", hint="move it away")
        try:
            self._lock.acquire()
        except Timeout:
            raise self._busy() from None
        except (OSError, NotImplementedError) as error:
            raise self._unlockable(error) from None
        # On file systems without locks filelock turns itself into a mere marker file, which a killed
        # process would leave behind for ever.
        if isinstance(self._lock, SoftFileLock):
            self._lock.release()
            raise StorageError(f"the file system of {self._folder} has no locks", hint="keep profiles on a local disk")
        self._seen = _identity(path)

    def _unlock_folder(self) -> None:
        """Close what holds the folder's lock. A child process that has it too keeps nobody out: it gives it up."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None and sys.platform != "win32":
            import fcntl

            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)

    def _busy(self) -> ProfileBusyError:
        return ProfileBusyError(f"the profile {self._folder} is open already", hint="close it where it is open")

    def _unlockable(self, error: Exception) -> StorageError:
        return StorageError(f"cannot lock the profile {self._folder}: {type(error).__name__}")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path, follow_symlinks=False)
    except OSError:
        return None
    return found.st_dev, found.st_ino
