"""How the user's own text reaches a command: an argument, a file, stdin, or typed at the terminal.

An argument is the quickest, but other processes of the machine can read it in the process list while the
command runs, and the shell may keep it in its history; the other ways leave no such trace.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ondevice.cli.failing import UsageError
from ondevice.cli.output import Output
from ondevice.errors import InputError
from ondevice.safety.printable import one_line
from ondevice.safety.regular_files import NotRegularError, TooLongError, read_regular

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
        text = _decode(_bytes_of(argument), f"the {what}")
    elif file is not None:
        text = _decode(read_file(file), f"the file {one_line(file.name)}")
    else:
        if sys.stdin is not None and sys.stdin.isatty():
            output.say(f"Type the {what}; end with Ctrl-D (Ctrl-Z and Enter on Windows) on a line of its own.")
        text = _decode(_read_stdin(), "stdin")
    text = text.strip()
    if not text:
        raise InputError(f"the {what} is empty", hint="pass it on stdin, with --file, or as an argument")
    return text


def read_stdin_line() -> str | None:
    """Return the next line of stdin without what surrounds it, or ``None`` at the end.

    Raises:
        InputError: If it is too long or not UTF-8.
    """
    data = b"" if sys.stdin is None else sys.stdin.buffer.readline(MAX_TEXT_BYTES + 1)
    if len(data) > MAX_TEXT_BYTES:
        raise InputError(f"the line on stdin is longer than {MAX_TEXT_BYTES} bytes")
    return _decode(data, "stdin").strip() if data else None


def read_named(name: str, what: str, *, limit_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """Return the bytes of the named file, or of stdin where the name is a dash; raises as :func:`read_file`."""
    return _read_stdin(limit_bytes) if name == "-" else read_file(Path(name), what, limit_bytes=limit_bytes)


def read_file(file: Path, what: str = "file", *, limit_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """Return the bytes of a file that the user named.

    Raises:
        InputError: If it is missing, no regular file, too long, or cannot be read.
    """
    name = one_line(file.name)
    try:
        return read_regular(file, limit_bytes=limit_bytes)
    except NotRegularError:
        raise InputError(f"the {what} {name} is no regular file", hint="a pipe's content comes in on stdin") from None
    except TooLongError:
        raise InputError(f"the {what} {name} is longer than {limit_bytes} bytes") from None
    except OSError as error:
        raise InputError(f"the {what} {name} cannot be read: {error.strerror}") from None


def _read_stdin(limit_bytes: int = MAX_TEXT_BYTES) -> bytes:
    data = b"" if sys.stdin is None else sys.stdin.buffer.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise InputError(f"what comes on stdin is longer than {limit_bytes} bytes")
    return data


def _decode(data: bytes, what: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{what} is not UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _bytes_of(argument: str) -> bytes:
    """Return an argument's bytes as the system passed them, whatever the locale made of them."""
    try:
        return os.fsencode(argument)
    except UnicodeEncodeError:
        return argument.encode("utf-8", "surrogatepass")
