"""The shim: it strikes the call it was set to, in a folder and nowhere else, and writes down what happened."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.faults.shim import Action, Calls, Strike, compile_shim, environment
from benchmarks.faults.trace import Step, read_trace

WRITER = """
import json, os, sys
from pathlib import Path
from benchmarks.faults.shim import Action, Calls, Shim, Strike

root, traced, struck = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
shim = Shim()
shim.trace(os.open(traced, os.O_RDWR | os.O_CREAT))
strike = {**struck, "action": Action(struck["action"]), "calls": Calls(struck["calls"])}
shim.arm(root, Strike(**strike))
answers = []

def call(work, *values):
    try:
        answers.append(work(*values))
    except OSError as error:
        answers.append(f"error {error.errno}")

elsewhere = os.open(root.parent / "elsewhere", os.O_RDWR | os.O_CREAT)
call(os.write, elsewhere, b"not watched")
file = os.open(root / "file", os.O_RDWR | os.O_CREAT)
shim.mark(1)
call(os.write, file, b"x" * 1000)
call(os.fsync, file)
call(os.pwrite, file, b"y" * 1000, 1000)
call(os.ftruncate, file, 500)
call(os.rename, root / "file", root / "other")
call(os.mkdir, root / "folder")
call(os.unlink, root / "other")
sys.stdout.write(json.dumps(answers))
"""


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_shim(tmp_path_factory.mktemp("shim"))


def run(shim: Path, folder: Path, strike: Strike) -> tuple[int, list[Any], list[Step]]:
    root, traced = folder / "root", folder / "trace"
    root.mkdir()
    given = json.dumps(
        {
            "action": strike.action,
            "at": strike.at,
            "calls": strike.calls,
            "share": strike.share,
            "error": strike.error,
            "lasts": strike.lasts,
        }
    )
    command = [sys.executable, "-c", WRITER, str(root), str(traced), given]
    done = subprocess.run(command, env=environment(shim), capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode, json.loads(done.stdout or "[]"), read_trace(traced)


def told(steps: list[Step]) -> str:
    return "".join(each.what for each in steps)


def test_without_a_fault_everything_is_written_down_in_order(shim: Path, tmp_path: Path) -> None:
    code, answers, steps = run(shim, tmp_path, Strike(action=Action.NOTHING, at=0))
    assert (code, answers) == (0, [11, 1000, None, 1000, None, None, None, None])
    assert told(steps) == "CMWSWTRDU"
    assert (steps[4].at, steps[4].data) == (1000, b"y" * 1000)
    assert (Path(steps[6].path).name, Path(steps[6].to).name) == ("file", "other")


@pytest.mark.parametrize(("action", "left"), [(Action.KILL_BEFORE, "CM"), (Action.KILL_AFTER, "CMW")])
def test_it_kills_before_and_after_a_call(shim: Path, tmp_path: Path, action: Action, left: str) -> None:
    code, _, steps = run(shim, tmp_path, Strike(action=action, at=2))
    assert (code, told(steps)) == (-signal.SIGKILL, left)


def test_it_tears_a_write_between_sectors(shim: Path, tmp_path: Path) -> None:
    code, _, _ = run(shim, tmp_path, Strike(action=Action.TEAR, at=1, calls=Calls.WRITE, share=0.9))
    assert code == -signal.SIGKILL
    assert os.path.getsize(tmp_path / "root" / "file") == 512


def test_it_cuts_a_write_short(shim: Path, tmp_path: Path) -> None:
    _, answers, _ = run(shim, tmp_path, Strike(action=Action.CUT_SHORT, at=1, calls=Calls.WRITE, share=0.5))
    assert 0 < answers[1] < 1000
    assert answers[3] == 1000


def test_it_makes_calls_fail_as_long_as_it_is_told(shim: Path, tmp_path: Path) -> None:
    strike = Strike(action=Action.FAIL, at=2, calls=Calls.CHANGES, error=errno.ENOSPC, lasts=3)
    _, answers, steps = run(shim, tmp_path, strike)
    full = f"error {errno.ENOSPC}"
    assert answers == [11, full, full, full, None, None, None, None]
    assert told(steps) == "CMTRDU"


def test_it_counts_only_the_kinds_that_were_chosen(shim: Path, tmp_path: Path) -> None:
    strike = Strike(action=Action.FAIL, at=1, calls=Calls.RENAME, error=errno.EIO)
    _, answers, _ = run(shim, tmp_path, strike)
    assert answers[5] == f"error {errno.EIO}"
    assert answers[7] == f"error {errno.ENOENT}"
    assert answers[:5] == [11, 1000, None, 1000, None]
