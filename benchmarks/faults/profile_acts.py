"""What an app does with a whole profile: open, rekey, back up, destroy."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.faults.desk import Desk, Neutral
from benchmarks.faults.ledger import Ledger
from benchmarks.faults.observing import Seen
from ondevice.vault import AppKey, Vault


@dataclass(frozen=True)
class Open(Neutral):
    """Open the profile, or make it where there is none."""

    def perform(self, desk: Desk) -> None:
        """Open."""
        desk.me.items.list(limit=1)

    def expect(self, ledger: Ledger) -> None:
        """Expect a profile."""
        ledger.is_made = True


@dataclass(frozen=True)
class Reopen(Neutral):
    """Close the profile and open it again."""

    def perform(self, desk: Desk) -> None:
        """Close and open."""
        desk.close()
        desk.me.items.list(limit=1)


@dataclass(frozen=True)
class Checkpoint(Neutral):
    """Move the write-ahead log into the database."""

    def perform(self, desk: Desk) -> None:
        """Checkpoint."""
        desk.me.vault.database.checkpoint()


@dataclass(frozen=True)
class Rekey:
    """Encrypt everything anew; only this key opens the profile afterwards."""

    key: bytes

    def perform(self, desk: Desk) -> None:
        """Rekey."""
        desk.me.vault.rekey(AppKey(self.key))
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
        desk.me.vault.backup(desk.path.parent / self.name)

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
