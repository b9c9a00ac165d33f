"""Numbered sessions: the seed and the number say everything that happens in one, but for the clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.faults.changes import CHANGED
from benchmarks.faults.crashing import STRUCK, crashes
from benchmarks.faults.kinds import Fault, Kind
from benchmarks.faults.power import power_cuts
from benchmarks.faults.tampering import changes

FAULTS_PER_SESSION = 24

Way: TypeAlias = Callable[[random.Random, Path, int, Sequence[Kind]], Iterator[Fault]]

_KINDS: dict[Way, Sequence[Kind]] = {crashes: STRUCK, power_cuts: (Kind.POWER_CUT,), changes: CHANGED}
_TURNS: tuple[Way, ...] = (crashes, changes, power_cuts, crashes, power_cuts, crashes, changes, crashes)
"""Which way a session goes, by its number."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """One piece of work.

    Args:
        seed: The whole run's.
        number: Its own.
        n: How many faults.
        kinds: Which kinds it may have.
    """

    seed: int
    number: int
    n: int
    kinds: tuple[Kind, ...]

    def run(self, work: Path) -> Iterator[Fault]:
        """Yield the faults; what they leave lies below ``work`` until the next is asked for."""
        rng = random.Random(f"{self.seed}/{self.number}")
        possible = [way for way in _TURNS if set(_KINDS[way]) & set(self.kinds)]
        way = possible[self.number % len(possible)]
        return way(rng, work, self.n, [kind for kind in _KINDS[way] if kind in self.kinds])

    def as_json(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {"seed": self.seed, "number": self.number, "n": self.n, "kinds": list(self.kinds)}

    @classmethod
    def of_json(cls, body: dict[str, Any]) -> Session:
        """Return what :meth:`as_json` wrote."""
        return cls(seed=body["seed"], number=body["number"], n=body["n"], kinds=tuple(map(Kind, body["kinds"])))


def sessions(seed: int, n_faults: int, kinds: Sequence[Kind], *, first: int = 0) -> Iterator[Session]:
    """Yield the sessions of a run that injects ``n_faults``."""
    for number, start in enumerate(range(0, n_faults, FAULTS_PER_SESSION), first):
        yield Session(seed=seed, number=number, n=min(FAULTS_PER_SESSION, n_faults - start), kinds=tuple(kinds))
