"""What both command lines share: how they start and end, read a secret, and show what cannot steer a terminal."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from ondevice.safety.printable import escaped_json, one_line, printable

USAGE = 2
UNEXPECTED = 70
INTERRUPTED = 130

_LINE_END_BYTES = 2


class CleanConsole(Console):
    """A console that shows text as :func:`printable` has it, and takes none for markup, emoji names or numbers."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render into segments whose text is printable; those that steer the terminal are rich's own."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))


def write_json(document: object, *, indent: int | None = None, default: Callable[[Any], object] | None = None) -> None:
    """Write one JSON document to stdout: readable where stdout takes every character, otherwise in ASCII."""
    ascii_only = not (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent, default=default)
    sys.stdout.write(escaped_json(text) + "\n")
    sys.stdout.flush()


def write_error(kind: str, message: str, hint: str | None) -> None:
    """Write an error as the one JSON document of stdout."""
    write_json({"error": {"type": kind, "message": message, "hint": hint}})


def has_terminal() -> bool:
    """Return whether someone can be asked, even where stdin carries a file or is closed."""
    if sys.stdin is not None and sys.stdin.isatty():
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True


def secret_of_line(line: bytes) -> bytes:
    """Return a secret without its line's end: a line feed, and a carriage return directly before it.

    Nothing else ends a secret, though Python counts ten more characters as line ends: cut there it would be a shorter
    one, and nobody would notice.
    """
    secret, line_feed, _ = line.partition(b"\n")
    return secret.removesuffix(b"\r") if line_feed else secret


def read_line(descriptor: int, *, limit_bytes: int) -> bytes:
    """Read up to the first line feed, byte by byte: what follows is left for others, a text on stdin for one.

    Args:
        descriptor: An open file descriptor; it stays open.
        limit_bytes: Read no more than this, and what a line's end takes.

    Raises:
        OSError: If it cannot be read.
    """
    line = bytearray()
    while len(line) < limit_bytes + _LINE_END_BYTES and (byte := os.read(descriptor, 1)):
        line += byte
        if byte == b"\n":
            break
    return bytes(line)


def run_app(app: typer.Typer, name: str, arguments: Sequence[str] | None) -> NoReturn:
    """Run a command line and exit with the code of docs/reference/errors.md.

    Usage errors are typer's own (exit code 2); with ``--json`` they too are one JSON document on stdout.

    Args:
        app: The commands.
        name: What the program is called in its messages.
        arguments: Instead of the process's own.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    _ready_streams()
    try:
        code = app(args=given, prog_name=name, standalone_mode=False)
    except typer.Abort:
        if as_json:
            write_error("Aborted", "aborted", None)
        else:
            CleanConsole(stderr=True).print("aborted")
        sys.exit(1)
    except Exception as error:
        describe = getattr(error, "format_message", None)
        if describe is None:
            raise
        if as_json:
            write_error("UsageError", describe(), "run the command with --help")
        elif type(error).__name__ != "NoArgsIsHelpError":  # then the help stands there already
            _show_usage_error(describe(), getattr(error, "ctx", None))
        sys.exit(USAGE)
    sys.exit(code if isinstance(code, int) else 0)


def _ready_streams() -> None:
    """Let stdout show a replacement for what its encoding lacks; stderr does so from the start."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _show_usage_error(message: str, context: typer.Context | None) -> None:
    """Write to stderr what does not fit, which may quote what was typed or what a shell's pattern found."""
    err = CleanConsole(stderr=True)
    if context is not None:
        err.print(one_line(context.get_usage()), soft_wrap=True)
    err.print(f"error: {one_line(message)}", soft_wrap=True)
    if context is not None:
        err.print(f"hint: run: {one_line(context.command_path)} --help", soft_wrap=True)
