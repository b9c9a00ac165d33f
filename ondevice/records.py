"""The nouns: what a profile holds, what a search finds, what the model answers.

All are frozen, and none shows the user's text in its ``repr``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, get_args

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

    ``signature`` is Ed25519 over the canonical JSON of all other fields (docs/reference/format.md). Anyone can sign a
    receipt with a key of their own, so ``public_key`` proves nothing by itself: compare it with the profile's, which
    ``Personalizer.stats().receipt_key`` and ``ondevice stats`` tell. It never changes. Note it down, outside the
    profile, before it is needed: a profile that is gone cannot tell it any more. Then check a receipt with
    ``verify_receipt(receipt, public_key=key)`` or ``ondevice receipt verify FILE --key KEY``.
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


SelectorMode = Literal["rspg-pre", "rspg-post"]
"""How a selector chooses: by the prompts alone, or where these do not settle it by the answers too."""
SELECTOR_MODES: tuple[SelectorMode, ...] = get_args(SelectorMode)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One prompt that a selector weighed.

    Args:
        retriever: The first in the pool's order whose items make this prompt.
        same_as: The other retrievers with the same prompt.
        n_items: Items in the prompt.
        score: The selector's own number; higher is better.
        share: Its softmax among the candidates, 0 to 1.
        ms: What it took in milliseconds: search, prompt, scoring and, where outputs were judged, the answer.
    """

    retriever: str
    same_as: tuple[str, ...] = ()
    n_items: int
    score: float
    share: float
    ms: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which retriever a selector chose for a request, and why.

    Args:
        mode: How it was asked to choose.
        retriever: The chosen one.
        has_judged_outputs: Whether scores and shares are those of the answers, and not of the prompts.
        candidates: What was weighed, in the order of the selector's pool.
        left_out: Retrievers of the pool that cannot be had here, with the reason.
    """

    mode: SelectorMode
    retriever: str
    has_judged_outputs: bool
    candidates: tuple[Candidate, ...]
    left_out: Mapping[str, str] = field(default_factory=_nothing)

    def explain(self) -> str:
        """Return the choice in one sentence, such as ``bm25, because its prompt took 61 % of the choice; …``."""
        chosen = next(each for each in self.candidates if each.retriever == self.retriever)
        thing = "answer" if self.has_judged_outputs else "prompt"
        why = f"{_names(chosen)}, because its {thing} took {chosen.share * 100:.0f} % of the choice"
        if chosen.share < max(each.share for each in self.candidates):
            why = f"{_names(chosen)}, the usual choice, because no other leads its {chosen.share * 100:.0f} % clearly"
        if len(self.candidates) == 1:
            why = f"{_names(chosen)}, because every retriever led to the same prompt"
        rest = sorted((each for each in self.candidates if each is not chosen), key=lambda each: -each.share)
        parts = [why, ", ".join(f"{_names(each)} {each.share * 100:.0f} %" for each in rest)]
        parts += [f"without {name}: {reason}" for name, reason in self.left_out.items()]
        return "; ".join(part for part in parts if part)


def _names(candidate: Candidate) -> str:
    return f"{candidate.retriever} (as {', '.join(candidate.same_as)})" if candidate.same_as else candidate.retriever


FinishReason = Literal["stop", "length", "cancelled"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """An answer, with the items it was given and the time each part took.

    ``sources`` are the items that stood in the prompt, best first; empty means a plain answer. ``has_summary`` says
    whether the user's summary stood in it too. Where a selector chose the retriever, ``selection`` says why, and
    ``timings_ms`` has ``select``: the other retrievers' searches and prompts, and the scoring. ``read`` and
    ``generate`` are then those of every answer that was judged.
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
    selection: Selection | None = None
