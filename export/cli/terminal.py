"""What the builder's commands show, and how they fail: one line and a remedy, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import RenderableType

from ondevice.errors import OndeviceError
from ondevice.safety.consoles import INTERRUPTED, UNEXPECTED, CleanConsole, write_error, write_json
from ondevice.safety.printable import one_line
from ondevice.safety.progress import BYTES, progress
from ondevice.signals import Progress


class Terminal:
    """The two streams of a command: the result goes to stdout, messages and progress to stderr."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._out = CleanConsole()
        self._err = CleanConsole(stderr=True)

    def result(self, document: Mapping[str, Any], *views: RenderableType) -> None:
        """Write the command's result: the document with ``--json``, otherwise the views."""
        if self._as_json:
            write_json(document, indent=2, default=str)
            return
        for view in views:
            self._out.print(view, soft_wrap=isinstance(view, str))

    def say(self, message: str) -> None:
        """Write one line for people to stderr."""
        self._err.print(one_line(message), soft_wrap=True)

    @contextmanager
    def progress(self, title: str, *, is_bytes: bool = True) -> Iterator[Progress]:
        """Show on stderr how far the block is; it yields an ``on_progress`` callback.

        Args:
            title: What is going on.
            is_bytes: Whether what is done is counted in bytes, or else in steps.
        """
        with progress(self._err, title, unit=BYTES if is_bytes else "") as on_progress:
            yield on_progress

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Turn what the block raises into a message and the exit code of the error's class."""
        try:
            yield
        except OndeviceError as error:
            self._fail(type(error).__name__, error.message, error.hint, error.exit_code)
        except ImportError as error:
            hint = None if "pip install" in str(error) else 'run: pip install "ondevice-export[train]"'
            self._fail("ImportError", str(error), hint, 1)
        except KeyboardInterrupt:
            hint = "run the same command again: it keeps what was fetched, and what is in a --checkpoint"
            self._fail("Interrupted", "interrupted", hint, INTERRUPTED)
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:
            hint = "this is a defect: please report it with the command you ran"
            self._fail(type(error).__name__, f"unexpected {type(error).__name__}: {error}", hint, UNEXPECTED)

    def _fail(self, kind: str, message: str, hint: str | None, code: int) -> None:
        if self._as_json:
            write_error(kind, message, hint)
        else:
            self.say(f"error: {message}")
            if hint:
                self.say(f"hint: {hint}")
        raise typer.Exit(code) from None
