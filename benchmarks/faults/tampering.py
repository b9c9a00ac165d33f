"""Let a profile live, change its files while nobody has it open, and judge whether that is seen."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.faults.changes import CHANGED, Moment, Past, change, make_folder, names_of
from benchmarks.faults.comparing import Bad, Problem
from benchmarks.faults.crashing import Story, judged_copy
from benchmarks.faults.kinds import Fault, Kind
from benchmarks.faults.observing import CACHE_PREFIX
from benchmarks.faults.oracle import KEYS_FILE, Verdict, judge_accepting, judge_change
from benchmarks.faults.planning import Planner
from benchmarks.faults.process import in_child, run_app

_CHANGES_PER_PROFILE = 25
_RUNS_BEFORE = 3
_ACCEPTS = 0.3
NOTHING_LOST = "nothing lost"
NAMED = "not seen, as the threat model says"


def changes(rng: random.Random, work: Path, n: int, kinds: Sequence[Kind] = CHANGED) -> Iterator[Fault]:
    """Yield ``n`` changes of profiles below ``work``, closed ones and such as a crash left."""
    left = n
    while left > 0:
        planner = Planner(rng)
        other = Story.begin(rng, work / "other", planner)
        foreign = _lived(rng, other, work / "unused", 1)[-1]
        story = Story.begin(rng, work / "root", planner, other.ledger.keys[0])
        *earlier, now = _lived(rng, story, work / "past", _RUNS_BEFORE)
        past = Past(earlier=earlier, foreign=foreign.files)
        for _ in range(min(left, _CHANGES_PER_PROFILE)):
            yield _changed(rng, work / "changed", now, past, kinds)
            left -= 1


def _lived(rng: random.Random, story: Story, copies: Path, n_runs: int) -> list[Moment]:
    """Let an app work, and return a copy of the profile after each run, whether it was closed or killed."""
    shutil.rmtree(copies, ignore_errors=True)
    moments = []
    for number in range(n_runs + 1):
        acts = story.planner.plan(story.ledger, rng.randint(2, 6))
        story.take(acts, run_app(story.root, story.desk(), acts, closes=rng.random() < 0.4))
        story.tidy()
        copy = copies / str(number)
        shutil.copytree(story.profile, copy)
        moments.append(Moment(files=copy, ledger=story.ledger.copy()))
    return moments


def _changed(rng: random.Random, work: Path, now: Moment, past: Past, kinds: Sequence[Kind]) -> Fault:
    """Change a copy of the profile and judge it; where it was refused, put the right files back and judge again."""
    profile = work / "root" / "profile"
    while True:
        _copy(now.files, profile)
        kind = rng.choice(kinds)
        if kind is Kind.ROLLBACK:
            return _rolled_back(rng, profile, now, past)
        where = change(rng, profile, kind, past)
        touched = _differing(now.files, profile)
        if where is not None and touched:
            break
    is_named = kind is Kind.OLDER and all(map(_has_no_age, touched))
    ageless = [Path(name).name for name in touched] if is_named else []
    changed = work / "changed"
    shutil.copytree(profile, changed)
    creates, restores = rng.random() < 0.5, rng.random() < 0.2
    verdict = _judged(lambda: judge_change(profile, now.ledger, creates=creates, restores=restores, ageless=ageless))
    problems = verdict.problems
    if restores and _differing(changed, profile):
        problems += (Problem(bad=Bad.WRONG, detail="restoring changed the backup"),)
    if verdict.how.startswith("open"):
        problems += _mended(profile, now, touched)
        if rng.random() < _ACCEPTS:
            problems += _judged(lambda: judge_accepting(changed, now.ledger.keys[0])).problems
    unseen = NAMED if is_named else NOTHING_LOST
    return Fault(kind=kind, where=where, how=verdict.how or ("" if problems else unseen), problems=problems)


def _has_no_age(name: str) -> bool:
    """Whether an older copy of this file is as good as the present one: keys of the same epoch, and sealed caches.

    Slots added since are then unknown, and readers of a cache look at the revision inside it.
    """
    return name == KEYS_FILE or Path(name).name.startswith(CACHE_PREFIX)


def _rolled_back(rng: random.Random, profile: Path, now: Moment, past: Past) -> Fault:
    """Put an earlier copy of everything back: what cannot be seen must at least be what there was."""
    then = rng.choice(past.earlier)
    _copy(then.files, profile)
    verdict = _judged(lambda: judge_change(profile, now.ledger, creates=False))
    if verdict.how:
        return Fault(kind=Kind.ROLLBACK, where="everything", how=verdict.how)
    whole = judged_copy(then.files, then.ledger, ())
    return Fault(kind=Kind.ROLLBACK, where="everything", how=NAMED, problems=whole.problems)


def _judged(judge: Callable[[], Verdict]) -> Verdict:
    """Judge in a process of its own; one that breaks is no verdict."""
    verdict = in_child(judge)
    if isinstance(verdict, str):
        return Verdict(problems=(Problem(bad=Bad.WRONG, detail=f"judging: {verdict}"),))
    return verdict


def _mended(profile: Path, now: Moment, touched: Sequence[str]) -> tuple[Problem, ...]:
    """Put the right files back in place of the changed ones: the opening that was refused must have harmed no other."""
    for name in touched:
        if (now.files / name).exists():
            make_folder((profile / name).parent)
            shutil.copy2(now.files / name, profile / name)
        else:
            (profile / name).unlink(missing_ok=True)
    problems = judged_copy(profile, now.ledger, ()).problems
    return tuple(Problem(bad=each.bad, detail=f"once the right files were back: {each.detail}") for each in problems)


def _differing(a: Path, b: Path) -> list[str]:
    """Return the files that are in one folder only, or say something else."""
    names = {*names_of(a), *names_of(b)}
    return sorted(name for name in names if _bytes(a / name) != _bytes(b / name))


def _bytes(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _copy(files: Path, profile: Path) -> None:
    shutil.rmtree(profile.parent.parent, ignore_errors=True)
    shutil.copytree(files, profile)
