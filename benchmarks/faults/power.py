"""Cut the power of an app at work: play its changes back up to some moment, with only a part of what was not bound."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.faults.crashing import Story, judged_copy
from benchmarks.faults.desk import Act
from benchmarks.faults.disk import Disk
from benchmarks.faults.kinds import Fault, Kind
from benchmarks.faults.ledger import Ledger
from benchmarks.faults.planning import Planner
from benchmarks.faults.process import run_app
from benchmarks.faults.profile_acts import Destroy
from benchmarks.faults.shim import Action, Strike
from benchmarks.faults.trace import Step, read_trace

_CUTS_PER_RUN = 12
_LIVES_ON = 0.3
"""How often the app goes on with what a power cut left."""

_SHARED_MEMORY = "-shm"
"""The end of a file that processes write through memory: no trace shows it, and none of it outlives them."""


def power_cuts(rng: random.Random, work: Path, n: int, kinds: Sequence[Kind] = (Kind.POWER_CUT,)) -> Iterator[Fault]:
    """Yield ``n`` power cuts of profiles below ``work``."""
    planner = Planner(rng)
    story = Story.begin(rng, work / "root", planner)
    left = n
    while left > 0:
        story.tidy()
        replay = Replay(story)
        acts = planner.plan(story.ledger, rng.randint(1, 6), may_end=True)
        steps = _record(rng, story, acts, work / "trace")
        n_cuts = min(left, _CUTS_PER_RUN)
        is_good = True
        for moment in sorted(rng.randrange(len(steps) + 1) for _ in range(n_cuts)):
            replay.to(moment, steps, acts)
            fault = replay.cut(rng, work / "cut", steps[:moment])
            is_good = is_good and not fault.problems
            yield fault
        left -= n_cuts
        ended = isinstance(acts[-1], Destroy)
        if is_good and not ended and rng.random() < _LIVES_ON:
            shutil.rmtree(story.root)
            (work / "cut").rename(story.root)
            story.ledger = replay.after
        elif story.judge():
            is_good = False
        if ended or not is_good:
            story = Story.begin(rng, work / "root", planner)


class Replay:
    """One run of an app, played back as far as wanted: the disk, and what the app had been told by then."""

    def __init__(self, story: Story) -> None:
        """Begin where the run will begin."""
        self._disk = Disk(story.root)
        self._profile = story.profile.name
        self._at = 0
        self.ledger: Ledger = story.ledger.copy()
        self.after = self.ledger
        self._under_way: list[Act] = []

    def to(self, moment: int, steps: Sequence[Step], acts: Sequence[Act]) -> None:
        """Go on to a moment."""
        for step in steps[self._at : moment]:
            self._disk.play(step)
            if step.what == "M":
                number, is_end = divmod(step.at, 2)
                self._under_way = [] if is_end else [acts[number]]
                if is_end:
                    acts[number].expect(self.ledger)
        self._at = max(moment, self._at)

    def cut(self, rng: random.Random, to: Path, steps: Sequence[Step]) -> Fault:
        """Cut the power now, write what the disk may hold into a folder, and judge a copy."""
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir()
        self._disk.after_cut(rng, to, ignore=_SHARED_MEMORY)
        verdict = judged_copy(to / self._profile, self.ledger, self._under_way)
        last = next((step for step in reversed(steps) if step.what != "M"), None)
        during = type(self._under_way[0]).__name__.lower() if self._under_way else "between"
        if not verdict.problems:
            self._settle(verdict.happened)
        return Fault(
            kind=Kind.POWER_CUT,
            where=f"{last.what} {Path(last.path).name}" if last else "",
            during=during,
            problems=verdict.problems,
        )

    def _settle(self, happened: Sequence[bool]) -> None:
        """Keep the ledger that the cut's folder would go on with."""
        self.after = self.ledger.copy()
        for act, has_happened in zip(self._under_way, happened, strict=True):
            if has_happened:
                act.expect(self.after)


def _record(rng: random.Random, story: Story, acts: Sequence[Act], file: Path) -> list[Step]:
    """Let an app do its work, and return its changes."""
    strike = Strike(action=Action.KILL_BEFORE, at=rng.randint(1, 200)) if rng.random() < 0.3 else None
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        run = run_app(story.root, story.desk(), acts, strike=strike, trace=descriptor, closes=rng.random() < 0.5)
    finally:
        os.close(descriptor)
    story.take(acts, run)
    return read_trace(file)
