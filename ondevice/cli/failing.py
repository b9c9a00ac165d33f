"""How a command fails: one line and a remedy, the exit code of the error's class, never a traceback or user text."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import typer

from ondevice.cli.output import Output
from ondevice.errors import MisspeltKeyWarning, OndeviceError
from ondevice.safety.consoles import INTERRUPTED, UNEXPECTED, USAGE, write_error

_PACKAGE = Path(__file__).parent.parent


class UsageError(Exception):
    """Options or arguments that do not go together; exit code 2, as for what typer itself refuses."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        """Keep the sentence and the remedy apart."""
        super().__init__(message)
        self.message = message
        self.hint = hint


@contextmanager
def reported(output: Output) -> Iterator[None]:
    """Turn what the block raises into a message and an exit code, and our own warnings into lines on stderr."""
    try:
        with _warnings_said(output):
            yield
    except OndeviceError as error:
        fail(type(error).__name__, error.message, error.hint, error.exit_code, output)
    except UsageError as error:
        fail("UsageError", error.message, error.hint, USAGE, output)
    except ImportError as error:
        fail(type(error).__name__, str(error), "run: ondevice doctor", 1, output)
    except KeyboardInterrupt:
        fail("Interrupted", "interrupted", None, INTERRUPTED, output)
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except Exception as error:
        message = f"unexpected {type(error).__name__} at {place_of(error)}"
        fail(type(error).__name__, message, "this is a defect: please report this line", UNEXPECTED, output)


@contextmanager
def _warnings_said(output: Output) -> Iterator[None]:
    """Say a warning that is meant for whoever typed the command, without the place in our code that it comes from."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", MisspeltKeyWarning)
        show = warnings.showwarning

        def say(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, MisspeltKeyWarning):
                output.say(f"note: {message}")
            else:
                show(message, category, filename, lineno, file, line)

        warnings.showwarning = say
        yield


def fail(kind: str, message: str, hint: str | None, code: int, output: Output) -> None:
    """Write the error where its reader looks for it, and leave with the code.

    Raises:
        typer.Exit: Always.
    """
    if output.as_json:
        write_error(kind, message, hint)
    else:
        output.say(f"error: {message}")
        if hint:
            output.say(f"hint: {hint}")
    raise typer.Exit(code) from None


def place_of(error: BaseException) -> str:
    """Return the innermost place inside this package, as file and line; it holds no values."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
    if not ours:
        return "an unknown place"
    return f"{Path(ours[-1].filename).relative_to(_PACKAGE.parent).as_posix()}:{ours[-1].lineno}"
