"""What was acknowledged to the app, kept outside the profile: what must be there, and what must be gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from benchmarks.faults.words import needle, needles


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One item as the app knows it.

    Args:
        id: The id the app gave it.
        text: What it says.
        title: Its one field.
        words: The words that stand for it, those of earlier texts included.
        earlier: What it said before its updates, oldest first.
        vectors: Encoder id → float32 bytes.
        old_vectors: The vectors that an update took away.
        is_expired: Whether it is past its time, so that no reading shows it.
    """

    id: str
    text: str
    title: str
    words: tuple[str, ...]
    earlier: tuple[str, ...] = ()
    vectors: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    old_vectors: tuple[bytes, ...] = ()
    is_expired: bool = False

    def needles(self) -> set[bytes]:
        """Return the bytes by which its words and vectors are recognised."""
        vectors = (*self.vectors.values(), *self.old_vectors)
        return set(map(needle, self.words)).union(*map(needles, vectors))


@dataclass(frozen=True, kw_only=True)
class Thing:
    """Something derived from items; ``data`` is ``None`` once one of them was forgotten."""

    data: bytes | None
    sources: frozenset[str]


@dataclass(kw_only=True)
class Ledger:
    """The app's memory of one profile.

    Args:
        is_made: Whether the profile's creation was acknowledged.
        is_destroyed: Whether its destruction was acknowledged.
        keys: The app keys that open it.
        items: Those that are there, by id.
        things: Derived things by kind and name.
        caches: Sealed blobs that may vanish at any time, but must never say anything else.
        notes: Settings.
        backups: What each backup that was made holds, by name.
        gone_ids: Items that were forgotten.
        gone: The needles of their words and vectors.
    """

    is_made: bool = False
    is_destroyed: bool = False
    keys: tuple[bytes, ...] = ()
    items: dict[str, Entry] = field(default_factory=dict)
    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    caches: dict[str, bytes] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    backups: dict[str, Ledger] = field(default_factory=dict)
    gone_ids: set[str] = field(default_factory=set)
    gone: set[bytes] = field(default_factory=set)

    def copy(self) -> Ledger:
        """Return a ledger of the same state that changes by itself."""
        return Ledger(
            is_made=self.is_made,
            is_destroyed=self.is_destroyed,
            keys=self.keys,
            items=dict(self.items),
            things=dict(self.things),
            caches=dict(self.caches),
            notes=dict(self.notes),
            backups=dict(self.backups),
            gone_ids=set(self.gone_ids),
            gone=set(self.gone),
        )

    def alive(self) -> list[str]:
        """Return the ids of the items that a reading shows."""
        return [entry.id for entry in self.items.values() if not entry.is_expired]

    def expired(self) -> list[str]:
        """Return the ids of the items that wait to be pruned."""
        return [entry.id for entry in self.items.values() if entry.is_expired]

    def known(self) -> set[bytes]:
        """Return the needles of everything that is or was there."""
        return self.gone.union(*(entry.needles() for entry in self.items.values()))

    def forget(self, ids: Iterable[str]) -> None:
        """Take items out, with all that was derived from them."""
        for item_id in ids:
            entry = self.items.pop(item_id)
            self.gone_ids.add(item_id)
            self.gone |= entry.needles()
            for place, thing in self.things.items():
                if item_id in thing.sources:
                    self.things[place] = Thing(data=None, sources=thing.sources)
        self.caches.clear()
