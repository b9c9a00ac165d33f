"""How a builder's command starts and ends: usage errors too are one JSON document where JSON is asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from export.cli.terminal import USAGE, write_error


def run_app(app: typer.Typer, name: str, arguments: Sequence[str] | None) -> None:
    """Run a command line and exit with the code of docs/errors.md.

    Usage errors are typer's own (exit code 2); with ``--json`` they too are one JSON document on stdout.

    Args:
        app: The commands.
        name: What the program is called in its messages.
        arguments: Instead of the process's own.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--json" not in given:
        app(args=given, prog_name=name)
        return
    try:
        code = app(args=given, prog_name=name, standalone_mode=False)
    except typer.Abort:
        write_error("Aborted", "aborted", None)
        sys.exit(1)
    except Exception as error:
        describe = getattr(error, "format_message", None)
        if describe is None:
            raise
        write_error("UsageError", describe(), "run the command with --help")
        sys.exit(USAGE)
    sys.exit(code if isinstance(code, int) else 0)
