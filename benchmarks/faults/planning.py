"""Draw what an app will do next, from what it knows of its profile."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

from benchmarks.faults.derived_acts import Cache, Derive, Drop, Note
from benchmarks.faults.desk import Act
from benchmarks.faults.item_acts import Add, Forget, Prune, Search, Update, updated
from benchmarks.faults.ledger import Entry, Ledger, Thing
from benchmarks.faults.observing import BACKUP_PREFIX, CACHE_PREFIX, THING_KINDS
from benchmarks.faults.profile_acts import AddKey, Backup, Checkpoint, Destroy, Open, Rekey, Reopen
from benchmarks.faults.words import Words, marked

FEW, MANY = 5, 60
DIMS = {"tiny": 48, "small": 384}
LARGE = {"large": 8192}
"""So many numbers fill a write-ahead log to the length at which SQLite moves it into the file by itself."""
_MAX_KEYS = 4
_ENDS = 0.04
_HAS_LARGE = 0.1


class Planner:
    """Draws acts from a seed; profiles stay between a few and some dozens of items."""

    def __init__(self, rng: random.Random) -> None:
        """Begin with nothing."""
        self._rng = rng
        self._words = Words(rng)
        self._n_ids = 0
        self._dims = {**DIMS, **(LARGE if rng.random() < _HAS_LARGE else {})}
        self._draws: list[tuple[int, Callable[[Ledger], Act | None]]] = [
            (22, self._add),
            (10, self._update),
            (20, self._forget),
            (4, self._prune),
            (8, self._derive),
            (2, self._drop),
            (5, self._cache),
            (3, self._note),
            (6, self._rekey),
            (3, self._add_key),
            (5, lambda _: Checkpoint()),
            (6, lambda _: Reopen()),
            (4, self._search),
            (3, self._backup),
        ]

    def plan(self, ledger: Ledger, n: int, *, may_end: bool = False) -> list[Act]:
        """Return acts to be done one after the other, each possible if those before it succeed.

        Args:
            ledger: What the app knows.
            n: How many, beside the opening.
            may_end: Whether the last may be the profile's destruction.
        """
        known = ledger.copy()
        acts: list[Act] = [Open()]
        while len(acts) <= n:
            act = self._act(known)
            act.expect(known)
            acts.append(act)
        if may_end and self._rng.random() < _ENDS:
            acts.append(Destroy())
        return acts

    def key(self) -> bytes:
        """Return a new app key."""
        return self._rng.randbytes(32)

    def _act(self, known: Ledger) -> Act:
        if len(known.alive()) < FEW:
            return self._add(known)
        if len(known.items) > MANY:
            return self._forget(known)
        weights = [weight for weight, _ in self._draws]
        while True:
            (_, draw), *_ = self._rng.choices(self._draws, weights)
            act = draw(known)
            if act is not None:
                return act

    def _entry(self, vectors: dict[str, bytes]) -> Entry:
        rng = self._rng
        self._n_ids += 1
        words, titled = self._words.some(), self._words.one()
        n_filler = rng.choice((0, 3, 10, 30, 30, 120, 1200)) if rng.random() < 0.9 else 2500
        return Entry(
            id=f"i{self._n_ids}",
            text=self._words.text(words, n_filler),
            title=self._words.text(titled, 2),
            words=(*words, *titled),
            vectors=vectors,
            is_expired=rng.random() < 0.08,
        )

    def _vectors(self) -> dict[str, bytes]:
        if self._rng.random() < 0.6:
            return {}
        drawn = np.random.default_rng(self._rng.getrandbits(32))
        names = self._rng.sample(sorted(self._dims), self._rng.randint(1, 2))
        return {name: _vector(drawn, self._dims[name]) for name in names}

    def _add(self, known: Ledger) -> Act:
        n = self._rng.choice((1, 1, 2, 5, 12)) if known.items else self._rng.randint(FEW, 40)
        first = self._entry(self._vectors())
        dims = {name: len(vector) // 4 for name, vector in first.vectors.items()}
        drawn = np.random.default_rng(self._rng.getrandbits(32))
        others = [self._entry({name: _vector(drawn, dim) for name, dim in dims.items()}) for _ in range(n - 1)]
        return Add((first, *others))

    def _update(self, known: Ledger) -> Act:
        entry = known.items[self._rng.choice(known.alive())]
        words = self._words.some()
        return Update(updated(entry, self._words.text(words, self._rng.choice((2, 20, 600))), words))

    def _forget(self, known: Ledger) -> Act:
        alive = known.alive()
        n = min(len(alive) - 1, self._rng.choice((1, 1, 2, 4, 15)))
        return Forget(tuple(self._rng.sample(alive, n)), by_filter=self._rng.random() < 0.2)

    def _prune(self, known: Ledger) -> Act | None:
        return Prune(tuple(known.expired())) if known.expired() else None

    def _derive(self, known: Ledger) -> Act:
        alive = known.alive()
        sources = self._rng.sample(alive, min(len(alive), self._rng.randint(1, 4)))
        place = (self._rng.choice(THING_KINDS), self._rng.choice(("one", "two", "three")))
        return Derive(place, Thing(data=self._said(known, sources), sources=frozenset(sources)))

    def _drop(self, known: Ledger) -> Act | None:
        return Drop(self._rng.choice(sorted(known.things))) if known.things else None

    def _cache(self, known: Ledger) -> Act:
        data = self._said(known, self._rng.sample(known.alive(), 2))
        return Cache(CACHE_PREFIX + self._rng.choice(("a", "b")), data)

    def _note(self, known: Ledger) -> Act:
        return Note(self._rng.choice("abc"), f"value {self._rng.getrandbits(32)}")

    def _rekey(self, known: Ledger) -> Act:
        return Rekey(self.key())

    def _add_key(self, known: Ledger) -> Act | None:
        return AddKey(self.key()) if len(known.keys) < _MAX_KEYS else None

    def _backup(self, known: Ledger) -> Act:
        self._n_ids += 1
        return Backup(f"{BACKUP_PREFIX}{self._n_ids}")

    def _search(self, known: Ledger) -> Act:
        return Search(known.items[self._rng.choice(known.alive())].words[0])

    def _said(self, known: Ledger, ids: list[str]) -> bytes:
        """Return bytes that say what these items say, of a size that may need several chunks."""
        entries = [known.items[item_id] for item_id in ids]
        said = "\n".join(entry.text for entry in entries).encode("utf-8")
        said += b"".join(vector for entry in entries for vector in entry.vectors.values())
        return said + self._rng.randbytes(self._rng.choice((10, 1000, 1000, 70_000)))


def _vector(drawn: np.random.Generator, dim: int) -> bytes:
    return marked(drawn.standard_normal(dim).astype("<f4").tobytes())
