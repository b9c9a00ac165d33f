"""Kill a process that changes a copy, again and again, and see whether anything is lost or comes back."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from ondevice.errors import OndeviceError
from ondevice.privacy.robustness import crash_child
from ondevice.privacy.subject import Copy
from ondevice.trial.frozen import is_frozen
from ondevice.vault.vault import Vault

ROUNDS, DEEP_ROUNDS = 6, 300
SEED = 20_26
_MOST_LINES, _LONGEST_S = 16, 0.03
_PATIENCE_S = 120.0


@dataclass(kw_only=True, slots=True)
class Crashes:
    """What came of it.

    Args:
        n_kills: How often the process was killed.
        n_added: Items that it was told are kept.
        n_forgotten: Items that it was told are forgotten.
        n_lost: Of the former, those that were missing afterwards.
        n_undead: Of the latter, those that were there.
        n_damaged: After how many kills the copy did not open, or its check found something.
        why_not: Why nothing was killed, if nothing was.
    """

    n_kills: int = 0
    n_added: int = 0
    n_forgotten: int = 0
    n_lost: int = 0
    n_undead: int = 0
    n_damaged: int = 0
    why_not: str = ""


@dataclass(kw_only=True, slots=True)
class _Told:
    """What the process said of each number, by the last word about it."""

    words: dict[int, str] = field(default_factory=dict)

    def hear(self, said: bytes) -> None:
        for line in said.decode("ascii", "replace").splitlines(keepends=True):
            word, _, number = line.strip().partition(" ")
            if line.endswith("\n") and number.isdigit():
                self.words[int(number)] = word

    def numbers(self, word: str) -> list[int]:
        return [number for number, last in self.words.items() if last == word]


def crash(copy: Copy, *, rounds: int) -> Crashes:
    """Kill a process at work on a copy, so many times; each time look at what it left.

    Args:
        copy: It is changed.
        rounds: How many kills.
    """
    found = Crashes()
    if is_frozen() or not sys.executable:
        found.why_not = "this program has no interpreter of its own to start a process with"
        return found
    chance, told = random.Random(SEED), _Told()  # noqa: S311 - the same moments each time, as far as the system allows
    for number in range(rounds):
        start, after = number * crash_child.MOST, chance.randint(1, _MOST_LINES)
        said = _killed(copy, start=start, after_lines=after, after_s=chance.uniform(0, _LONGEST_S))
        if not said.startswith(b"open\n"):
            found.why_not = "no process could be started"
            return found
        told.hear(said)
        found.n_kills += 1
        try:
            with copy.open() as vault:
                found.n_damaged += bool(vault.check())
                _look(vault, told, found)
        except OndeviceError:
            found.n_damaged += 1
            return found
    return found


def _look(vault: Vault, told: _Told, found: Crashes) -> None:
    """Compare what is there with what the process was told."""
    texts = {item.id: item.text for item in vault.items.iterate() if item.kind == crash_child.KIND}
    added, forgotten = told.numbers("added"), told.numbers("forgotten")
    found.n_added, found.n_forgotten = len(added), len(forgotten)
    found.n_lost = sum(texts.get(_id_of(number)) != crash_child.text_of(number) for number in added)
    found.n_undead = sum(_id_of(number) in texts for number in forgotten)


def _id_of(number: int) -> str:
    return f"{crash_child.KIND}-{number}"


def _killed(copy: Copy, *, start: int, after_lines: int, after_s: float) -> bytes:
    """Start the process, kill it a moment after it has said so many lines, and return what it said."""
    path = os.pathsep.join(os.path.abspath(place) for place in sys.path if isinstance(place, str))
    try:
        process = subprocess.Popen(  # noqa: S603 - this very interpreter, and no shell
            [sys.executable, "-m", crash_child.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError:
        return b""
    assert process.stdin is not None  # noqa: S101 - it was asked for
    assert process.stdout is not None  # noqa: S101 - it was asked for
    watch = threading.Timer(_PATIENCE_S, process.kill)
    watch.start()
    try:
        with suppress(OSError):  # it has ended already
            job = {"path": str(copy.path), "key": copy.key.hex(), "start": start}
            process.stdin.write(json.dumps(job).encode() + b"\n")
            process.stdin.flush()
        lines = [process.stdout.readline() for _ in range(1 + after_lines)]
        time.sleep(after_s)
        process.kill()
        return b"".join(lines) + process.stdout.read()
    finally:
        watch.cancel()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                pipe.close()
