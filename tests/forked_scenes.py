"""Scenes with a fork, each a program of its own in which it is the only one: an alarm ends it where it would hang."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
START = """
import os, signal, sys
from pathlib import Path
from ondevice.errors import OndeviceError

def tried(work):
    try:
        return work()
    except OndeviceError as error:
        return f"{type(error).__name__}: {error}"

def in_a_fork(work, *, exits=False):
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        print("child:", tried(work), flush=True)
        if exits:
            sys.exit(0)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if status:
        print("the child ended with", status)
"""


def play(scene: str, folder: Path) -> list[str]:
    """Run a scene, which finds the folder in ``sys.argv[1]``, and return the lines it printed.

    OpenMP may start threads in it: those that a fork lacks are what it would wait for.
    """
    env = {name: value for name, value in os.environ.items() if name != "OMP_THREAD_LIMIT"}
    ran = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", START + scene, str(folder)],
        capture_output=True,
        text=True,
        env={**env, "PYTHONPATH": str(ROOT)},
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()
