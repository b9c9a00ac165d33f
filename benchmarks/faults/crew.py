"""Share sessions out among worker processes, and bring their faults together."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.faults.sessions import Session
from benchmarks.faults.shim import compile_shim, environment

WORKER = (sys.executable, "-m", "benchmarks.faults.worker")


class WorkerError(RuntimeError):
    """The instrument itself failed."""


def faults_of(
    sessions: Iterable[Session],
    *,
    n_workers: int,
    command: Sequence[str] = WORKER,
    until: float | None = None,
    kept: Path | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield each fault as it is judged.

    Args:
        sessions: What to do.
        n_workers: Processes side by side.
        command: What starts a worker.
        until: The time of :func:`time.monotonic` after which no session begins.
        kept: A folder for what failures leave.

    Raises:
        WorkerError: If a worker ends before its time, or a session breaks.
    """
    waiting = iter(sessions)
    taking = threading.Lock()
    told: queue.Queue[dict[str, Any] | WorkerError | None] = queue.Queue()

    is_over = threading.Event()

    def take() -> Session | None:
        with taking:
            is_late = until is not None and time.monotonic() >= until
            return None if is_late or is_over.is_set() else next(waiting, None)

    with tempfile.TemporaryDirectory() as folder:
        library = compile_shim(Path(folder))
        full = [*command, *([str(kept)] if kept else [])]

        def work() -> None:
            try:
                _work(full, environment(library), take, told)
            except WorkerError as error:
                told.put(error)
            finally:
                told.put(None)

        threads = [threading.Thread(target=work, daemon=True) for _ in range(n_workers)]
        for thread in threads:
            thread.start()
        n_left = n_workers
        try:
            while n_left:
                item = told.get()
                if isinstance(item, WorkerError):
                    raise item
                if item is None:
                    n_left -= 1
                else:
                    yield item
        finally:
            is_over.set()
            for thread in threads:
                thread.join()


def _work(
    command: Sequence[str],
    variables: dict[str, str],
    take: Callable[[], Session | None],
    told: queue.Queue[dict[str, Any] | WorkerError | None],
) -> None:
    """Give one worker a session after the other."""
    with subprocess.Popen(command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        while (session := take()) is not None:
            for body in _told(process, session):
                told.put(body)


def _told(process: subprocess.Popen[str], session: Session) -> Iterator[dict[str, Any]]:
    """Let the worker run a session, and yield its faults."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(session.as_json()) + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        raise WorkerError("a worker ended before its first session") from None
    for line in process.stdout:
        body = json.loads(line)
        if "error" in body:
            raise WorkerError(f"session {body['done']} broke:\n{body['error']}")
        if "done" in body:
            return
        yield body
    raise WorkerError(f"a worker ended in session {session.number}")
