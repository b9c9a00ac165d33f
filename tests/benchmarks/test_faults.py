"""The fault injection: a small run of every kind, and planted bugs, each of which the oracle has to count."""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from benchmarks.faults.comparing import Bad
from benchmarks.faults.crew import WorkerError, faults_of
from benchmarks.faults.derived_acts import Cache, Derive
from benchmarks.faults.desk import Act, Desk
from benchmarks.faults.item_acts import Add, Forget
from benchmarks.faults.kinds import Kind
from benchmarks.faults.ledger import Ledger
from benchmarks.faults.oracle import Verdict, judge_change, judge_crash
from benchmarks.faults.planning import Planner
from benchmarks.faults.profile_acts import Open
from benchmarks.faults.report import Tally
from benchmarks.faults.sessions import Session, sessions
from ondevice import Draft
from ondevice.vault.erasure import Erasure

T = TypeVar("T", bound=Act)

SEED = 5
N_FAULTS = 12
"""So many a session; `make soak` injects thousands."""
N_SESSIONS = 3
"""Enough for each way to have its turn: crashes, changes, power cuts."""
CERTAIN = (Kind.KILL_ANY_TIME, Kind.FLIP, Kind.OLDER)
"""Kinds that are there whatever the lot draws."""

UNFLUSHED = """
import functools
from sqlcipher3 import dbapi2

class Careless(dbapi2.Connection):
    def execute(self, sql, *values):
        return super().execute(sql.replace("synchronous = FULL", "synchronous = OFF"), *values)

dbapi2.connect = functools.partial(dbapi2.connect, factory=Careless)
from benchmarks.faults import worker
worker.main([])
"""


@pytest.fixture
def planner() -> Planner:
    return Planner(random.Random(SEED))


@pytest.fixture
def desk(profile_path: Path, planner: Planner) -> Iterator[Desk]:
    desk = Desk(profile_path, planner.key())
    yield desk
    desk.close()


@pytest.fixture
def ledger(desk: Desk, planner: Planner) -> Ledger:
    """What the app knows of a profile with some items, of which it has forgotten some."""
    ledger = Ledger(keys=(desk.key,))
    do(desk, ledger, Open(), *planner.plan(ledger, 1)[1:])
    do(desk, ledger, Forget(tuple(ledger.alive()[:2])))
    return ledger


def do(desk: Desk, ledger: Ledger, *acts: Act) -> None:
    for act in acts:
        act.perform(desk)
        act.expect(ledger)


def drawn(planner: Planner, ledger: Ledger, kind: type[T]) -> T:
    """Draw acts until one of this kind comes."""
    while not isinstance(act := planner.plan(ledger, 1)[-1], kind):
        pass
    return act


def copied(profile: Path) -> Path:
    return Path(shutil.copytree(profile, profile.with_name("copy")))


def bad(verdict: Verdict) -> set[Bad]:
    return {problem.bad for problem in verdict.problems}


def small_sessions(n: int, kinds: Sequence[Kind], n_faults: int = N_FAULTS) -> list[Session]:
    return [Session(seed=SEED, number=number, n=n_faults, kinds=tuple(kinds)) for number in range(n)]


def test_real_profiles_survive_a_small_run_of_every_kind() -> None:
    certain = [session for kind in CERTAIN for session in small_sessions(1, [kind], n_faults=2)]
    tally = Tally()
    for fault in faults_of([*small_sessions(N_SESSIONS, list(Kind)), *certain], n_workers=2):
        tally.add(fault)
    assert tally.failures == []
    assert tally.n_faults == N_SESSIONS * N_FAULTS + 2 * len(CERTAIN)
    assert set(tally.rows) >= {*CERTAIN, Kind.POWER_CUT}


def test_a_profile_at_peace_has_no_fault(desk: Desk, ledger: Ledger) -> None:
    desk.close()
    assert judge_crash(desk.path, ledger, ()) == Verdict()


def test_a_missing_item_is_lost(desk: Desk, ledger: Ledger) -> None:
    with desk.me.vault.database.writing() as connection:
        connection.execute("DELETE FROM items WHERE id = ?", (ledger.alive()[0],))
    desk.close()
    assert bad(judge_crash(desk.path, ledger, ())) == {Bad.LOST}


def test_an_item_that_says_something_else_is_lost(desk: Desk, ledger: Ledger) -> None:
    with desk.me.vault.database.writing() as connection:
        connection.execute("UPDATE items SET text = 'something else' WHERE id = ?", (ledger.alive()[0],))
    desk.close()
    assert bad(judge_crash(desk.path, ledger, ())) == {Bad.LOST}


def test_a_batch_that_is_there_in_part_is_lost(desk: Desk, ledger: Ledger, planner: Planner) -> None:
    batch = drawn(planner, Ledger(keys=ledger.keys), Add)
    desk.me.add_many([Draft(id=batch.entries[0].id, text=batch.entries[0].text)])
    desk.close()
    assert bad(judge_crash(desk.path, ledger, [batch])) == {Bad.LOST}


@pytest.mark.parametrize("place", ["settings", "events", "sealed"])
def test_a_word_of_a_forgotten_item_is_left_behind(desk: Desk, ledger: Ledger, place: str) -> None:
    word = min(each for each in ledger.gone if each.isalpha()).decode()
    vault = desk.me.vault
    if place == "settings":
        vault.settings.set("planted", word)
    elif place == "events":
        vault.events.append("planted", word=word)
    else:
        vault.sealed.write("planted", word.encode(), version=1)
    desk.close()
    assert bad(judge_crash(desk.path, ledger, ())) == {Bad.LEFT_BEHIND}


def test_an_item_that_is_back_is_left_behind(desk: Desk, ledger: Ledger) -> None:
    desk.me.add_many([Draft(id=sorted(ledger.gone_ids)[0], text="back again")])
    desk.close()
    assert bad(judge_crash(desk.path, ledger, ())) == {Bad.LEFT_BEHIND}


def test_a_readable_word_is_left_behind(desk: Desk, ledger: Ledger) -> None:
    word = ledger.items[ledger.alive()[0]].words[0]
    desk.close()
    (desk.path / "epoch-1" / "notes.txt").write_text(word)
    assert bad(judge_crash(desk.path, ledger, ())) == {Bad.LEFT_BEHIND}


def test_a_cache_that_outlives_an_erasure_is_left_behind(desk: Desk, ledger: Ledger) -> None:
    do(desk, ledger, Cache("cache-a", b"made of items"))
    ledger.forget(())
    desk.close()
    assert bad(judge_crash(desk.path, ledger, ())) == {Bad.LEFT_BEHIND}


def test_an_erasure_that_nobody_finishes_is_half_forgotten(
    desk: Desk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget = Forget(tuple(ledger.alive()[:3]))

    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Erasure, "_confirm", stopped)
        with pytest.raises(KeyboardInterrupt):
            forget.perform(desk)
    desk.close()
    whole = judge_crash(copied(desk.path), ledger, [forget])
    assert (whole.happened, whole.problems) == ((True,), ())
    monkeypatch.setattr(Erasure, "finish_pending", lambda _: 0)
    assert Bad.HALF_FORGOTTEN in bad(judge_crash(desk.path, ledger, [forget]))


def test_a_change_that_no_one_names_is_unseen(desk: Desk, ledger: Ledger) -> None:
    with desk.me.vault.database.writing() as connection:
        connection.execute("DELETE FROM items WHERE id = ?", (ledger.alive()[0],))
    desk.close()
    verdict = judge_change(desk.path, ledger, creates=False)
    assert (verdict.how, bad(verdict)) == ("", {Bad.UNSEEN})


def test_a_change_that_is_refused_is_seen(desk: Desk, ledger: Ledger) -> None:
    desk.close()
    (desk.path / "keys.json").write_bytes(b"{}")
    assert judge_change(desk.path, ledger, creates=False) == Verdict(how="open CorruptError")


def test_a_derived_thing_without_its_bytes_is_lost(desk: Desk, ledger: Ledger, planner: Planner) -> None:
    derive = drawn(planner, ledger, Derive)
    do(desk, ledger, derive)
    desk.me.vault.derived.drop(*derive.place)
    desk.close()
    assert bad(judge_crash(desk.path, ledger, ())) == {Bad.LOST}


def test_commits_that_are_not_flushed_are_lost_with_the_power() -> None:
    planted = (sys.executable, "-c", UNFLUSHED)
    faults = list(faults_of(small_sessions(2, [Kind.POWER_CUT]), n_workers=2, command=planted))
    assert any(problem["bad"] == Bad.LOST for fault in faults for problem in fault["problems"])


def test_a_worker_that_ends_is_no_success() -> None:
    with pytest.raises(WorkerError):
        list(faults_of(sessions(SEED, 1, list(Kind)), n_workers=1, command=(sys.executable, "-c", "pass")))
