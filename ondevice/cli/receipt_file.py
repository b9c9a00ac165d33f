"""The file that a receipt goes to: made before anything is erased, so that a wrong path is told in time."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Annotated, Self

import typer

from ondevice.errors import StorageError
from ondevice.records import Receipt
from ondevice.safety.printable import one_line

ReceiptOption = Annotated[
    Path | None,
    typer.Option(
        "--receipt", metavar="FILE", help="Also write the receipt to this new file, for 'ondevice receipt verify'."
    ),
]

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class ReceiptFile:
    """A new, empty file for one receipt, or none at all; what stays empty is removed in the end."""

    def __init__(self, path: Path | None) -> None:
        """Make the file.

        Raises:
            StorageError: If there is something at the path already, or the disk refuses.
        """
        self._path, self._is_written = path, False
        self._file = None
        if path is None:
            return
        try:
            self._file = os.fdopen(os.open(path, _NEW_FILE, 0o600), "wb")
        except OSError as error:
            raise StorageError(
                f"the receipt's file {one_line(path.name)} cannot be made: {error.strerror}", hint="name a new file"
            ) from None

    def write(self, receipt: Receipt) -> str | None:
        """Write the receipt, and return why it could not be; it then stands on stdout alone."""
        from ondevice.vault.receipts import receipt_to_json

        if self._file is None:
            return None
        try:
            self._file.write(receipt_to_json(receipt).encode("ascii") + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            return f"the receipt's file cannot be written: {error.strerror}"
        self._is_written = True
        return None

    def __enter__(self) -> Self:
        """Return the file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        if self._file is None or self._path is None:
            return
        try:
            self._file.close()
        except OSError:
            self._is_written = False
        if not self._is_written:
            self._path.unlink(missing_ok=True)
