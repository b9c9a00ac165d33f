"""What single users gain by each way of answering: a population's gains are fitted on these records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ondevice.evaluation.ledger import Ledger


@dataclass(frozen=True, kw_only=True, slots=True)
class UserGain:
    """One user's gain by one way, in nats.

    Args:
        mean: Over the items.
        variance: Of the items, unbiased; ``None`` of a single one.
    """

    mean: float
    variance: float | None


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
        """Return what ``asdict`` made an object of."""
        ways = {way: UserGain(**gain) for way, gain in value["ways"].items()}
        return cls(task=value["task"], items=value["items"], ways=ways)


def gains_ledger(path: Path | None) -> Ledger[UserGains]:
    """Return a file of what was measured, so that a run that is stopped goes on, or memory alone.

    Raises:
        InputError: If the file holds something else; it names the line.
        StorageError: If it cannot be read or written.
    """
    return Ledger(path, noun="a user's gains", to_json=asdict, from_json=UserGains.from_json)
