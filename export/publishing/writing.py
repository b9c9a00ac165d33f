"""Files that appear complete under their name, or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ondevice.errors import StorageError


@contextmanager
def new_file(path: Path, *, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Give a file to write, which gets its name and is on the disk when the block ends; a failed block leaves nothing.

    Raises:
        StorageError: If there is something at ``path``, or the disk refuses.
    """
    temporary: Path | None = None
    try:
        if path.exists() or path.is_symlink():
            raise StorageError(f"there is a file {path.name!r} already", hint="name a new file")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.rename(path)
        _sync_folder(path.parent)
    except BaseException as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StorageError(f"the file {path.name!r} cannot be written: {error.strerror}") from None
        raise


def write_new(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a new file in one step; raises as :func:`new_file`."""
    with new_file(path, mode=mode) as file:
        file.write(data)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
