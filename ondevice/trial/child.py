"""The other side of a trial: the process that may die of it."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from ondevice.bundle import Bundle, read_manifest
from ondevice.errors import OndeviceError

READY = b"ready\n"
_GRACE_S = 30
_MOST_CHARACTERS = 2000


def read_job() -> dict[str, Any]:
    """Read what is to be tried, from the standard input."""
    # A windowed app has no sys.stdin.
    with open(0, "rb", closefd=False) as file:
        job: dict[str, Any] = json.loads(file.readline())
    return job


def work(job: dict[str, Any]) -> NoReturn:
    """Try the job's bundle, write the verdict to the standard output, and end the process."""
    # What the runtimes print goes nowhere; the verdict has a way of its own.
    verdict = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    _prepare(job["limit_s"])
    os.write(verdict, READY)
    threading.Thread(target=_end_with_the_other, daemon=True).start()
    os.write(verdict, json.dumps(_try(job)).encode())
    # Without the interpreter's end: what the runtimes do then is no matter of the bundle's.
    os._exit(0)


def _try(job: dict[str, Any]) -> dict[str, Any]:
    from ondevice.trial.kinds import try_bundle

    try:
        folder = Path(job["bundle"])
        bundle = Bundle(folder=folder, manifest=read_manifest(folder))
        try_bundle(bundle, None if job["base"] is None else Path(job["base"]))
    except OndeviceError as error:
        return {"error": type(error).__name__, "message": error.message[:_MOST_CHARACTERS], "hint": error.hint}
    except ImportError as error:
        return {"error": "ImportError", "message": str(error)[:_MOST_CHARACTERS]}
    except Exception as error:  # its message could be anything; the name of its type is enough
        return {"error": type(error).__name__}
    return {"error": None}


def _prepare(limit_s: float) -> None:
    """Let a crash leave nothing behind, and the process end even if nobody waits for it any more."""
    # Before llama.cpp is loaded: on an abort it would start a debugger.
    os.environ["GGML_NO_BACKTRACE"] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits decides
    if sys.platform == "win32":
        import msvcrt

        msvcrt.SetErrorMode(
            msvcrt.SEM_FAILCRITICALERRORS | msvcrt.SEM_NOGPFAULTERRORBOX | msvcrt.SEM_NOOPENFILEERRORBOX
        )
        return
    import resource

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limit_s + _GRACE_S)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Where memory runs out, Linux is to end this process before others.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _end_with_the_other() -> None:
    """End this process when the one that waits for it closes the pipe, or dies."""
    with suppress(OSError):
        while os.read(0, 1):
            pass
    os._exit(1)
