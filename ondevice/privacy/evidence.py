"""The folder that an audit's evidence goes to: its two files are made first, so that a wrong path is told in time."""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ondevice.errors import StorageError
from ondevice.privacy.page import page_of
from ondevice.privacy.page_seal import sealed
from ondevice.privacy.report import Report, report_to_json
from ondevice.safety.printable import one_line
from ondevice.vault.files import make_private_dir
from ondevice.vault.layout import resolved
from ondevice.vault.statements import Signatory

REPORT, PAGE = "audit.json", "audit.html"

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class EvidenceFolder:
    """Two new files for this user alone; what stays empty is removed in the end."""

    def __init__(self, folder: Path, *, profile: Path) -> None:
        """Make the folder where there is none, and the files.

        Raises:
            StorageError: If one of them is there already, the folder lies in the audited profile, or the disk refuses.
        """
        if resolved(folder).is_relative_to(resolved(profile)):
            raise StorageError("evidence is not kept in the profile itself", hint="name a folder outside it")
        self._folder, self._is_written = folder, False
        self._files: dict[str, BinaryIO] = {}
        # Who may enter a folder that was there is not for an audit to decide.
        self._made = [] if folder.is_dir() else make_private_dir(folder)
        try:
            for name in (REPORT, PAGE):
                self._files[name] = os.fdopen(os.open(folder / name, _NEW_FILE, 0o600), "wb")
        except OSError as error:
            self._remove()
            raise StorageError(
                f"the evidence cannot be put into {one_line(folder.name)}: {error.strerror}",
                hint="name a new folder for each audit",
            ) from None

    def write(self, report: Report, signatory: Signatory) -> None:
        """Write the report and its page, both signed.

        Raises:
            StorageError: If the disk refuses; nothing is then left.
        """
        content = {REPORT: report_to_json(report).encode("ascii") + b"\n", PAGE: sealed(page_of(report), signatory)}
        try:
            for name, data in content.items():
                self._files[name].write(data)
                self._files[name].flush()
                os.fsync(self._files[name].fileno())
        except OSError as error:
            raise StorageError(
                f"the evidence cannot be written into {one_line(self._folder.name)}: {error.strerror}",
                hint="make room there, or name another folder",
            ) from None
        self._is_written = True

    def __enter__(self) -> Self:
        """Return the folder."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files; without evidence in them, remove them."""
        if not self._is_written:
            self._remove()
            return
        with ExitStack() as closing:
            for file in self._files.values():
                closing.callback(file.close)

    def _remove(self) -> None:
        for name, file in self._files.items():
            _close(file)
            with suppress(OSError):
                (self._folder / name).unlink()
        # A folder into which somebody else has put something stays.
        with suppress(OSError):
            for folder in reversed(self._made):
                folder.rmdir()


def _close(file: BinaryIO) -> None:
    """Close a file that is removed next: that its last bytes cannot be written does not matter."""
    with suppress(OSError):
        file.close()
