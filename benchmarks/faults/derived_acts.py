"""What an app keeps of items beside them: derived things, caches, settings."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.faults.desk import Desk, Neutral
from benchmarks.faults.ledger import Ledger, Thing
from benchmarks.faults.observing import NOTE_PREFIX, Seen


@dataclass(frozen=True)
class Derive:
    """Keep something made from items, sealed."""

    place: tuple[str, str]
    thing: Thing

    def perform(self, desk: Desk) -> None:
        """Keep it."""
        assert self.thing.data is not None
        desk.me.vault.derived.put(*self.place, self.thing.data, item_ids=sorted(self.thing.sources))

    def expect(self, ledger: Ledger) -> None:
        """Expect it in place of what was there."""
        ledger.things[self.place] = self.thing

    def has_happened(self, before: Ledger, seen: Seen) -> bool:
        """Look for its bytes."""
        return seen.things.get(self.place) == self.thing.data


@dataclass(frozen=True)
class Drop:
    """Drop something derived."""

    place: tuple[str, str]

    def perform(self, desk: Desk) -> None:
        """Drop it."""
        desk.me.vault.derived.drop(*self.place)

    def expect(self, ledger: Ledger) -> None:
        """Expect nothing there."""
        del ledger.things[self.place]

    def has_happened(self, before: Ledger, seen: Seen) -> bool:
        """Look whether it is gone, or its bytes are: those go first."""
        return seen.things.get(self.place) is None


@dataclass(frozen=True)
class Cache(Neutral):
    """Seal a cache that says something of items."""

    name: str
    data: bytes

    def perform(self, desk: Desk) -> None:
        """Seal it."""
        desk.me.vault.sealed.write(self.name, self.data, version=1)

    def expect(self, ledger: Ledger) -> None:
        """Expect these bytes, if any."""
        ledger.caches[self.name] = self.data

    def has_happened(self, before: Ledger, seen: Seen) -> bool:
        """Look for these bytes."""
        return seen.caches.get(self.name) == self.data


@dataclass(frozen=True)
class Note:
    """Set a setting."""

    key: str
    value: str

    def perform(self, desk: Desk) -> None:
        """Set it."""
        desk.me.vault.settings.set(NOTE_PREFIX + self.key, self.value)

    def expect(self, ledger: Ledger) -> None:
        """Expect it."""
        ledger.notes[NOTE_PREFIX + self.key] = f'"{self.value}"'

    def has_happened(self, before: Ledger, seen: Seen) -> bool:
        """Look for the value."""
        return seen.notes.get(NOTE_PREFIX + self.key) == f'"{self.value}"'
