"""What an app does to a profile: each act can be performed, expected in the ledger, and recognised afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np

from benchmarks.faults.ledger import Entry, Ledger, Thing
from benchmarks.faults.observing import NOTE_PREFIX, Seen
from ondevice import Draft, Personalizer
from ondevice.records import Filter
from ondevice.vault import AppKey, Vault

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Desk:
    """The app at work: the profile's place, the key in use, and the profile while it is open."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Sit down; nothing is opened yet."""
        self.path = path
        self.key = key
        self._me: Personalizer | None = None

    @property
    def me(self) -> Personalizer:
        """The open profile."""
        if self._me is None:
            self._me = Personalizer.open(self.path, app_key=self.key, encoder=None, generator=None)
        return self._me

    def close(self) -> None:
        """Close it, if it is open."""
        if self._me is not None:
            closing, self._me = self._me, None
            closing.close()


class Act(Protocol):
    """One thing that an app does."""

    def perform(self, desk: Desk) -> None:
        """Do it; returning acknowledges it."""

    def expect(self, ledger: Ledger) -> None:
        """Bring the ledger to what must hold once it is done."""

    def has_happened(self, before: Ledger, seen: Seen) -> bool:
        """Say whether any of it shows, against what held before."""


class Neutral:
    """An act that changes nothing that the app can see."""

    def expect(self, ledger: Ledger) -> None:
        """Expect no change."""

    def has_happened(self, before: Ledger, seen: Seen) -> bool:
        """Never shows."""
        return False


@dataclass(frozen=True)
class Open(Neutral):
    """Open the profile, or make it where there is none."""

    def perform(self, desk: Desk) -> None:
        """Open."""
        desk.me.list(limit=1)

    def expect(self, ledger: Ledger) -> None:
        """Expect a profile."""
        ledger.is_made = True


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
        desk.me.update(self.entry.id, text=self.entry.text)

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


@dataclass(frozen=True)
class Rekey:
    """Encrypt everything anew; only this key opens the profile afterwards."""

    key: bytes

    def perform(self, desk: Desk) -> None:
        """Rekey."""
        desk.me.rekey(app_key=self.key)
        desk.key = self.key

    def expect(self, ledger: Ledger) -> None:
        """Expect this key and no other."""
        ledger.keys = (self.key,)

    def has_happened(self, before: Ledger, seen: Seen) -> bool:
        """Look which key opened it."""
        return seen.key == self.key


@dataclass(frozen=True)
class AddKey:
    """Let another app key open the profile."""

    key: bytes

    def perform(self, desk: Desk) -> None:
        """Add a slot."""
        desk.me.vault.add_slot(AppKey(self.key))

    def expect(self, ledger: Ledger) -> None:
        """Expect it to open the profile."""
        ledger.keys = (*ledger.keys, self.key)

    def has_happened(self, before: Ledger, seen: Seen) -> bool:
        """Take it as not happened: nothing is promised of it."""
        return False


@dataclass(frozen=True)
class Backup:
    """Copy the profile, encrypted as it is, beside its folder."""

    name: str

    def perform(self, desk: Desk) -> None:
        """Back up."""
        desk.me.backup(desk.path.parent / self.name)

    def expect(self, ledger: Ledger) -> None:
        """Expect a copy of what is there now."""
        ledger.backups[self.name] = ledger.copy()

    def has_happened(self, before: Ledger, seen: Seen) -> bool:
        """Look whether there is anything of that name: it appears whole."""
        return self.name in seen.backups


@dataclass(frozen=True)
class Destroy:
    """End the profile for good."""

    def perform(self, desk: Desk) -> None:
        """Destroy it."""
        desk.close()
        Vault.destroy(desk.path)

    def expect(self, ledger: Ledger) -> None:
        """Expect that nothing opens it."""
        ledger.is_destroyed = True

    def has_happened(self, before: Ledger, seen: Seen) -> bool:
        """Say no: what can be seen was not destroyed."""
        return False


@dataclass(frozen=True)
class Checkpoint(Neutral):
    """Move the write-ahead log into the database."""

    def perform(self, desk: Desk) -> None:
        """Checkpoint."""
        desk.me.vault.database.checkpoint()


@dataclass(frozen=True)
class Search(Neutral):
    """Search for a word and read what is found."""

    word: str

    def perform(self, desk: Desk) -> None:
        """Search."""
        desk.me.search(self.word)


@dataclass(frozen=True)
class Reopen(Neutral):
    """Close the profile and open it again."""

    def perform(self, desk: Desk) -> None:
        """Close and open."""
        desk.close()
        desk.me.list(limit=1)


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
