"""Run work in forked children: an app that a fault strikes, and a judge that nothing may disturb.

The worker has everything imported, so a fork is all that a run costs. An app tells its progress through shared memory,
which outlives it.
"""

from __future__ import annotations

import mmap
import os
import pickle
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import NoReturn, TypeVar

from benchmarks.faults.desk import Act, Desk
from benchmarks.faults.item_acts import Add, Search
from benchmarks.faults.profile_acts import Checkpoint, Open, Reopen
from benchmarks.faults.shim import Calls, Shim, Strike, struck
from ondevice.errors import OndeviceError

T = TypeVar("T")

LIMIT_S = 60
_HARMLESS = (Open, Add, Checkpoint, Reopen, Search)
_NOTE_BYTES = 4000
_REPORT_AT = 128


class State(IntEnum):
    """How far an act came."""

    WAITING = 0
    BEGUN = 1
    DONE = 2
    REFUSED = 3
    LEFT_OUT = 4
    BROKE = 5


@dataclass(frozen=True, kw_only=True)
class Run:
    """What became of an app.

    Args:
        states: One per act.
        struck: The kind of the call that was struck and its file, if the fault came.
        ending: How the process ended, in a word: ``killed``, ``ended``, ``hung``, or the signal of a crash.
        note: What broke, if an error was none of ours.
    """

    states: tuple[State, ...]
    struck: tuple[Calls, str] | None
    ending: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Kill:
    """A kill from outside: in which act, and how long after it has begun."""

    during: int
    after_s: float


def run_app(
    root: Path,
    desk: Desk,
    acts: Sequence[Act],
    *,
    strike: Strike | None = None,
    kill: Kill | None = None,
    trace: int | None = None,
    closes: bool = False,
) -> Run:
    """Fork an app that does these acts below ``root`` until the fault, and wait for its end.

    Args:
        root: The folder that is watched.
        desk: The profile's place and key.
        acts: What to do.
        strike: The fault at a call.
        kill: A kill from outside.
        trace: Where to write every change, with a mark as each act begins (even) and ends (odd).
        closes: Whether it closes the profile at the end; otherwise it is killed with the profile open.
    """
    shared = mmap.mmap(-1, mmap.PAGESIZE * 2)
    pid = os.fork()
    if pid == 0:
        _app(shared, root, desk, acts, strike, trace, closes)
    if kill is not None:
        _await(shared, kill.during, pid)
        time.sleep(kill.after_s)
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    run = Run(
        states=tuple(State(byte) for byte in shared[: len(acts)]),
        struck=struck(shared, _REPORT_AT),
        ending=_ending(status),
        note=shared[mmap.PAGESIZE :].rstrip(b"\x00").decode("utf-8", "replace"),
    )
    shared.close()
    return run


def in_child(work: Callable[[], T]) -> T | str:
    """Do work in a fork of this process and return its result, or how it ended without one."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        signal.alarm(LIMIT_S)
        try:
            answer = pickle.dumps((work(), ""))
        except BaseException:
            answer = pickle.dumps((None, traceback.format_exc()))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(pid, 0)
    if not answer:
        return _ending(status)
    result, broke = pickle.loads(answer)
    return broke or result  # type: ignore[no-any-return]


def _app(
    shared: mmap.mmap,
    root: Path,
    desk: Desk,
    acts: Sequence[Act],
    strike: Strike | None,
    trace: int | None,
    closes: bool,
) -> NoReturn:
    signal.alarm(LIMIT_S)
    shim = Shim()
    shim.trace(-1 if trace is None else trace)
    shim.report_to(shared, _REPORT_AT)
    shim.arm(root, strike)
    was_refused = False
    for number, act in enumerate(acts):
        if was_refused and not isinstance(act, _HARMLESS):
            shared[number] = State.LEFT_OUT
            continue
        shared[number] = State.BEGUN
        shim.mark(2 * number)
        try:
            act.perform(desk)
        except OndeviceError:
            shared[number] = State.REFUSED
            was_refused = True
        except BaseException:
            _tell(shared, number, traceback.format_exc())
            break
        else:
            shared[number] = State.DONE
            shim.mark(2 * number + 1)
    if closes:
        try:
            desk.close()
        except OndeviceError:
            pass
        except BaseException:
            _tell(shared, len(acts) - 1, traceback.format_exc())
    if closes:
        os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _tell(shared: mmap.mmap, number: int, text: str) -> None:
    shared[number] = State.BROKE
    data = text.encode("utf-8")[-_NOTE_BYTES:]
    shared[mmap.PAGESIZE : mmap.PAGESIZE + len(data)] = data


def _await(shared: mmap.mmap, number: int, pid: int) -> None:
    """Wait until an act has begun, or the process has ended, which then waits to be reaped."""
    while shared[number] == State.WAITING and os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        time.sleep(0.0002)


def _ending(status: int) -> str:
    if os.WIFEXITED(status):
        return "ended"
    number = os.WTERMSIG(status)
    if number == signal.SIGALRM:
        return "hung"
    return "killed" if number == signal.SIGKILL else f"died of {signal.Signals(number).name}"
