"""How the user's own text reaches a command: an argument, a file, stdin, or typed at the terminal.

An argument is the quickest, but other processes of the machine can read it in the process list while the
command runs, and the shell may keep it in its history; the other ways leave no such trace.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ondevice.cli.failing import UsageError
from ondevice.cli.output import Output
from ondevice.errors import InputError

MAX_TEXT_BYTES = 16 * 1024 * 1024
VISIBLE = "Visible to other processes while the command runs: leave it out to read stdin or to be asked."


def read_text(argument: str | None, file: Path | None, what: str, output: Output) -> str:
    """Return the text from the one place where it was given.

    Raises:
        UsageError: If it was given twice.
        InputError: If it is empty, too long, not UTF-8 or cannot be read.
    """
    if argument is not None and file is not None:
        raise UsageError(f"give the {what} as an argument or with --file, not both")
    if argument is not None and argument != "-":
        text = argument
    elif file is not None:
        text = _read_file(file)
    else:
        if sys.stdin.isatty():
            output.say(f"Type the {what}; end with Ctrl-D (Ctrl-Z and Enter on Windows) on a line of its own.")
        text = _read_stdin()
    text = text.strip()
    if not text:
        raise InputError(f"the {what} is empty", hint="pass it on stdin, with --file, or as an argument")
    return text


def _read_file(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_TEXT_BYTES:
            raise InputError(f"the file {file.name} is longer than {MAX_TEXT_BYTES} bytes")
        return file.read_text("utf-8")
    except OSError as error:
        raise InputError(f"the file {file.name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"the file {file.name} is not UTF-8") from None


def _read_stdin() -> str:
    try:
        return sys.stdin.read(MAX_TEXT_BYTES)
    except UnicodeDecodeError:
        raise InputError("stdin is not UTF-8") from None
