"""Strike an app at work, again and again on the same profile, and judge a copy each time.

The judge gets a copy so that the next strike finds what the last one left: recoveries are interrupted too.
"""

from __future__ import annotations

import errno
import math
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.comparing import Bad, Problem
from benchmarks.faults.desk import Act, Desk
from benchmarks.faults.kinds import Fault, Kind
from benchmarks.faults.ledger import Ledger
from benchmarks.faults.oracle import Verdict, judge_crash
from benchmarks.faults.planning import Planner
from benchmarks.faults.process import Kill, Run, State, in_child, run_app
from benchmarks.faults.profile_acts import Destroy
from benchmarks.faults.shim import Action, Calls, Strike

STRUCK = (
    Kind.KILL_ANY_TIME,
    Kind.KILL_BEFORE,
    Kind.KILL_AFTER,
    Kind.TORN_WRITE,
    Kind.SHORT_WRITE,
    Kind.DISK_FULL,
    Kind.WRITE_ERROR,
    Kind.READ_ERROR,
)
_ACTIONS = {
    Kind.KILL_BEFORE: Action.KILL_BEFORE,
    Kind.KILL_AFTER: Action.KILL_AFTER,
    Kind.TORN_WRITE: Action.TEAR,
    Kind.SHORT_WRITE: Action.CUT_SHORT,
    Kind.DISK_FULL: Action.FAIL,
    Kind.WRITE_ERROR: Action.FAIL,
    Kind.READ_ERROR: Action.FAIL,
}
_CALLS = {
    Kind.TORN_WRITE: Calls.WRITE,
    Kind.SHORT_WRITE: Calls.WRITE,
    Kind.DISK_FULL: Calls.WRITE | Calls.CREATE | Calls.FOLDER,
    Kind.READ_ERROR: Calls.READ,
}
_RARE_CALLS = (Calls.SYNC, Calls.RENAME, Calls.UNLINK, Calls.TRUNCATE, Calls.CREATE, Calls.FOLDER)
_CALLS_PER_ACT = 30
_CALLS_OF_OPENING = 20
_ACT_S = 0.012
_STARTS_WELL = 0.75


@dataclass(kw_only=True)
class Story:
    """One profile's life: what the app knows of it, and what is still open.

    Args:
        root: The folder that is watched; the profile lies in it.
        planner: Draws what the app does.
        ledger: What was acknowledged.
    """

    root: Path
    planner: Planner
    ledger: Ledger
    under_way: list[Act] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def begin(cls, rng: random.Random, root: Path, planner: Planner, key: bytes | None = None) -> Story:
        """Begin with an empty folder, in which the app's first start makes a profile; mostly that has gone well."""
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        story = cls(root=root, planner=planner, ledger=Ledger(keys=(key or planner.key(),)))
        if rng.random() < _STARTS_WELL:
            acts = planner.plan(story.ledger, rng.randint(1, 3))
            story.take(acts, run_app(root, story.desk(), acts, closes=rng.random() < 0.5))
        return story

    @property
    def profile(self) -> Path:
        """Where the profile lies."""
        return self.root / "profile"

    def desk(self) -> Desk:
        """Return an app that holds a key which opens the profile."""
        return Desk(self.profile, self.ledger.keys[0])

    def tidy(self) -> None:
        """Remove the backups, once they have been judged."""
        for backup in self.ledger.backups:
            shutil.rmtree(self.root / backup)
        self.ledger.backups.clear()

    def take(self, acts: Sequence[Act], run: Run) -> None:
        """Enter what the app was told."""
        self.under_way, self.problems = [], []
        for act, state in zip(acts, run.states, strict=True):
            if state is State.DONE:
                act.expect(self.ledger)
            elif state in (State.BEGUN, State.REFUSED):
                self.under_way.append(act)
        if State.BROKE in run.states or run.ending not in ("killed", "ended"):
            self.problems.append(Problem(bad=Bad.WRONG, detail=f"the app {run.ending}: {run.note}"))

    @property
    def goes_on(self) -> bool:
        """Whether there may still be a profile."""
        return not self.ledger.is_destroyed and not any(isinstance(act, Destroy) for act in self.under_way)

    def judge(self) -> tuple[Problem, ...]:
        """Judge a copy of the profile, and enter what became of the acts that were under way."""
        verdict = judged_copy(self.profile, self.ledger, self.under_way)
        for act, has_happened in zip(self.under_way, verdict.happened, strict=False):
            if has_happened:
                act.expect(self.ledger)
        return (*self.problems, *verdict.problems)


def judged_copy(profile: Path, ledger: Ledger, under_way: Sequence[Act]) -> Verdict:
    """Copy a profile, and the backups beside it, and let a process of its own judge the copy."""
    copy = profile.parent.with_name("judged") / profile.name
    shutil.rmtree(copy.parent, ignore_errors=True)
    shutil.copytree(profile.parent, copy.parent)
    verdict = in_child(lambda: judge_crash(copy, ledger, under_way))
    if isinstance(verdict, str):
        return Verdict(problems=(Problem(bad=Bad.WRONG, detail=f"judging: {verdict}"),))
    return verdict


def crashes(rng: random.Random, work: Path, n: int, kinds: Sequence[Kind] = STRUCK) -> Iterator[Fault]:
    """Yield ``n`` faults on profiles below ``work``."""
    planner = Planner(rng)
    story = Story.begin(rng, work / "root", planner)
    for _ in range(n):
        kind = rng.choice(kinds)
        story.tidy()
        acts = planner.plan(story.ledger, rng.randint(1, 8), may_end=True)
        strike, kill = None, None
        if kind is Kind.KILL_ANY_TIME:
            kill = Kill(during=rng.randrange(len(acts)), after_s=rng.uniform(0, _ACT_S))
        else:
            strike = _strike(rng, kind, len(acts))
        run = run_app(story.root, story.desk(), acts, strike=strike, kill=kill, closes=rng.random() < 0.5)
        story.take(acts, run)
        during = _struck_act(acts, run)
        problems = story.judge()
        call, file = run.struck or (None, "")
        yield Fault(
            kind=kind if run.struck else Kind.KILL_ANY_TIME,
            where=f"{call.name} {file}" if call is not None and call.name else "",
            during=during,
            problems=problems,
        )
        if problems or not story.goes_on:
            story = Story.begin(rng, work / "root", planner)


def _strike(rng: random.Random, kind: Kind, n_acts: int) -> Strike:
    calls = _CALLS.get(kind, Calls.CHANGES)
    most = _CALLS_OF_OPENING + _CALLS_PER_ACT * n_acts
    if calls is Calls.CHANGES and rng.random() < 0.4:
        calls, most = rng.choice(_RARE_CALLS), 3 * n_acts
    at = rng.randint(1, most) if rng.random() < 0.5 else int(math.exp(rng.uniform(0, math.log(most + 1))))
    return Strike(
        action=_ACTIONS[kind],
        at=at,
        calls=calls,
        share=rng.random(),
        error=errno.ENOSPC if kind is Kind.DISK_FULL else errno.EIO,
        lasts=rng.choice((1, 1, 3, 20, 1_000_000)),
    )


def _struck_act(acts: Sequence[Act], run: Run) -> str:
    for act, state in zip(acts, run.states, strict=True):
        if state in (State.BEGUN, State.REFUSED, State.BROKE):
            return type(act).__name__.lower()
    return "between" if run.ending == "killed" else "close"
