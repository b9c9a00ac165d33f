"""Start the watched process, listen to both watches, and keep what they saw."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from ondevice.privacy.egress.attempts import Attempt
from ondevice.privacy.egress.filters import calls_here, restrict_thread
from ondevice.privacy.egress.seen import Seen
from ondevice.privacy.egress.supervisor import Supervisor
from ondevice.trial.frozen import interpreter_command

BASE_S = 300.0
"""Patience for the job, beside the time in which it is idle."""

LINGER_S = 1.0
"""Patience for other processes that the job has started, once it has ended itself."""

_BEGIN = (
    "import json, sys; sys.dont_write_bytecode = True; job = json.loads(sys.stdin.buffer.readline());"
    # What the variables of this process add to its path comes first there, as it would in an app.
    " sys.path[:] = [place for place in sys.path if place not in job['path']] + job['path'];"
    " from ondevice.privacy.egress.child import work; work(job)"
)


def watch_job(
    job: Mapping[str, Any], environment: Mapping[str, str], *, on_step: Callable[[str], None] = lambda _step: None
) -> Seen:
    """Do the job in a process of its own, under watch, and return what was seen.

    Args:
        job: What :func:`~ondevice.privacy.egress.child.work` takes, but for ``path`` and ``blocks``.
        environment: The process's variables.
        on_step: Told each step that begins.

    Raises:
        StorageError: If there is no interpreter.
        OSError: If it could not be started.
    """
    seen = Seen()
    limit_s = BASE_S + job["idle_s"]
    with _started(interpreter_command(_BEGIN), environment, job["folder"], seen) as (process, supervisor):
        seen.is_watched = supervisor is not None
        told = {**job, "path": [os.path.abspath(place) for place in sys.path], "blocks": not seen.is_watched}
        listener = threading.Thread(target=_listen, args=(process, seen, on_step), daemon=True)
        listener.start()
        with suppress(OSError):  # it has ended already
            assert process.stdin is not None  # noqa: S101 - it was asked for
            process.stdin.write(json.dumps(told).encode() + b"\n")
            process.stdin.flush()
        with suppress(subprocess.TimeoutExpired):
            seen.has_ended = process.wait(limit_s) == 0 and seen.error is None
        if supervisor is not None:
            supervisor.wait(LINGER_S)
            seen.is_alone = supervisor.is_alone
        listener.join(LINGER_S)
    return seen


@contextmanager
def _started(
    command: list[str], environment: Mapping[str, str], folder: str, seen: Seen
) -> Iterator[tuple[subprocess.Popen[bytes], Supervisor | None]]:
    """Start the process, under the filter where there is one, and end it and its group with the block."""
    start = _Start(command, environment, folder)
    supervisor = _supervised(start, seen)
    try:
        process = start.process()
        try:
            yield process, supervisor
        finally:
            _end(process)
    finally:
        if supervisor is not None:
            supervisor.close()


class _Start:
    """Starts the process in a thread of its own, which the filter stays on."""

    def __init__(self, command: list[str], environment: Mapping[str, str], folder: str) -> None:
        self._options: dict[str, Any] = {"args": command, "env": dict(environment), "cwd": folder}
        self._is_restricted, self._may_start = threading.Event(), threading.Event()
        self._result: subprocess.Popen[bytes] | OSError | None = None
        self.calls = calls_here()
        self.descriptor: int | None = None
        self._thread = threading.Thread(target=self._run, name="ondevice-egress", daemon=True)
        self._thread.start()
        self._is_restricted.wait()

    def process(self) -> subprocess.Popen[bytes]:
        """Start it, once somebody answers the filter's calls."""
        self._may_start.set()
        self._thread.join()
        if not isinstance(self._result, subprocess.Popen):
            raise self._result or OSError("no process was started")
        return self._result

    def _run(self) -> None:
        try:
            if self.calls is not None:
                with suppress(OSError):
                    self.descriptor = restrict_thread(self.calls)
        finally:
            self._is_restricted.set()
        self._may_start.wait()
        try:
            self._result = self._open()
        except OSError as error:
            self._result = error

    def _open(self) -> subprocess.Popen[bytes]:
        # With vfork this thread would hold the interpreter until the program runs, which waits for the supervisor,
        # which waits for the interpreter. Python names this attribute for such cases.
        is_vfork = getattr(subprocess, "_USE_VFORK", True)
        subprocess._USE_VFORK = False  # type: ignore[misc]
        try:
            return subprocess.Popen(
                **self._options,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        finally:
            subprocess._USE_VFORK = is_vfork  # type: ignore[misc]


def _supervised(start: _Start, seen: Seen) -> Supervisor | None:
    if start.descriptor is None or start.calls is None:
        return None
    own: list[int] = []

    def note(attempt: Attempt, process: int) -> None:
        # The first program is the one that does the job.
        if not own and attempt.action == "program":
            own.append(process)
            return
        seen.note(replace(attempt, by="the job" if process in own else "a process that it started"))

    return Supervisor(start.descriptor, start.calls, note)


def _listen(process: subprocess.Popen[bytes], seen: Seen, on_step: Callable[[str], None]) -> None:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    with suppress(OSError, ValueError):
        for line in process.stdout:
            event = json.loads(line)
            seen.hear(event)
            if "step" in event:
                on_step(event["step"])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it left in its group."""
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe is not None:
                pipe.close()
