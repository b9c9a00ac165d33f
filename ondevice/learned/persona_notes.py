"""What an app is told of the persona in use."""

from __future__ import annotations

from dataclasses import dataclass, field

from ondevice.config import PersonaWeights
from ondevice.records import Item


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonaStatus:
    """Which persona is in use, and what it reads.

    Args:
        in_use: The bundle's name, or ``None``.
        tasks: The tasks that it knows; requests of others get no rows.
        n_rows: Rows that it puts behind a prompt, those of the task included.
        n_items: Items that have a part in them.
        max_items: So many of the newest may have one.
        weights: How items are weighed.
    """

    in_use: str | None
    tasks: tuple[str, ...] = ()
    n_rows: int = 0
    n_items: int = 0
    max_items: int = 0
    weights: PersonaWeights = "attention"


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonaShare:
    """An item, and its part in the rows of a request, 0 to 1."""

    item: Item = field(repr=False)
    weight: float


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonaExplanation:
    """What the rows of a request are made of.

    Args:
        task: The request's task.
        shares: The items with the largest parts, the largest first.
        null: The part of nobody's rows: what the history says nothing about.
        n_items: Items that have a part.
    """

    task: str
    shares: tuple[PersonaShare, ...]
    null: float
    n_items: int
