"""What learning before the questions took and gave: seconds and megabytes a history, losses, and what was chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from ondevice.evaluation.conditions import strategy_of
from ondevice.evaluation.learned import KeptLearning
from ondevice.evaluation.table import CellOutcome


@dataclass(frozen=True, kw_only=True, slots=True)
class LearningCost:
    """What one strategy learned in one task; each history counts once, however many questions share it.

    Args:
        n_histories: Histories there were.
        n_trained: Those for which an adapter was made; the others were too small, or needed none.
        n_gained: Adapters that made their held-out items likelier.
        items: Median number of items of those histories.
        seconds: Median time of learning from one.
        most_seconds: The longest.
        bytes: Median size of an adapter, unsealed.
        loss_before: Mean held-out loss without the adapter (nats per answer token); ``None`` if none was trained.
        loss_after: The same with it.
        choices: How often each way was chosen, where one was.
        k: The number of items it was learned for; 0 where every number shares what was learned.
    """

    task: str
    strategy: str
    history: str
    n_histories: int
    n_trained: int
    n_gained: int
    items: float
    seconds: float
    most_seconds: float
    bytes: float
    loss_before: float | None
    loss_after: float | None
    choices: Mapping[str, int] = field(default_factory=dict)
    k: int = 0


def learning_costs(task: str, outcomes: Sequence[CellOutcome]) -> list[LearningCost]:
    """Return a row for each strategy of one task that learns, or each k of it where that shapes what is learned.

    Both decodings share what was learned.
    """
    cells: dict[tuple[str, str, int], dict[str, KeptLearning]] = {}
    for outcome in outcomes:
        if outcome.learned:
            condition = outcome.condition
            k = condition.k if strategy_of(condition.strategy).learns_for_k else 0
            cell = cells.setdefault((condition.strategy, condition.history, k), {})
            cell.update({learned.key: learned for learned in outcome.learned})
    return [_cost(task, *cell, list(learned.values())) for cell, learned in cells.items()]


def _cost(task: str, strategy: str, history: str, k: int, learned: Sequence[KeptLearning]) -> LearningCost:
    trained = [each for each in learned if each.n_bytes]
    # What was too small costs nothing and would hide what a training takes.
    shown = trained or learned
    losses = [(each.loss_before, each.loss_after) for each in trained]
    before, after = ([pair[side] for pair in losses if pair[side] is not None] for side in (0, 1))
    return LearningCost(
        task=task,
        strategy=strategy,
        history=history,
        n_histories=len(learned),
        n_trained=len(trained),
        n_gained=sum(each.has_gained for each in trained),
        items=median(each.n_items for each in shown),
        seconds=median(each.seconds for each in shown),
        most_seconds=max(each.seconds for each in shown),
        bytes=median(each.n_bytes for each in shown),
        loss_before=fmean(loss for loss in before if loss is not None) if before else None,
        loss_after=fmean(loss for loss in after if loss is not None) if after else None,
        choices=dict(Counter(each.choice for each in learned if each.choice is not None)),
        k=k,
    )
