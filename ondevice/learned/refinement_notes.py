"""What a profile notes of a refinement beside its bytes, and what an app is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from ondevice.errors import InputError
from ondevice.safety.strict_json import read_record


@dataclass(frozen=True, kw_only=True, slots=True)
class RefinementReport:
    """What came of learning which way to turn queries.

    Losses are the mean KL divergence (nats) of the search's order from what helped; rewards the mean log-likelihood
    (nats per token) of the user's own answer with the first hit in the prompt. Both are of the held-out requests, the
    newest, which also chose when to stop: a handful of requests shows a promise, not a proof.

    Args:
        task: The task whose requests were asked.
        n_pairs: Requests that were learned from or judged by.
        n_held_out: Those of them that only judged.
        n_dropped: Requests whose candidates all helped alike, so that nothing can be learned from them.
        n_prompts: Prompts the language model read.
        loss_before: With the encoder alone.
        loss_after: With the map.
        reward_before: With the encoder alone.
        reward_after: With the map.
        n_steps: Steps of the learning.
        seconds: What all took.
        is_cut: Whether the time ran out before every request was asked.
    """

    task: str
    n_pairs: int
    n_held_out: int
    n_dropped: int
    n_prompts: int
    loss_before: float
    loss_after: float
    reward_before: float
    reward_after: float
    n_steps: int
    seconds: float
    is_cut: bool

    @property
    def has_gained(self) -> bool:
        """Whether the held-out loss fell and the first hits helped more; only then is the map kept and used."""
        return self.loss_after < self.loss_before and self.reward_after > self.reward_before

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values; :meth:`from_json` reads them."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the report that :meth:`to_json` wrote.

        Raises:
            InputError: If a field is missing, unknown or of the wrong type.
        """
        return read_record(
            cls,
            values,
            "the report",
            lambda reason: InputError(
                f"what was noted of the refinement cannot be read: {reason}", hint="drop it: ondevice refine drop"
            ),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RefinementStatus:
    """How the refinement of a profile stands.

    Args:
        is_there: Whether one is kept.
        is_in_use: Whether the retriever ``refined`` can be asked for.
        is_for_encoder: Whether it was learned for the encoder the profile was opened with.
        encoder_id: The encoder it was learned for, or ``None``.
        base_name: The language model whose feedback it was learned from, or ``None``.
        n_items: From how many items.
        n_bytes: Its size before sealing.
        made_at: When it was kept, or ``None``.
        report: What came of the learning, or ``None``.
    """

    is_there: bool
    is_in_use: bool = False
    is_for_encoder: bool = False
    encoder_id: str | None = None
    base_name: str | None = None
    n_items: int = 0
    n_bytes: int = 0
    made_at: datetime | None = None
    report: RefinementReport | None = None
