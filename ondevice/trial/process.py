"""Try a bundle in a process of its own: a model that crashes, or never ends, ends that process and not the app's.

The process is a fresh one, not a fork: it shares neither the user's data nor locks or threads. It is told where the
bundle lies and answers with a verdict.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ondevice import errors
from ondevice.bundle import Bundle, read_manifest
from ondevice.bundle.places import resolve
from ondevice.errors import BundleError, OndeviceError, StorageError
from ondevice.trial.frozen import trial_command

READY = b"ready\n"
START_S = 120.0
"""Patience until the process says that it has begun, which tells a broken start from a broken bundle."""

BASE_S, BYTES_A_SECOND = 120.0, 5_000_000
"""Patience for a trial: a hundred times what a small model takes, and what the slowest storage needs to read a file."""

END_S = 10.0
"""Patience for a process that has said everything."""

MOST_VERDICT_BYTES = 1 << 16
_DAMAGED = "its files are damaged or made to do harm: get the model again from its publisher, or another version"


def try_apart(bundle: Bundle, base: Path | None, *, limit_s: float | None = None) -> None:
    """Try a bundle in a process of its own, an adapter on the language model in the folder ``base``.

    Raises:
        OndeviceError: What the trial raised there.
        BundleError: If the process crashed, or did not end within ``limit_s``.
        StorageError: If no process could be started.
        ImportError: If the runtime is not installed.
    """
    limit_s = time_limit(bundle, base) if limit_s is None else limit_s
    job = {
        "path": [os.path.abspath(place) for place in sys.path if isinstance(place, str)],
        "bundle": str(bundle.folder.absolute()),
        "base": None if base is None else str(base.absolute()),
        "limit_s": limit_s,
    }
    try:
        process = subprocess.Popen(  # noqa: S603 - this very interpreter or app, and no shell
            trial_command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing shows on Windows: no console, and in the process no dialogue about a crash.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise _no_process(f"{error.strerror or type(error).__name__}".lower()) from None
    with _ended(process):
        told = _Told(process)
        with suppress(OSError):  # it has ended already, and what it left says why
            told.send(job)
        if not told.is_ready.wait(START_S) or not told.is_begun:
            process.kill()
            raise _no_process("the interpreter that was started did not come to this package")
        is_over = told.wait(limit_s)
        code = _end(process, END_S if is_over else 0)
        if not is_over:
            raise BundleError(
                f"the {bundle.kind} {bundle.name!r} was still being tried after {limit_s:g} s", hint=_DAMAGED
            )
        _judge(f"the {bundle.kind} {bundle.name!r}", told.verdict, code)


def time_limit(bundle: Bundle, base: Path | None) -> float:
    """Return how long a trial of the bundle may take in seconds, by the bytes to be read."""
    files = [*bundle.files.values()]
    if base is not None:
        files += read_manifest(resolve(base)).files.values()
    return BASE_S + sum(file.bytes for file in files) / BYTES_A_SECOND


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the process whatever ends the block."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


class _Told:
    """What the process says, read by a thread, since not every system can wait for a pipe with a limit."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.is_ready = threading.Event()
        self.is_begun = False
        self.verdict: dict[str, Any] | None = None
        self._thread = threading.Thread(target=self._read, name="ondevice-trial", daemon=True)
        self._thread.start()

    def send(self, job: dict[str, Any]) -> None:
        """Tell the job. The pipe stays open: when it closes because this process died, the other ends itself."""
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()

    def wait(self, limit_s: float) -> bool:
        """Wait until it has said everything; False if it has not within the limit."""
        self._thread.join(limit_s)
        return not self._thread.is_alive()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        try:
            self.is_begun = self._process.stdout.readline(len(READY)) == READY
            self.is_ready.set()
            said = self._process.stdout.read(MOST_VERDICT_BYTES) if self.is_begun else b""
            with suppress(ValueError):
                verdict = json.loads(said)
                self.verdict = verdict if isinstance(verdict, dict) else None
        except (OSError, ValueError):
            pass
        finally:
            self.is_ready.set()


def _judge(name: str, verdict: dict[str, Any] | None, code: int) -> None:
    if verdict is None:
        ending = _ending(code)
        raise BundleError(
            f"{name} crashed the process it was tried in ({ending})",
            hint="perhaps it needs more memory than there is: end other programs" if ending == "SIGKILL" else _DAMAGED,
        )
    kind, hint = verdict.get("error"), verdict.get("hint")
    if kind is None:
        return
    if kind == "ImportError":
        raise ImportError(str(verdict.get("message")))
    known = getattr(errors, str(kind), None)
    if isinstance(known, type) and issubclass(known, OndeviceError):
        raise known(str(verdict.get("message")), hint=None if hint is None else str(hint))
    raise BundleError(f"{name} could not be tried: {str(kind)[:80]}", hint=_DAMAGED)


def _end(process: subprocess.Popen[bytes], patience_s: float) -> int:
    """Return the process's exit code, and end it where it does not end by itself."""
    try:
        return process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _ending(code: int) -> str:
    """Return how a process ended, in words."""
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code & 0xFFFFFFFF:#x}" if code < 0 or code > 255 else f"exit code {code}"


def _no_process(reason: str) -> StorageError:
    return StorageError(
        f"no process could be started to try the model in: {reason}",
        hint="name a Python interpreter with multiprocessing.set_executable, or allow programs to be started here",
    )
