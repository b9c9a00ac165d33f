"""The app at work: what it has on its desk, and what every act of it can do."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from benchmarks.faults.ledger import Ledger
from benchmarks.faults.observing import Seen
from ondevice import ModelSet, Personalizer


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
            self._me = Personalizer.open(self.path, app_key=self.key, models=ModelSet(encoder=None, generator=None))
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
