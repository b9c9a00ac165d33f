"""A folder that appears complete, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from export.errors import ConversionError
from ondevice.bundle import read_manifest
from ondevice.errors import StorageError


def check_place(out: Path) -> None:
    """Refuse a place where no new folder can be made, as far as that is known before there is anything to write.

    Raises:
        ConversionError: If there is something already.
        StorageError: If what is above it is no folder, or cannot be written.
    """
    if out.exists() or out.is_symlink():
        raise ConversionError(f"there is something at {out.name!r} already", hint="name a new folder with --out")
    above = next(each for each in out.absolute().parents if each.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise StorageError(f"the folder of {out.name!r} cannot be written", hint="name another place")


@contextmanager
def drafting(out: Path, *, check: Callable[[Path], object] = read_manifest) -> Iterator[Path]:
    """Give a new folder beside ``out`` to build a bundle in, and name it ``out`` once it is complete.

    The folder must pass ``check`` when the block ends: a bundle's holds a valid manifest. Whatever goes wrong before,
    a Ctrl-C included, removes it, so that nothing half-built is ever taken for a bundle.

    Raises:
        ConversionError: If there is something at ``out`` already.
        StorageError: If the disk refuses.
        ManifestError: If what the block left has no manifest that a device would accept, with the usual check.
    """
    check_place(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise StorageError(f"the folder of {out.name!r} cannot be written: {error.strerror}") from None
    try:
        yield folder
        check(folder)
        folder.chmod(0o755)
        _sync(folder)
        folder.rename(out)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise StorageError(f"the folder {out.name!r} cannot be written: {error.strerror}") from None
        raise


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            with path.open("rb") as file:
                os.fsync(file.fileno())
