"""The nouns: what a profile holds, what a search finds, what the model answers.

All are frozen, and none shows the user's text in its ``repr``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Scalar = str | int | float | bool | None
"""What a field or a piece of metadata may hold (JSON's scalars)."""

Condition = Scalar | list[Scalar] | Mapping[str, Scalar]
"""A metadata condition: equal to a scalar, one of a list, or ``{"gt" | "gte" | "lt" | "lte" | "ne": scalar}``."""


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """An item on its way in: what the app knows before the store gives it an id."""

    text: str = field(repr=False)
    kind: str = "note"
    fields: Mapping[str, Scalar] = field(default_factory=_nothing, repr=False)
    time: datetime | None = None
    metadata: Mapping[str, Scalar] = field(default_factory=_nothing, repr=False)
    expires_at: datetime | None = None
    id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One history entry. ``time`` is when it happened, ``added_at`` when it was stored (both UTC)."""

    id: str
    text: str = field(repr=False)
    kind: str
    fields: Mapping[str, Scalar] = field(default_factory=_nothing, repr=False)
    time: datetime
    metadata: Mapping[str, Scalar] = field(default_factory=_nothing, repr=False)
    added_at: datetime
    version: int = 1
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """What an item said before an update replaced it."""

    version: int
    text: str = field(repr=False)
    fields: Mapping[str, Scalar] = field(default_factory=_nothing, repr=False)
    metadata: Mapping[str, Scalar] = field(default_factory=_nothing, repr=False)
    replaced_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """Which items count: every condition given must hold.

    Args:
        kinds: One of these kinds.
        since: At or after this time (aware).
        until: Before this time (aware).
        metadata: Conditions by metadata key, see :data:`Condition`.
        ids: One of these item ids.
    """

    kinds: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    metadata: Mapping[str, Condition] = field(default_factory=_nothing, repr=False)
    ids: tuple[str, ...] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether every item passes."""
        return (
            self.kinds is None and self.since is None and self.until is None and not self.metadata and self.ids is None
        )


class Ranked(NamedTuple):
    """A store row and its score; higher is better."""

    row: int
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """An item a retriever found; rank counts from 1, and a higher score is better."""

    item: Item
    score: float
    rank: int


Outcome = Literal["erased", "rebuilt", "dropped", "cleared", "absent", "pending", "found"]
"""What became of an artifact in an erasure; ``pending`` and ``found`` mean that it is not complete."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArtifactOutcome:
    """One place where a forgotten item could live, and what became of it there."""

    kind: str
    name: str
    outcome: Outcome
    count: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """A signed statement of what an erasure did; it names ids and places, never text.

    ``signature`` is Ed25519 over the canonical JSON of all other fields (docs/format.md).
    """

    format: int
    profile_id: str
    at: datetime
    item_ids: tuple[str, ...]
    artifacts: tuple[ArtifactOutcome, ...]
    verified: bool
    caveats: tuple[str, ...]
    public_key: str
    signature: str = ""


FinishReason = Literal["stop", "length", "cancelled"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """An answer, with the items it was given and the time each part took.

    ``sources`` are the items that stood in the prompt, best first; empty means a plain answer. ``has_summary`` says
    whether the user's summary stood in it too.
    """

    text: str = field(repr=False)
    sources: tuple[Hit, ...]
    retriever: str
    task: str
    finish_reason: FinishReason
    n_prompt_tokens: int
    n_reused_tokens: int
    n_tokens: int
    timings_ms: Mapping[str, float] = field(default_factory=_nothing)
    has_summary: bool = False
