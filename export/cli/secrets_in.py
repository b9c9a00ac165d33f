"""How the passphrase of a publisher's key is told: typed unseen, or in a file; never as an argument or a variable."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import typer

from ondevice.errors import InputError, LockedError

MAX_BYTES = 4096


def read_passphrase(file: Path | None, *, is_new: bool) -> str:
    """Return the passphrase from the file's first line, or ask for it, twice where it is new.

    Raises:
        InputError: If the file cannot be read or holds no passphrase.
        LockedError: If there is no file and nobody to ask.
    """
    if file is not None:
        return _first_line(file)
    if not _has_terminal():
        raise LockedError("there is no terminal to ask for the passphrase", hint="use --passphrase-file")
    answer: str = typer.prompt("Passphrase of the key", hide_input=True, confirmation_prompt=is_new, err=True)
    return answer


def _first_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"the passphrase file {path.name!r} cannot be read: {error.strerror}") from None
    try:
        line = data.decode("utf-8").partition("\n")[0].removesuffix("\r")
    except UnicodeDecodeError:
        raise InputError(f"the passphrase file {path.name!r} is not UTF-8") from None
    if not line or len(data) > MAX_BYTES:
        raise InputError(f"the passphrase file {path.name!r} must begin with a line of 1 to {MAX_BYTES} bytes")
    return line


def _has_terminal() -> bool:
    if sys.stdin.isatty():
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True
