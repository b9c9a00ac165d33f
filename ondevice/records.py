"""The nouns: what a profile holds, what a search finds, what the model answers.

All are frozen, and none shows the user's text in its ``repr``. In a notebook, :func:`ondevice.notebooks.show_texts`
lets them show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, cast, get_args

from ondevice.arguments import require_noun
from ondevice.passages import Passage
from ondevice.shown import Shown

Scalar = str | int | float | bool | None
"""What a field may hold (JSON's scalars)."""

MetadataValue = Scalar | Sequence[Scalar]
"""What a piece of metadata may hold: a scalar or a list of scalars, such as ``["work", "lyon"]``."""

Condition = Scalar | Sequence[Scalar] | Set[Scalar] | Mapping[str, Scalar]
"""A metadata condition: a scalar, several (one of them), or ``{"gt" | "gte" | "lt" | "lte" | "ne": scalar}``.

A condition asks for the **values** of a key. A scalar is one value, a list has as many as it has members. A key that is
not there has none, and neither has ``None`` or an empty list; a ``None`` in a list does not count.

=======================  ================================================================================
``"work"``               one of the values is ``"work"``
``["work", "lyon"]``     one of the values is one of these
``None``                 there is no value
``{"ne": "work"}``       none of the values is ``"work"``, also where there is no value
``{"ne": None}``         there is a value
``{"gte": 2, "lt": 5}``  one and the same value lies from 2 to below 5
=======================  ================================================================================

Values are compared within one type: a number with numbers, a text with texts, ``True`` only with ``True``.
"""


def scalars_of(condition: Scalar | Sequence[Scalar] | Set[Scalar]) -> list[Scalar]:
    """Return the scalars that a condition names, one or several."""
    if isinstance(condition, Sequence | Set) and not isinstance(condition, str | bytes):
        return list(condition)
    return [cast("Scalar", condition)]


MAX_FILTER_DEPTH = 8
"""So deep filters may lie in one another. A chain of ``|``, or of ``&``, adds one, however long it is."""


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """An item on its way in: what the app knows before the store gives it an id.

    Fields are searched with the text and stand in the prompt; metadata is for filters alone.
    """

    text: str = field(repr=False)
    kind: str = "note"
    fields: Mapping[str, Scalar] = field(default_factory=_nothing, repr=False)
    time: datetime | None = None
    metadata: Mapping[str, MetadataValue] = field(default_factory=_nothing, repr=False)
    expires_at: datetime | None = None
    id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Item(Shown):
    """One history entry. ``time`` is when it happened, ``added_at`` when it was stored (both UTC)."""

    id: str
    text: str = field(repr=False)
    kind: str
    fields: Mapping[str, Scalar] = field(default_factory=_nothing, repr=False)
    time: datetime
    metadata: Mapping[str, MetadataValue] = field(default_factory=_nothing, repr=False)
    added_at: datetime
    version: int = 1
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Version(Shown):
    """What an item said before an update replaced it."""

    version: int
    text: str = field(repr=False)
    fields: Mapping[str, Scalar] = field(default_factory=_nothing, repr=False)
    metadata: Mapping[str, MetadataValue] = field(default_factory=_nothing, repr=False)
    replaced_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """Which items count: every condition given must hold.

    Filters compose: ``a & b`` lets pass what both do, ``a | b`` what at least one of them does.

    Args:
        kinds: One of these kinds.
        since: At or after this time (aware).
        until: Before this time (aware).
        metadata: Conditions by metadata key, see :data:`Condition`.
        ids: One of these item ids.
        any_of: At least one of these filters lets the item pass, as ``|`` writes it; of none, no item passes.
        all_of: Each of these filters lets the item pass, as ``&`` writes it.

    Raises:
        TypeError: If ``any_of`` or ``all_of`` holds something else than filters.
        ValueError: If filters lie more than :data:`MAX_FILTER_DEPTH` deep in one another.
    """

    kinds: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    metadata: Mapping[str, Condition] = field(default_factory=_nothing, repr=False)
    ids: tuple[str, ...] | None = None
    any_of: tuple[Filter, ...] | None = None
    all_of: tuple[Filter, ...] = ()

    def __post_init__(self) -> None:
        """Check the filters in this one; the conditions are checked where they are used."""
        for name, parts in (("any_of", self.any_of or ()), ("all_of", self.all_of)):
            if not isinstance(parts, tuple):
                raise TypeError(f"a filter's {name} is a tuple of Filter, not a {type(parts).__name__}")
            for part in parts:
                require_noun(part, "Filter", f"each part of a filter's {name}")
        if self.depth > MAX_FILTER_DEPTH:
            raise ValueError(f"filters lie more than {MAX_FILTER_DEPTH} deep in one another: combine fewer")

    @property
    def depth(self) -> int:
        """How deep filters lie in this one: 0 where there is none."""
        return max((1 + part.depth for part in (*(self.any_of or ()), *self.all_of)), default=0)

    @property
    def is_empty(self) -> bool:
        """Whether every item passes, because nothing is asked for."""
        return (
            self._has_no_conditions
            and all(part.is_empty for part in self.all_of)
            and (self.any_of is None or any(part.is_empty for part in self.any_of))
        )

    def parts(self) -> Iterator[Filter]:
        """Yield this filter, and every one in it."""
        yield self
        for part in (*(self.any_of or ()), *self.all_of):
            yield from part.parts()

    def __or__(self, other: Filter) -> Filter:
        """Return the filter that lets pass what this one does, or the other, or both."""
        require_noun(other, "Filter", "what follows | after a filter")
        if self.is_empty or other.is_empty:
            return Filter()
        return Filter(any_of=(*self._alternatives(), *other._alternatives()))

    def __and__(self, other: Filter) -> Filter:
        """Return the filter that lets pass what both do."""
        require_noun(other, "Filter", "what follows & after a filter")
        if self.is_empty or other.is_empty:
            return other if self.is_empty else self
        return Filter(all_of=(*self._demands(), *other._demands()))

    @property
    def _has_no_conditions(self) -> bool:
        return (
            self.kinds is None and self.since is None and self.until is None and not self.metadata and self.ids is None
        )

    def _alternatives(self) -> tuple[Filter, ...]:
        """Return what is only a chain of ``|`` as its links, so that a long one does not get deep."""
        is_chain = self._has_no_conditions and not self.all_of and self.any_of is not None
        return self.any_of or () if is_chain else (self,)

    def _demands(self) -> tuple[Filter, ...]:
        is_chain = self._has_no_conditions and self.any_of is None
        return self.all_of if is_chain else (self,)


class Ranked(NamedTuple):
    """A store row and its score; higher is better."""

    row: int
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit(Shown):
    """An item a retriever found; rank counts from 1, a higher score is better; of a long item, what passage fits."""

    item: Item
    score: float
    rank: int
    passage: Passage | None = None


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
class Citation:
    """What one sentence of an answer rests on.

    Args:
        start: Where the sentence begins in the answer's text.
        end: Where it ends; ``text[start:end]`` is the sentence.
        item_ids: The items that it names as its source, perhaps none. Where a name, a number, a time or a date in it
            stands in none of those and in one other of the prompt alone, it is that one; those that hold such things of
            the sentence too stay.
        made_up: Names, numbers, times and dates in it that stand neither in the items of the prompt nor in the request.
        elsewhere: Those that stand in several items of the prompt, and in none of ``item_ids``.
    """

    start: int
    end: int
    item_ids: tuple[str, ...]
    made_up: tuple[str, ...] = field(default=(), repr=False)
    elsewhere: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_borne_out(self) -> bool:
        """Whether all that can be looked up stands where the sentence says, in the request or in the calendar."""
        return not self.made_up and not self.elsewhere


OnUnsupported = Literal["answer", "say", "empty"]
"""What becomes of an answer that is not supported: it is given all the same, replaced by the sentence that
the notes do not say, or by an empty text."""
ON_UNSUPPORTED: tuple[OnUnsupported, ...] = get_args(OnUnsupported)


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion(Shown):
    """An answer, with the items it was given and the time each part took.

    ``sources`` are the items that stood in the prompt, best first; empty means a plain answer. ``has_summary`` says
    whether the user's summary stood in it too, ``has_persona`` whether rows of the user were read behind it.
    ``shortened`` are the ids of the sources that were too long: only passages of them stood in it. Where a
    selector chose the retriever, ``selection`` says why, and ``timings_ms`` has ``select``: the other retrievers'
    searches and prompts, and the scoring. ``read`` and ``generate`` are then those of every answer that was judged.

    Where the language model reads numbered notes, ``citations`` say for each sentence which items it rests on, and
    ``support`` how far one may rely on the answer, 0 to 1. Where the model's bundle says how that was measured, it is
    how often such answers were right. Otherwise it is the share of the answer's words that say something, names,
    numbers, times and dates that the items named by their own sentence hold. An answer that the notes do not say has
    none, 0. ``is_supported`` says whether every citation is borne out and the support is as high as the bundle
    demands. Where no notes stood in the prompt, nothing supports an answer, and ``support`` is how sure the model was
    of its words: the geometric mean of their probabilities. Where the model reads no numbered notes
    there are no citations, and both are ``None``.

    What a model thinks aloud before it answers is ``thinking``, as it wrote it, and no part of ``text``: a model may
    think anything, and no citation says what of it is true. Its ``n_thinking_tokens`` are no part of ``n_tokens``.

    Where labels were given, ``label_scores`` are what each one scored: ln p that the model answers with it and ends
    there, less its prior where there is one (nats). The highest is the answer.
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
    has_persona: bool = False
    shortened: tuple[str, ...] = ()
    selection: Selection | None = None
    citations: tuple[Citation, ...] = ()
    support: float | None = None
    is_supported: bool | None = None
    label_scores: Mapping[str, float] = field(default_factory=_nothing, repr=False)
    thinking: str = field(default="", repr=False)
    n_thinking_tokens: int = 0
