"""How often each way of retrieving is the best one, and how often a selector picks a best one.

No retriever dominates: what helps one question hurts the next. These shares say how much there is to choose, and the
selectors' success rate how much of it is found.

Source: the winning rates and the selector's success rate of Salemi et al. 2024, arXiv:2404.05970.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ondevice.evaluation.conditions import NO_PERSONALIZATION, Condition, strategy_of
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.metrics import metrics_for
from ondevice.evaluation.table import CellOutcome

TIE = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskStanding:
    """One strategy among the retrievers with as many items, question by question, in the task's lead metric.

    Args:
        best: The share of questions for which no retriever did better: for a selector its success rate.
        alone: The share for which it did better than all the others; 0 for a selector.
        choices: How many questions a selector chose each retriever for.
    """

    task: str
    decoding: str
    strategy: str
    k: int
    n: int
    best: float
    alone: float
    choices: Mapping[str, int] = field(default_factory=dict)


def standings_of(split: LampSplit, outcomes: Sequence[CellOutcome]) -> list[TaskStanding]:
    """Return the standings of one task, for each decoding and number of items; no retrieval stands among them all.

    Cells that learn before the question, or have a persona, are left out: they change more than which items stand in
    the prompt.
    """
    lead = metrics_for(split.task)[0]
    sign = 1.0 if lead.higher_is_better else -1.0
    own = [each for each in outcomes if each.condition.history == "own" and _chooses_items(each.condition)]
    scores = {each.condition: sign * lead.contributions(each.answers, split.golds)[:, 0] for each in own}
    choices = {each.condition: dict(Counter(each.choices).most_common()) for each in own}
    found = []
    for decoding, k in dict.fromkeys((cell.decoding, cell.k) for cell in scores if cell.k):
        level = [cell for cell in scores if cell.decoding == decoding and cell.k in (0, k)]
        retrievers = [cell for cell in level if strategy_of(cell.strategy).selector is None]
        if len(retrievers) < 2:
            continue
        for cell in level:
            others = np.stack([scores[other] for other in retrievers if other != cell])
            found.append(_standing(split, cell, k, scores[cell], others.max(axis=0), choices[cell]))
    return found


def _chooses_items(condition: Condition) -> bool:
    strategy = strategy_of(condition.strategy)
    is_plain = strategy.learns is None and strategy.persona is None and not strategy.has_summary
    return is_plain and (strategy.retrieves or condition.strategy == NO_PERSONALIZATION)


def _standing(
    split: LampSplit,
    cell: Condition,
    k: int,
    own: NDArray[np.float64],
    others: NDArray[np.float64],
    choices: Mapping[str, int],
) -> TaskStanding:
    is_selector = strategy_of(cell.strategy).selector is not None
    return TaskStanding(
        task=split.name,
        decoding=cell.decoding,
        strategy=cell.strategy,
        k=k,
        n=len(own),
        best=float(np.mean(own >= others - TIE)),
        alone=0.0 if is_selector else float(np.mean(own > others + TIE)),
        choices=choices,
    )
