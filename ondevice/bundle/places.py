"""Where the version in use of a model lies: in the folder itself, or in the one that its pointer ``current`` names.

A folder as fetched holds ``manifest.json`` and the files. Once a version has been installed, the file ``current``
beside them names the folder in use and the one before it, one a line (``.`` is the folder itself), so that replacing
this one small file switches between whole versions.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from ondevice.errors import CorruptError, StorageError
from ondevice.safety.regular_files import NotRegularError, TooLongError, read_regular

POINTER_NAME = "current"
PLAIN = "."

_MAX_POINTER_BYTES = 256
_VERSION_FOLDER = re.compile(r"v-[0-9a-f]{12}(-[0-9]{1,6})?")


class Pointer(NamedTuple):
    """Which folder is in use, and which was before it."""

    current: str
    previous: str | None = None

    def to_bytes(self) -> bytes:
        """Return the pointer file's bytes."""
        return "".join(f"{name}\n" for name in self if name is not None).encode()


def is_version_folder(name: str) -> bool:
    """Return whether installing gives folders such names."""
    return _VERSION_FOLDER.fullmatch(name) is not None


def read_pointer(folder: Path) -> Pointer | None:
    """Return what ``folder / current`` says, or ``None`` where nothing was ever installed.

    Raises:
        CorruptError: If the file is not a pointer.
        StorageError: If it cannot be read.
    """
    try:
        data = read_regular(folder / POINTER_NAME, limit_bytes=_MAX_POINTER_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (NotRegularError, TooLongError):
        data = b""
    except OSError as error:
        raise StorageError(f"the pointer of the model {folder.name!r} cannot be read: {error.strerror}") from None
    names = data.decode("ascii", errors="replace").splitlines()
    if not 1 <= len(names) <= 2 or not all(name == PLAIN or is_version_folder(name) for name in names):
        raise CorruptError(
            f"the file {POINTER_NAME!r} of the model {folder.name!r} names no version",
            hint="install the model again with: ondevice bundle install",
        )
    pointer = Pointer(*names)
    if pointer.to_bytes() != data:
        raise CorruptError(
            f"the file {POINTER_NAME!r} of the model {folder.name!r} is damaged",
            hint="install the model again with: ondevice bundle install",
        )
    return pointer


def resolve(folder: Path) -> Path:
    """Return the folder that holds the manifest in use.

    Raises:
        CorruptError: If the pointer is damaged, or the folder that it names is gone.
        StorageError: If it cannot be read.
    """
    pointer = read_pointer(folder)
    if pointer is None:
        return folder
    place = folder / pointer.current
    if not place.is_dir():
        raise CorruptError(f"the version in use of the model {folder.name!r} is missing", hint=remedy(folder.name))
    return place


def remedy(name: str) -> str:
    """Return what to do about a damaged installed version."""
    return f"install it again, or run: ondevice bundle rollback {name}"
