"""How the passphrase of a publisher's key is told: typed unseen, or in a file; never as an argument or a variable."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from ondevice.errors import InputError, LockedError
from ondevice.safety.consoles import has_terminal, read_line, secret_of_line
from ondevice.safety.printable import one_line
from ondevice.safety.regular_files import open_regular

MAX_BYTES = 4096
_DESCRIPTOR = re.compile(r"/dev/fd/([0-9]{1,9})")


def read_passphrase(file: Path | None, *, is_new: bool) -> str:
    """Return the passphrase from the file's first line, or ask for it, twice where it is new.

    Raises:
        InputError: If the file cannot be read or holds no passphrase.
        LockedError: If there is no file and nobody to ask.
    """
    if file is not None:
        return _first_line(file)
    if not has_terminal():
        raise LockedError("there is no terminal to ask for the passphrase", hint="use --passphrase-file")
    answer: str = typer.prompt("Passphrase of the key", hide_input=True, confirmation_prompt=is_new, err=True)
    return answer


def _first_line(path: Path) -> str:
    name = one_line(path.name)
    try:
        line = secret_of_line(_read_line(path))
        secret = line.decode("utf-8")
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "there is no such descriptor"
        raise InputError(f"the passphrase file {name!r} cannot be read: {reason}") from None
    except UnicodeDecodeError:
        raise InputError(f"the passphrase file {name!r} is not UTF-8") from None
    if not 1 <= len(line) <= MAX_BYTES:
        raise InputError(f"the passphrase file {name!r} must begin with a line of 1 to {MAX_BYTES} bytes")
    return secret


def _read_line(path: Path) -> bytes:
    """Read a file, or what the shell put on a descriptor, as in ``--passphrase-file <(command)``; no other pipe."""
    if descriptor := _DESCRIPTOR.fullmatch(str(path)):
        return read_line(int(descriptor[1]), limit_bytes=MAX_BYTES)
    with open_regular(path) as file:
        return read_line(file.fileno(), limit_bytes=MAX_BYTES)
