"""How a program of this package ends: one line and a remedy on stderr, and the exit code of the error's class."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from ondevice.errors import OndeviceError

_UNEXPECTED = 70


@contextmanager
def reported(extra: str) -> Iterator[None]:
    """Turn what the block raises into a line on stderr and an exit code, never into a traceback with values.

    Args:
        extra: The extra of this package that the block needs, for whoever has not installed it.
    """
    try:
        yield
    except OndeviceError as error:
        _end(str(error), error.exit_code)
    except ImportError as error:
        _end(f"{error.name or 'a library'} is missing (pip install 'ondevice-integrations[{extra}]')", 1)
    except typer.Exit:
        raise
    except Exception as error:  # its message could be anything
        _end(f"unexpected {type(error).__name__} (this is a defect: please report it)", _UNEXPECTED)


def _end(message: str, code: int) -> None:
    sys.stderr.write(f"error: {message}\n")
    raise typer.Exit(code) from None
