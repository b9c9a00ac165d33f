"""One process, and one object in it, at a time: the lock of a profile."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from filelock import FileLock, SoftFileLock, Timeout

from ondevice.errors import NotFoundError, ProfileBusyError, StorageError

_FILE_NAME = "lock"


class ProfileLock:
    """The operating system's lock on the file ``lock`` in a profile's folder.

    The system releases it when the process ends, however it ends. The file itself stays and is empty.
    """

    def __init__(self, folder: Path) -> None:
        """Name the profile's folder; nothing is locked yet."""
        self._folder = folder
        # Not tied to a thread: a profile may be closed by another one than opened it.
        self._lock = FileLock(folder / _FILE_NAME, timeout=0, mode=0o600, thread_local=False)

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return bool(self._lock.is_locked)

    def acquire(self) -> None:
        """Take the lock, or fail at once.

        Raises:
            ProfileBusyError: If another process, or another object here, holds it.
            NotFoundError: If there is no such folder.
            StorageError: If the file system refuses or has no such locks.
            ValueError: If this object holds it already.
        """
        if self.is_held:
            raise ValueError("this object holds the profile's lock already")
        # Checked first, because filelock would make the folder, and an empty one looks like a profile.
        if not self._folder.is_dir():
            raise NotFoundError(f"there is no profile at {self._folder}")
        try:
            self._lock.acquire()
        except Timeout:
            raise ProfileBusyError(
                f"the profile {self._folder} is open already", hint="close it where it is open"
            ) from None
        except (OSError, NotImplementedError) as error:
            raise StorageError(f"cannot lock the profile {self._folder}: {type(error).__name__}") from None
        # On file systems without locks filelock turns itself into a mere marker file, which a killed
        # process would leave behind for ever.
        if isinstance(self._lock, SoftFileLock):
            self._lock.release()
            raise StorageError(f"the file system of {self._folder} has no locks", hint="keep profiles on a local disk")

    def release(self) -> None:
        """Give the lock back; without effect if it is not held."""
        if self.is_held:
            self._lock.release()

    def __enter__(self) -> ProfileLock:
        """Acquire."""
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release."""
        self.release()
