"""What a plan is asked for, and what it says: how this user is answered best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from ondevice.adaptation.gate.choosing import GateConfig
from ondevice.adaptation.gate.standing import WITH_ADAPTER, WITH_ITEMS, Standing, Strategy
from ondevice.arguments import require_noun
from ondevice.bundle.gains import WayGains, check_gains
from ondevice.config import Contrast
from ondevice.learned.adapter_notes import InUse

DEFAULT_CONTRAST = Contrast()
"""What is tried unless an app says otherwise."""


class AnswerSettings(TypedDict):
    """What ``generate`` and ``stream`` are to be called with."""

    retriever: str
    k: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRequest:
    """What is to be compared.

    Args:
        task: The task whose pairs are answered.
        k: Items to look for.
        retriever: How they are found.
        adapter: Name of the adapter; ``None`` for none.
        contrast: How far from the plain model its answers are kept where that is tried; ``None`` does not try it.
        held_out: Part of the task's items to judge by, the newest, more than 0 and at most 1.
        max_held_out: At most so many.
        gate: How much evidence is asked for.
        gains: What each way of answering gained other users of the task; ``None`` where nothing is known.
    """

    task: str
    k: int
    retriever: str
    adapter: str | None
    contrast: Contrast | None
    held_out: float
    max_held_out: int
    gate: GateConfig | None
    gains: WayGains | None

    def __post_init__(self) -> None:
        """Refuse numbers without meaning."""
        n_newest(1, self.held_out, self.max_held_out)
        if self.gains is not None:
            check_gains(self.gains)
            for way, gain in self.gains.items():
                require_noun(gain, "PopulationGain", f"the gain of {way!r}")
        if self.retriever == "none":
            raise ValueError("a plan compares with retrieval: name a retriever that finds items, not 'none'")


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalizationPlan:
    """How this user is answered best, why, and the numbers of all ways that were compared.

    Args:
        strategy: ``none``, ``rag``, ``adapter``, ``both`` or ``contrast``.
        why: Sentences with their numbers, the most important first.
        table: One row a strategy, cheapest first; scores are log-likelihoods (nats) of the user's own answers.
        n_held_out: Items the numbers come from, which the adapter has not seen.
        profile_size: Items of the profile that the task can use.
        task: The task that was answered.
        retriever: How items were found.
        k: How many, at most.
        adapter: The adapter that was compared, or ``None``.
        scale: How strongly it applied.
        contrast: The contrast that was compared, or ``None``.
        is_applied: Whether the profile now answers like this, as far as the adapter goes.
    """

    strategy: Strategy
    why: tuple[str, ...]
    table: tuple[Standing, ...]
    n_held_out: int
    profile_size: int
    task: str
    retriever: str
    k: int
    adapter: str | None
    scale: float
    contrast: Contrast | None
    is_applied: bool = False

    def settings(self) -> AnswerSettings:
        """Return the arguments for ``generate`` and ``stream``: ``me.generate(request, **plan.settings())``."""
        return AnswerSettings(retriever=self.retriever if self.strategy in WITH_ITEMS else "none", k=self.k)

    def in_use(self) -> InUse | None:
        """Return how the adapter is to be used, ``None`` for not at all."""
        if self.adapter is None or self.strategy not in WITH_ADAPTER:
            return None
        return InUse(
            name=self.adapter, scale=self.scale, contrast=self.contrast if self.strategy == "contrast" else None
        )


def n_newest(n_pairs: int, part: float, most: int) -> int:
    """Return how many of the newest pairs are held out to judge by.

    Raises:
        ValueError: If the part is not more than 0 and at most 1, or ``most`` is below 1.
    """
    if not 0 < part <= 1 or most < 1:
        raise ValueError(f"the held-out part {part} must be more than 0 and at most 1, and the most {most} 1 or more")
    return min(most, round(part * n_pairs))
