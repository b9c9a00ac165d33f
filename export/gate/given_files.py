"""Files that the model builder names: whole, or one of our errors."""

from __future__ import annotations

from pathlib import Path

from export.errors import DatasetError
from ondevice.errors import NotFoundError, StorageError
from ondevice.safety.regular_files import NotRegularError, TooLongError, read_regular


def read_given(path: Path, *, limit_bytes: int) -> bytes:
    """Return what a file holds.

    Raises:
        NotFoundError: If there is no such file.
        DatasetError: If it is a pipe, a device or a folder, or longer than that.
        StorageError: If it cannot be read.
    """
    try:
        return read_regular(path, limit_bytes=limit_bytes)
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {path.name!r}") from None
    except (NotRegularError, TooLongError) as error:
        raise DatasetError(f"the file {path.name!r} cannot be taken: {error.strerror}") from None
    except OSError as error:
        raise StorageError(f"the file {path.name!r} cannot be read: {error.strerror}") from None
