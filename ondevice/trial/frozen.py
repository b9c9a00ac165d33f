"""Programs that can start this package's own code: an interpreter, or a frozen app that has agreed to it."""

from __future__ import annotations

import sys
from pathlib import Path

from ondevice.errors import StorageError

ARGUMENT = "--ondevice-trial"

_BEGIN = (
    "import json, sys; job = json.loads(sys.stdin.buffer.readline()); sys.path[:] = job['path'];"
    " from ondevice.trial.child import work; work(job)"
)
_agreed: list[bool] = []


def freeze_support() -> None:
    """Let a frozen app try bundles in a process of its own: call it first in the app's main module.

    An app that was made into one executable (PyInstaller, py2app, cx_Freeze) has no interpreter to start, only itself.
    Started for a trial, it does the trial here and ends; otherwise this only notes that it may be. In an app that is
    not frozen it has no effect.
    """
    _agreed.append(True)
    if is_frozen() and ARGUMENT in sys.argv[1:2]:
        from ondevice.trial.child import read_job, work

        work(read_job())


def is_frozen() -> bool:
    """Whether this program is an executable that holds Python rather than Python itself."""
    return bool(getattr(sys, "frozen", False)) or "__compiled__" in globals()


def trial_command() -> list[str]:
    """Return the command that starts a trial: one that reads a job from its standard input.

    Raises:
        StorageError: If there is no interpreter.
        ValueError: If the app is frozen and has not called :func:`freeze_support`.
    """
    if is_frozen():
        if not _agreed:
            raise ValueError(
                "a frozen app must call ondevice.trial.freeze_support() first in its main module, to try bundles in a"
                " process of its own"
            )
        return [sys.executable or sys.argv[0], ARGUMENT]
    return interpreter_command(_BEGIN)


def interpreter_command(code: str) -> list[str]:
    """Return the command that runs code in an interpreter like this one, for an app that is not frozen.

    Raises:
        StorageError: If there is no interpreter.
    """
    return [_interpreter(), "-P", *_same_options(), "-c", code]


def _interpreter() -> str:
    """Return the interpreter: what an embedding program told ``multiprocessing``, or the one that runs this."""
    told = getattr(sys.modules.get("multiprocessing.spawn"), "get_executable", lambda: None)()
    if told:
        return told.decode() if isinstance(told, bytes) else str(told)
    places = [sys.executable, *(str(Path(sys.exec_prefix, name)) for name in ("bin/python3", "python.exe"))]
    for place in places:
        if place and Path(place).is_file():
            return place
    raise StorageError(
        "there is no Python interpreter to try a model with",
        hint="name one with multiprocessing.set_executable before installing",
    )


def _same_options() -> list[str]:
    """Return the options of this interpreter that decide what is imported, and how texts are read."""
    flags = sys.flags
    chosen = {
        "-I": flags.isolated,
        "-E": flags.ignore_environment,
        "-s": flags.no_user_site,
        "-S": flags.no_site,
        "-B": sys.dont_write_bytecode,
    }
    return [*(option for option, is_set in chosen.items() if is_set), "-X", f"utf8={int(flags.utf8_mode)}"]
