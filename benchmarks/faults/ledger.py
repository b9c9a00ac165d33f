"""What was acknowledged to the app, kept outside the profile: what must be there, and what must be gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from benchmarks.faults.words import needle

VECTOR_NEEDLE_BYTES = 16
_VECTOR_STRIDE_BYTES = 256
_MOST_VECTOR_NEEDLES = 200


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
        keys: The app keys that open it.
        items: Those that are there, by id.
        things: Derived things by kind and name.
        caches: Sealed blobs that may vanish at any time, but must never say anything else.
        notes: Settings.
        gone_ids: Items that were forgotten.
        gone_words: The needles of their words.
        gone_vectors: Pieces of the vectors of those forgotten last; looking for all would take too long.
    """

    is_made: bool = False
    keys: tuple[bytes, ...] = ()
    items: dict[str, Entry] = field(default_factory=dict)
    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    caches: dict[str, bytes] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    gone_ids: set[str] = field(default_factory=set)
    gone_words: set[bytes] = field(default_factory=set)
    gone_vectors: list[bytes] = field(default_factory=list)

    def copy(self) -> Ledger:
        """Return a ledger of the same state that changes by itself."""
        return Ledger(
            is_made=self.is_made,
            keys=self.keys,
            items=dict(self.items),
            things=dict(self.things),
            caches=dict(self.caches),
            notes=dict(self.notes),
            gone_ids=set(self.gone_ids),
            gone_words=set(self.gone_words),
            gone_vectors=list(self.gone_vectors),
        )

    def alive(self) -> list[str]:
        """Return the ids of the items that a reading shows."""
        return [entry.id for entry in self.items.values() if not entry.is_expired]

    def expired(self) -> list[str]:
        """Return the ids of the items that wait to be pruned."""
        return [entry.id for entry in self.items.values() if entry.is_expired]

    def forget(self, ids: Iterable[str]) -> None:
        """Take items out, with all that was derived from them."""
        for item_id in ids:
            entry = self.items.pop(item_id)
            self.gone_ids.add(item_id)
            self.gone_words.update(map(needle, entry.words))
            for vector in (*entry.vectors.values(), *entry.old_vectors):
                self.gone_vectors += vector_needles(vector)
            for place, thing in self.things.items():
                if item_id in thing.sources:
                    self.things[place] = Thing(data=None, sources=thing.sources)
        self.caches.clear()
        del self.gone_vectors[:-_MOST_VECTOR_NEEDLES]


def vector_needles(vector: bytes) -> list[bytes]:
    """Return pieces of a vector by which it is recognised, most of which no page's end cuts."""
    starts = range(0, len(vector) - VECTOR_NEEDLE_BYTES + 1, _VECTOR_STRIDE_BYTES)
    return [vector[start : start + VECTOR_NEEDLE_BYTES] for start in starts]
