"""Inject faults into real profiles and judge what is left: ``python -m benchmarks.faults --faults 10000 --seed 1``.

Needs Linux, Python and a C compiler. Exits with 1 if anything was lost, left behind or unseen, with 2 if the instrument
itself failed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import machine
from benchmarks.faults.crew import WorkerError, faults_of
from benchmarks.faults.kinds import Kind
from benchmarks.faults.report import Tally, write
from benchmarks.faults.sessions import FAULTS_PER_SESSION, sessions
from benchmarks.study import RESULTS
from ondevice.safety.progress import progress

_SHOWN = 20
_NUMBERED = re.compile(r"/\S+|[0-9a-f]{16}|\d+")
"""What differs between failures that are alike: paths, random names and numbers."""


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Read the arguments."""
    parser = argparse.ArgumentParser("python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--faults", type=int, default=1000, help="how many to inject (default 1000)")
    parser.add_argument("--seed", type=int, default=1, help="what happens follows from it, but for the clock")
    parser.add_argument("--minutes", type=float, help="begin nothing new after this time")
    parser.add_argument("--kinds", nargs="+", choices=list(Kind), default=list(Kind), metavar="KIND", help="only these")
    parser.add_argument("--session", type=int, help="only the session of this number, as a failure names it")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1), help="processes side by side")
    parser.add_argument("--keep", type=Path, help="a folder for what failures leave, to look into")
    parser.add_argument("--json", action="store_true", help="write the result to standard output as JSON")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/faults.md and .json")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Inject, show the table, and return the exit code."""
    args = parsed(arguments)
    console = Console(stderr=True)
    facts = machine.describe()
    n, first = args.faults, 0
    if args.session is not None:
        n, first = FAULTS_PER_SESSION, args.session
    started = time.monotonic()
    until = None if args.minutes is None else started + 60 * args.minutes
    tally = Tally()
    try:
        with progress(console, lambda: f"injecting ({tally.n_bad} bad)", unit="faults") as on_progress:
            planned = sessions(args.seed, n, [Kind(kind) for kind in args.kinds], first=first)
            for fault in faults_of(planned, n_workers=args.jobs, until=until, kept=args.keep):
                tally.add(fault)
                on_progress(tally.n_faults, n)
    except (WorkerError, RuntimeError) as error:
        console.print(f"the instrument failed: {error}", markup=False)
        return 2
    run = {"faults": tally.n_faults, "seed": args.seed, "seconds": round(time.monotonic() - started), "jobs": args.jobs}
    if tally.n_faults:
        console.print(tally.table())
    _show_failures(console, args.seed, tally)
    if args.write:
        console.print(f"wrote {write(RESULTS, facts, run, tally)}")
    if args.json:
        sys.stdout.write(json.dumps({"machine": facts, "run": run, **tally.as_json()}, indent=1) + "\n")
    return int(tally.n_bad > 0)


def _show_failures(console: Console, seed: int, tally: Tally) -> None:
    """Save every failure, and show the first ones with what brings them back."""
    if not tally.failures:
        return
    alike: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for fault in tally.failures:
        problems = [f"{each['bad']}: {_last_line(each['detail'])}" for each in fault["problems"][:3]]
        detail = _NUMBERED.sub("…", "; ".join(problems))
        alike.setdefault((fault["kind"], detail), []).append(fault)
    for (kind, detail), faults in sorted(alike.items(), key=lambda item: -len(item[1]))[:_SHOWN]:
        first = faults[0]
        where = f"{first['where']} {first['during']} · --seed {seed} --session {first['session']}"
        console.print(f"{len(faults)} of {kind}: {detail} (first: {where}, fault {first['index']})", markup=False)
    with tempfile.NamedTemporaryFile(
        "w", prefix=f"ondevice-faults-seed-{seed}-", suffix=".jsonl", delete=False, encoding="utf-8"
    ) as file:
        file.writelines(json.dumps({"seed": seed, **fault}) + "\n" for fault in tally.failures)
    console.print(f"{len(tally.failures)} failures, all described in {file.name}", markup=False)


def _last_line(detail: str) -> str:
    """Return what a traceback ends with; the file has the whole."""
    return detail.rstrip().rpartition("\n")[2]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
