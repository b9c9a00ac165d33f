"""What a cell answered to one question, and from all of these to what the cell answered to a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING

from ondevice.evaluation.conditions import Condition
from ondevice.evaluation.label_priors import LabelPrior
from ondevice.evaluation.learned import KeptLearning
from ondevice.evaluation.persona_likeness import AskedPersona, asked_personas
from ondevice.evaluation.table import CellOutcome

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PARTS = ("store", "retrieve", "prompt", "read", "generate")
"""Where a question's time goes: making its profile, with a summary where a cell has one (once for all cells), search,
prompt, reading it, answering."""
SELECT = "select"
"""What a choice takes beyond that: the other retrievers' searches and prompts, and the scoring."""
PERSONA = "persona"
"""What making the rows of a persona takes beyond that; reading them is in ``read``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MadePersona:
    """The persona of one question.

    Args:
        rows: What of its rows tells of the user, float32[rows, embedding size]; none where only the task's are read.
        n_items: Items that have a part in them.
    """

    rows: NDArray[np.float32] = field(repr=False)
    n_items: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """One cell's answer to one question, what was learned for it before, and which retriever a selector chose.

    ``likelihood`` is that of the user's own answer (nats, lower is better), ``prior`` what the labels are worth anyway.
    Tokens and times are those of all prompts that were read for it.
    """

    text: str
    timings_ms: dict[str, float]
    n_prompt_tokens: int
    n_reused_tokens: int
    learned: KeptLearning | None = None
    choice: str | None = None
    likelihood: float | None = None
    prior: LabelPrior | None = None
    persona: MadePersona | None = None


def outcomes_of(cells: Mapping[Condition, Sequence[Answered]], users: Sequence[str]) -> list[CellOutcome]:
    """Gather each cell's answers, which are in the questions' order; ``users`` asked these.

    What a cell's prompt shares with the one read before it depends on which other cells there are. So that a cell's
    time is its own, reading is told for the whole prompt, at the pace of all that was read.
    """
    every = [answered for cell in cells.values() for answered in cell]
    n_read = sum(each.n_prompt_tokens - each.n_reused_tokens for each in every)
    pace_ms = sum(each.timings_ms["read"] for each in every) / max(1, n_read)
    further = [part for part in (SELECT, PERSONA) if any(part in each.timings_ms for each in every)]
    parts = (*PARTS, *further)
    return [_outcome(condition, answered, users, pace_ms, parts) for condition, answered in cells.items()]


def _outcome(
    condition: Condition, answered: Sequence[Answered], users: Sequence[str], pace_ms: float, parts: Sequence[str]
) -> CellOutcome:
    none = dict.fromkeys(parts, 0.0)
    timings = [{**none, **each.timings_ms, "read": each.n_prompt_tokens * pace_ms} for each in answered]
    return CellOutcome(
        condition=condition,
        answers=[each.text for each in answered],
        seconds=[sum(each[part] for part in parts if part != "store") / 1000 for each in timings],
        parts_ms={part: fmean(each[part] for each in timings) for part in parts},
        learned=[each.learned for each in answered if each.learned is not None],
        choices=[each.choice for each in answered if each.choice is not None],
        likelihoods=[each.likelihood for each in answered if each.likelihood is not None],
        personas=_personas([each.persona for each in answered if each.persona is not None], users),
        priors={each.prior.frame: each.prior for each in answered if each.prior is not None},
    )


def _personas(made: Sequence[MadePersona], users: Sequence[str]) -> list[AskedPersona]:
    return asked_personas([each.rows for each in made], [each.n_items for each in made], users)
