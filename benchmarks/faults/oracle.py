"""Judge a profile after a fault: open it as an app does, and believe nothing that it says of itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.comparing import Bad, Problem, compare
from benchmarks.faults.desk import Act
from benchmarks.faults.ledger import Ledger
from benchmarks.faults.observing import Seen, observe
from benchmarks.faults.profile_acts import Destroy, Rekey
from benchmarks.faults.scanning import blob_of, scan
from ondevice import ModelSet, Personalizer
from ondevice.errors import LockedError, OndeviceError
from ondevice.privacy.erasure.decrypting import keys_of
from ondevice.vault import AppKey, Vault

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
    is_ending = any(isinstance(act, Destroy) for act in under_way)
    if ledger.is_destroyed:
        return Verdict(problems=tuple(_remains(profile)), happened=happened)
    try:
        me, key = _opened(profile, ledger, under_way)
    except OndeviceError as error:
        if is_ending:
            return Verdict(happened=happened)
        found.add(Bad.LOST, f"does not open: {_words_of(error)}")
        return Verdict(problems=tuple(found.problems), happened=happened)
    try:
        with me:
            seen = observe(me, key)
            happened, expected = _decide(ledger, under_way, seen)
            found.problems += compare(expected, ledger, seen)
            found.problems += _look(profile, key, expected, ledger)
            for name, then in expected.backups.items():
                found.problems += _restored(profile.with_name(name), profile.with_name("restored"), then)
            for flaw in me.vault.check():
                found.add(Bad.WRONG, f"check says: {flaw}")
            me.add("one more, to see whether it still works")
        with _open(profile, key) as again:
            if len(again.items.list(limit=None)) != len(seen.items) + 1:
                found.add(Bad.LOST, "items are missing after another opening")
    except OndeviceError as error:
        found.add(Bad.LOST, f"cannot be read or used: {_words_of(error)}")
    return Verdict(problems=tuple(found.problems), happened=happened)


def judge_change(
    profile: Path, ledger: Ledger, *, creates: bool, restores: bool = False, ageless: Sequence[str] = ()
) -> Verdict:
    """Judge a profile whose files someone changed: whatever is missing or back must be seen.

    Args:
        profile: The folder.
        ledger: What it held.
        creates: Whether the app opens it with ``create_missing``, as apps do by default.
        restores: Whether the app takes it for a backup, and restores it.
        ageless: Files that may be older than the ledger: ``keys.json``, caches.
    """
    key = ledger.keys[0]
    try:
        if restores:
            Vault.restore(profile, profile.with_name("restored"), AppKey(key))
            profile = profile.with_name("restored")
        me = _open(profile, key, creates=creates)
    except OndeviceError as error:
        return Verdict(how=f"{'restore' if restores else 'open'} {type(error).__name__}")
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


def judge_accepting(profile: Path, key: bytes) -> Verdict:
    """Judge what becomes of a refused profile that the app opens with ``accept_loss``: what is left, or an error."""
    try:
        with Vault.open(profile, AppKey(key), accept_loss=True) as vault:
            n_left = vault.items.count()
            vault.settings.set("soak/accepted", True)
        with _open(profile, key) as me:
            is_same = me.vault.items.count() == n_left
    except OndeviceError as error:
        return Verdict(how=f"accepting {type(error).__name__}")
    return Verdict() if is_same else Verdict(problems=(Problem(bad=Bad.LOST, detail="after an accepted loss"),))


def _restored(backup: Path, to: Path, then: Ledger) -> list[Problem]:
    """Restore a backup, and hold it against what the profile held then."""
    key = then.keys[0]
    try:
        Vault.restore(backup, to, AppKey(key))
        with _open(to, key) as me:
            problems = [*compare(then, then, observe(me, key)), *_look(to, key, then, then)]
    except OndeviceError as error:
        problems = [Problem(bad=Bad.LOST, detail=f"cannot be restored: {_words_of(error)}")]
    shutil.rmtree(to, ignore_errors=True)
    return [Problem(bad=each.bad, detail=f"in a backup: {each.detail}") for each in problems]


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
    return Personalizer.open(
        profile, app_key=key, models=ModelSet(encoder=None, generator=None), create_missing=creates
    )


def _remains(profile: Path) -> Iterator[Problem]:
    """Yield what a finished destruction has left; an empty lock is nothing."""
    left = sorted(entry.name for entry in profile.iterdir() if entry.name != "lock") if profile.exists() else []
    if left:
        yield Problem(bad=Bad.LEFT_BEHIND, detail=f"a destroyed profile still has {', '.join(left)}")


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
