"""A folder of sealed blobs: index snapshots, adapters, caches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path

from ondevice.errors import CorruptError, NotFoundError, OndeviceError, StorageError
from ondevice.safety.confined import Confined
from ondevice.safety.regular_files import NotRegularError, open_regular
from ondevice.vault.files import is_folder, make_private_dir, remove_file, remove_leftovers, write_atomic
from ondevice.vault.kdf import ProfileKey, expand_key
from ondevice.vault.layout import BLOB_SUFFIX, is_blob_file
from ondevice.vault.sealing import HEADER_BYTES, is_blob_name, layout_version, open_sealed, seal

CACHE_PREFIXES = ("index-", "cache-")
"""Blobs with these names are made from items, and made again when they are missing or damaged."""

_CACHE_INFO = b"ondevice/v1/caches"
_READ_BYTES = 256 * 1024


class SealedFolder(Confined):
    """Blobs by name, each sealed under the profile's key and replaced whole.

    For the process that holds the profile's lock. Threads may use it at once; of two writes to one
    name the later stays.
    """

    def __init__(
        self,
        path: Path,
        profile_key: ProfileKey,
        profile_id: str,
        *,
        is_read_only: bool = False,
        guard: Callable[[], None] | None = None,
    ) -> None:
        """Make the folder where it is missing, and clear what an interrupted write left in it.

        Args:
            path: The folder; its files end in ``.sealed``.
            profile_key: Only a key derived from it is kept.
            profile_id: The profile the blobs belong to.
            is_read_only: The folder lies on a medium that cannot be written; it may be missing then.
            guard: Called before each change; raises where nothing may be changed any more.

        Raises:
            StorageError: If the operating system refuses.
        """
        self.is_read_only = is_read_only
        self._guard = guard or _allow
        self._cache_age = b""
        self._ageing = threading.Lock()
        self._profile_id = profile_id
        self.move(path, profile_key)

    @property
    def cache_age(self) -> bytes:
        """What the keys of caches depend on besides; each erasure draws another, so that no older one opens."""
        return self._cache_age

    @cache_age.setter
    def cache_age(self, age: bytes) -> None:
        # A cache that is being written is finished before: whoever lists the caches now finds all under older keys.
        with self._ageing:
            self._cache_age = age

    def move(self, path: Path, profile_key: ProfileKey) -> None:
        """Go on in another folder under another key, for all who hold this object.

        Raises:
            StorageError: If the operating system refuses.
        """
        if path.is_symlink():
            raise CorruptError(f"{path.name} is a link, and not the folder of the profile's sealed blobs")
        if not self.is_read_only:
            make_private_dir(path)
            remove_leftovers(path, is_blob_file)
        # One assignment: another thread sees the old folder with its key or the new one with its own.
        self._place = (path, profile_key.derive("seal"))

    @property
    def can_be_changed(self) -> bool:
        """Whether a blob could be written now; a cache that cannot is left for another time."""
        try:
            self._guard()
        except OndeviceError:
            return False
        return not self.is_read_only

    def write(self, name: str, data: bytes | Iterable[bytes], *, version: int) -> int:
        """Seal the data under this name, in place of what was there; return the sealed size in bytes.

        Raises:
            StorageError: If the disk refuses; the old blob is then still there.
            ValueError: If the name or version has the wrong form.
        """
        self._guard()
        with self._ageing if is_cache(name) else nullcontext():
            path, key = self._place_of(name)
            chunks = seal(key, data, name=name, version=version, profile_id=self._profile_id)
            return write_atomic(_file(path, name), chunks)

    def read(self, name: str, *, version: int) -> bytes:
        """Open the blob of this name and layout version.

        Raises:
            NotFoundError: If there is none.
            CorruptError: If it was altered, is not this blob, or has an older layout.
            VersionError: If its format or layout is newer.
            StorageError: If the disk refuses.
        """
        return b"".join(self.pieces(name, version=version))

    def pieces(self, name: str, *, version: int) -> Iterator[bytes]:
        """Open the blob piece by piece; only the end shows that none is missing. Raises as :meth:`read` meanwhile."""
        path, key = self._place_of(name)
        data = _bytes_of(path, name, _READ_BYTES)
        return open_sealed(key, data, name=name, version=version, profile_id=self._profile_id)

    def check(self, name: str) -> int:
        """Open the blob to its end without keeping the content, and return its layout version.

        Raises:
            NotFoundError: If there is none.
            CorruptError: If it was altered or is not this blob.
            VersionError: If its format is newer.
            StorageError: If the disk refuses.
        """
        version = layout_version(next(_bytes_of(self._place[0], name, HEADER_BYTES), b""), name)
        for _ in self.pieces(name, version=version):
            pass
        return version

    def delete(self, name: str) -> bool:
        """Remove the blob and return whether it was there.

        Raises:
            StorageError: If the disk refuses.
        """
        self._guard()
        file = _file(self._place[0], name)
        return not is_folder(file) and remove_file(file)

    def names(self) -> list[str]:
        """Return the blobs' names in alphabetical order.

        Raises:
            StorageError: If the disk refuses.
        """
        try:
            files = [
                entry.name for entry in self._place[0].iterdir() if is_blob_file(entry.name) and not is_folder(entry)
            ]
        except OSError as error:
            if self.is_read_only and isinstance(error, FileNotFoundError):
                return []
            raise StorageError(f"cannot list the sealed blobs: {_reason(error)}") from None
        return sorted(name.removesuffix(BLOB_SUFFIX) for name in files)

    def folders(self) -> list[str]:
        """Return the names under which a folder lies where a blob should be: nothing of ours, and never removed."""
        place = self._place[0]
        found = [entry for entry in place.iterdir() if is_folder(entry)] if place.is_dir() else []
        return sorted(entry.name.removesuffix(BLOB_SUFFIX) for entry in found if is_blob_file(entry.name))

    def total_bytes(self, prefix: str = "") -> int:
        """Return the size of all sealed files whose names begin so; one that goes meanwhile counts or not.

        Raises:
            StorageError: If the disk refuses.
        """
        total = 0
        for name in (each for each in self.names() if each.startswith(prefix)):
            with suppress(NotFoundError):
                total += self.size_bytes(name)
        return total

    def size_bytes(self, name: str) -> int:
        """Return the size of the sealed file.

        Raises:
            NotFoundError: If there is no such blob.
            StorageError: If the disk refuses.
        """
        try:
            return _file(self._place[0], name).stat().st_size
        except FileNotFoundError:
            raise _missing(name) from None
        except OSError as error:
            raise StorageError(f"cannot look at the sealed blob {name}: {_reason(error)}") from None

    def _place_of(self, name: str) -> tuple[Path, bytes]:
        path, key = self._place
        if self.cache_age and is_cache(name):
            key = expand_key(key, salt=self.cache_age, info=_CACHE_INFO)
        return path, key

    def __repr__(self) -> str:
        """Name the folder and hide the key."""
        return f"SealedFolder({str(self._place[0])!r})"


def is_cache(name: str) -> bool:
    """Whether a blob of this name can be made again from the items."""
    return name.startswith(CACHE_PREFIXES)


def _allow() -> None:
    """Refuse nothing."""


def _bytes_of(folder: Path, name: str, size: int) -> Iterator[bytes]:
    """Read the sealed file in pieces of ``size`` bytes."""
    try:
        with open_regular(_file(folder, name)) as file:
            while piece := file.read(size):
                yield piece
    except FileNotFoundError:
        raise _missing(name) from None
    except NotRegularError:
        raise CorruptError(f"the sealed blob {name} is not a regular file") from None
    except OSError as error:
        raise StorageError(f"cannot read the sealed blob {name}: {_reason(error)}") from None


def _file(folder: Path, name: str) -> Path:
    if not is_blob_name(name):
        raise ValueError("a blob name has 1 to 100 of a-z, 0-9, dot, underscore and dash, starting with a-z0-9")
    return folder / f"{name}{BLOB_SUFFIX}"


def _missing(name: str) -> NotFoundError:
    return NotFoundError(f"there is no sealed blob {name}")


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
