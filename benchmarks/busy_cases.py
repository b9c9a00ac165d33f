"""What answers, encoding and training lose where other programs want the cores, and what that care costs in quiet.

Each kind of work is done by processes that differ in one thing: as by default, with one thread, and with OpenMP's
threads waiting for each other as the library would by itself. All are asked in turns, first beside as many processes
that spin as there are cores, then beside none.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import busy_child
from benchmarks.measure import Row, summarize

_ROOT = Path(__file__).parent.parent
_N_BUSY, _N_QUIET = 5, 21
_OURS, _ONE, _UNCHANGED = "by default", "one thread", "OpenMP's own waiting"
_LIBRARY_SPINS = "300000"
"""What GNU's OpenMP spins where nothing is said, and the processor has a thread for each of its own."""

_MOST_LOST_BUSY, _MOST_LOST_QUIET = 2.0, 1.03
_USES_OPENMP = ("answer", "train")
_WHAT = {
    "answer": f"answer of {busy_child.N_TOKENS} tokens",
    "encode": f"encode {busy_child.N_TEXTS} texts",
    "train": f"train one step of {busy_child.N_PAIRS} pairs",
}


class Worker:
    """A process that does one kind of work when it is asked."""

    def __init__(self, work: str, threads: int, models: Path, environment: dict[str, str]) -> None:
        """Start it, and wait until it has done the work once."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.busy_child", work, str(threads), str(models)],
            cwd=_ROOT,
            env={**env, "PYTHONPATH": str(_ROOT), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read()

    def seconds(self) -> float:
        """Have the work done, and return how long it took."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> float:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a worker ended before its time: the figure would mean nothing")
        return float(line)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


def run(models: Path) -> Iterator[Row]:
    """Measure each kind of work beside busy processes, and beside none."""
    for work in busy_child.WORKS:
        yield from _compare(work, models)


def _compare(work: str, models: Path) -> Iterator[Row]:
    with ExitStack() as stack:
        workers = {_OURS: Worker(work, 0, models, {}), _ONE: Worker(work, 1, models, {})}
        if work in _USES_OPENMP:
            workers[_UNCHANGED] = Worker(work, 0, models, {"GOMP_SPINCOUNT": _LIBRARY_SPINS})
        for worker in workers.values():
            stack.callback(worker.close)
        n_spinning = os.cpu_count() or 1
        with _spinning(n_spinning):
            busy = _in_turns({name: workers[name] for name in (_OURS, _ONE)}, _N_BUSY)
        quiet = _in_turns(workers, _N_QUIET)
    condition = f"beside {n_spinning} spinning processes"
    for name, seconds in busy.items():
        yield summarize(seconds, case=f"{_WHAT[work]}, {name}", condition=condition, unit="s")
    yield _ratio(busy, _ONE, work, condition, _MOST_LOST_BUSY)
    for name, seconds in quiet.items():
        yield summarize(seconds, case=f"{_WHAT[work]}, {name}", condition="quiet", unit="s")
    yield _ratio(quiet, _ONE, work, "quiet", None)
    if _UNCHANGED in quiet:
        yield _ratio(quiet, _UNCHANGED, work, "quiet", _MOST_LOST_QUIET)


def _ratio(times: dict[str, list[float]], below: str, work: str, condition: str, aim: float | None) -> Row:
    ratios = [ours / other for ours, other in zip(times[_OURS], times[below], strict=True)]
    case = f"{_WHAT[work]}, {_OURS} ÷ {below}"
    return summarize(ratios, case=case, condition=condition, unit="ratio", aim=aim)


def _in_turns(workers: dict[str, Worker], n: int) -> dict[str, list[float]]:
    rounds: Sequence[dict[str, float]] = [
        {name: worker.seconds() for name, worker in workers.items()} for _ in range(n)
    ]
    return {name: [each[name] for each in rounds] for name in workers}


@contextmanager
def _spinning(n: int) -> Iterator[None]:
    """Have so many processes of one thread each do nothing as fast as they can."""
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()
