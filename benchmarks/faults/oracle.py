"""Judge a profile after a fault: open it as an app does, and believe nothing that it says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.acts import Act, Rekey
from benchmarks.faults.comparing import Bad, Problem, compare
from benchmarks.faults.decrypting import keys_of
from benchmarks.faults.ledger import Ledger
from benchmarks.faults.observing import Seen, observe
from benchmarks.faults.scanning import blob_of, scan
from ondevice import Personalizer
from ondevice.errors import LockedError, OndeviceError

KEYS_FILE = "keys.json"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found.

    Args:
        problems: What must not be; empty is good.
        happened: For each act that was under way, whether it took effect.
        how: How a change was seen: ``open CorruptError``, ``read CorruptError``, ``check``; empty if it was not.
    """

    problems: tuple[Problem, ...] = ()
    happened: tuple[bool, ...] = ()
    how: str = ""


@dataclass
class _Judgement:
    problems: list[Problem] = field(default_factory=list)

    def add(self, bad: Bad, detail: str) -> None:
        self.problems.append(Problem(bad=bad, detail=detail))


def judge_crash(profile: Path, ledger: Ledger, under_way: Sequence[Act]) -> Verdict:
    """Judge what an interruption left; nothing acknowledged may be lost, and nothing may be half done.

    Args:
        profile: The folder; it is opened, used and closed.
        ledger: What was acknowledged.
        under_way: The acts that had begun and were neither acknowledged nor ruled out.
    """
    found = _Judgement()
    happened = tuple(False for _ in under_way)
    try:
        me, key = _opened(profile, ledger, under_way)
    except OndeviceError as error:
        found.add(Bad.LOST, f"does not open: {_words_of(error)}")
        return Verdict(problems=tuple(found.problems), happened=happened)
    try:
        with me:
            seen = observe(me, key)
            happened, expected = _decide(ledger, under_way, seen)
            found.problems += compare(expected, ledger, seen)
            found.problems += _look(profile, key, expected, ledger)
            for flaw in me.vault.check():
                found.add(Bad.WRONG, f"check says: {flaw}")
            me.add("one more, to see whether it still works")
        with _open(profile, key) as again:
            if len(again.list(limit=None)) != len(seen.items) + 1:
                found.add(Bad.LOST, "items are missing after another opening")
    except OndeviceError as error:
        found.add(Bad.LOST, f"cannot be read or used: {_words_of(error)}")
    return Verdict(problems=tuple(found.problems), happened=happened)


def judge_change(profile: Path, ledger: Ledger, *, creates: bool, ageless: Sequence[str] = ()) -> Verdict:
    """Judge a profile whose files someone changed: whatever is missing or back must be seen.

    Args:
        profile: The folder.
        ledger: What it held.
        creates: Whether the app opens it with ``create_missing``, as apps do by default.
        ageless: Files that may be older than the ledger: ``keys.json``, caches.
    """
    key = ledger.keys[0]
    try:
        me = _open(profile, key, creates=creates)
    except OndeviceError as error:
        return Verdict(how=f"open {type(error).__name__}")
    with me:
        try:
            seen = observe(me, key)
        except OndeviceError as error:
            return Verdict(how=f"read {type(error).__name__}")
        if me.vault.check():
            return Verdict(how="check")
        expected = ledger.copy()
        if KEYS_FILE in ageless:
            expected.keys = (key,)
        expected.caches = {**ledger.caches, **{name: seen.caches.get(name, b"") for name in map(blob_of, ageless)}}
        problems = [*compare(expected, ledger, seen), *_look(profile, key, expected, ledger, but=ageless)]
    detail = "; ".join(sorted({problem.detail for problem in problems})[:4])
    return Verdict(problems=(Problem(bad=Bad.UNSEEN, detail=detail),) if problems else ())


def _opened(profile: Path, ledger: Ledger, under_way: Sequence[Act]) -> tuple[Personalizer, bytes]:
    """Open with the key in force, or with that of a rekeying that was under way."""
    keys = [ledger.keys[0], *(act.key for act in under_way if isinstance(act, Rekey))]
    for key in keys[:-1]:
        try:
            return _open(profile, key, creates=not ledger.is_made), key
        except LockedError:
            continue
    return _open(profile, keys[-1], creates=not ledger.is_made), keys[-1]


def _open(profile: Path, key: bytes, *, creates: bool = False) -> Personalizer:
    return Personalizer.open(profile, app_key=key, encoder=None, generator=None, create_missing=creates)


def _decide(ledger: Ledger, under_way: Sequence[Act], seen: Seen) -> tuple[tuple[bool, ...], Ledger]:
    """Say which of the acts took effect, and what must therefore hold."""
    expected = ledger.copy()
    happened = []
    for act in under_way:
        happened.append(act.has_happened(ledger, seen))
        if happened[-1]:
            act.expect(expected)
    return tuple(happened), expected


def _look(profile: Path, key: bytes, expected: Ledger, before: Ledger, *, but: Sequence[str] = ()) -> list[Problem]:
    keys = keys_of(profile, key)
    if keys is None:
        return [Problem(bad=Bad.WRONG, detail="the oracle cannot unwrap the key that opens the profile")]
    problems = list(scan(profile, keys, expected, before, but=but))
    missing = [each for each in expected.keys if keys_of(profile, each) is None]
    if missing:
        problems.append(Problem(bad=Bad.LOST, detail=f"{len(missing)} keys no longer open it"))
    return problems


def _words_of(error: OndeviceError) -> str:
    return f"{type(error).__name__}: {error.message}"
