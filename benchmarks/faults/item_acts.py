"""What an app does with items: add, change, forget, search."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from benchmarks.faults.desk import Desk, Neutral
from benchmarks.faults.ledger import Entry, Ledger
from benchmarks.faults.observing import Seen
from ondevice import Draft
from ondevice.records import Filter

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Add:
    """Add items in one batch, with vectors where they have some."""

    entries: tuple[Entry, ...]

    def perform(self, desk: Desk) -> None:
        """Add."""
        drafts = [
            Draft(
                id=entry.id,
                text=entry.text,
                fields={"title": entry.title},
                kind="soak",
                expires_at=LONG_AGO if entry.is_expired else None,
            )
            for entry in self.entries
        ]
        encoders = self.entries[0].vectors.keys()
        if encoders:
            vectors = {each: np.stack([_array(entry.vectors[each]) for entry in self.entries]) for each in encoders}
            desk.me.vault.items.put_many(drafts, vectors=vectors)
        else:
            desk.me.add_many(drafts)

    def expect(self, ledger: Ledger) -> None:
        """Expect all of them."""
        ledger.items.update((entry.id, entry) for entry in self.entries)

    def has_happened(self, before: Ledger, seen: Seen) -> bool:
        """Look for any of them."""
        return any(entry.id in seen.items or entry.id in seen.hidden for entry in self.entries)


@dataclass(frozen=True)
class Update:
    """Change what an item says; its vectors speak of the old text, and go."""

    entry: Entry

    def perform(self, desk: Desk) -> None:
        """Update."""
        desk.me.items.update(self.entry.id, text=self.entry.text)

    def expect(self, ledger: Ledger) -> None:
        """Expect the new text and the old one among the versions."""
        ledger.items[self.entry.id] = self.entry

    def has_happened(self, before: Ledger, seen: Seen) -> bool:
        """Look for the new text."""
        found = seen.items.get(self.entry.id)
        return found is not None and found.text == self.entry.text


@dataclass(frozen=True)
class Forget:
    """Forget items by their ids."""

    ids: tuple[str, ...]
    by_filter: bool = False

    def perform(self, desk: Desk) -> None:
        """Forget."""
        desk.me.forget(Filter(ids=self.ids) if self.by_filter else self.ids)

    def expect(self, ledger: Ledger) -> None:
        """Expect nothing of them."""
        ledger.forget(self.ids)

    def has_happened(self, before: Ledger, seen: Seen) -> bool:
        """Look whether any is missing."""
        return any(item_id not in seen.items and item_id not in seen.hidden for item_id in self.ids)


@dataclass(frozen=True)
class Prune(Forget):
    """Forget the items that have expired, which are those of ``ids``."""

    def perform(self, desk: Desk) -> None:
        """Prune."""
        desk.me.prune()


@dataclass(frozen=True)
class Search(Neutral):
    """Search for a word and read what is found."""

    word: str

    def perform(self, desk: Desk) -> None:
        """Search."""
        desk.me.search(self.word)


def updated(entry: Entry, text: str, words: tuple[str, ...]) -> Entry:
    """Return the entry with a new text, as an update leaves it."""
    return replace(
        entry,
        text=text,
        words=(*entry.words, *words),
        earlier=(*entry.earlier, entry.text),
        vectors={},
        old_vectors=(*entry.old_vectors, *entry.vectors.values()),
    )


def _array(vector: bytes) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.frombuffer(vector, "<f4").astype(np.float32)
