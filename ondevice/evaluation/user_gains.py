"""What single users gain by each way of answering: a population's gains are fitted on these records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ondevice.bundle.gains import GAINING_WAYS
from ondevice.evaluation.ledger import Ledger
from ondevice.safety.strict_json import Section, read_record

_LARGEST = 1e6
"""Nats an item; far beyond what any way of answering gains or loses."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UserGain:
    """One user's gain by one way, in nats.

    Args:
        mean: Over the items.
        variance: Of the items, unbiased; ``None`` of a single one.
    """

    mean: float
    variance: float | None

    def __post_init__(self) -> None:
        """Refuse what no items have.

        Raises:
            ValueError: Then.
        """
        if not abs(self.mean) <= _LARGEST or not 0 <= (self.variance or 0.0) <= _LARGEST**2:
            raise ValueError(f"the gain {self.mean} and its variance {self.variance} are those of no items")


@dataclass(frozen=True, kw_only=True, slots=True)
class UserGains:
    """What one user gains over none.

    Args:
        task: What was asked.
        items: Held-out items that the numbers come from; 0 where there is nothing to judge by.
        ways: By the way of answering; empty without items, and without adapters where they have too little to learn.
    """

    task: str
    items: int
    ways: Mapping[str, UserGain]

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> UserGains:
        """Return what ``asdict`` made an object of.

        Raises:
            ValueError: If it is something else.
        """
        section = Section(value, "the line")
        task, items = section.take("task", str), section.take("items", int)
        told = Section(section.take("ways", dict), "the ways")
        ways = {way: read_record(UserGain, told.take_any(way), way, ValueError) for way in told.names()}
        section.end()
        if items < 0 or not set(ways).issubset(GAINING_WAYS):
            raise ValueError("there are no such items, or no such ways of answering")
        return cls(task=task, items=items, ways=ways)


def gains_ledger(path: Path | None) -> Ledger[UserGains]:
    """Return a file of what was measured, so that a run that is stopped goes on, or memory alone.

    Raises:
        InputError: If the file holds something else; it names the line.
        StorageError: If it cannot be read or written.
    """
    return Ledger(path, noun="a user's gains", to_json=asdict, from_json=UserGains.from_json)
