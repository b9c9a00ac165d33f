"""What learning before the questions took and gave: seconds and megabytes a history, losses, and what was chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from ondevice.evaluation.conditions import label_of, strategy_of
from ondevice.evaluation.learned import KeptLearning
from ondevice.evaluation.table import CellOutcome


@dataclass(frozen=True, kw_only=True, slots=True)
class LearningCost:
    """What one strategy learned in one task; each history counts once, however many questions share it.

    Args:
        n_histories: Histories there were.
        n_trained: Those for which an adapter was made; the others were too small, or needed none.
        n_gained: Adapters that made their held-out items likelier.
        n_used: Adapters that answers were given with; ``None`` where an earlier release did not count them.
        epochs: Median number of epochs after which a training was best.
        n_refit: Adapters that learned their held-out items too in the end.
        refit_seconds: Median time that took.
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
    n_used: int | None = None
    epochs: float | None = None
    n_refit: int = 0
    refit_seconds: float | None = None


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
    epochs = [each.epochs for each in trained if each.epochs is not None]
    refits = [each.refit_seconds for each in trained if each.refit_seconds is not None]
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
        n_used=sum(each.is_used for each in learned),
        epochs=median(epochs) if epochs else None,
        n_refit=len(refits),
        refit_seconds=median(refits) if refits else None,
    )


def learning_lines(learning: Sequence[LearningCost]) -> list[str]:
    """Return what learning took as Markdown; an older run tells nothing of refits, nor what was used."""
    if not learning:
        return []
    tells_refits = any(each.n_used is not None for each in learning)
    refits = "Refits then learned these items too, for as many epochs as were best; their time is in the seconds."
    table = [_cells(each, tells_refits=tells_refits) for each in learning]
    return [
        "## What learning takes",
        "",
        "Before the questions, once for each history: medians over the histories that gave an adapter. Before and "
        "after are the losses of the newest items, held out, in nats per token; of the adapters so many gained there."
        + (f" {refits}" if tells_refits else ""),
        "",
        f"| {' | '.join(table[0])} |",
        "|" + "---|" * len(table[0]),
        *(f"| {' | '.join(cells.values())} |" for cells in table),
        "",
    ]


def _cells(each: LearningCost, *, tells_refits: bool) -> dict[str, str]:
    """Return a row of the table, by column."""
    epochs = "" if each.epochs is None else f"{each.epochs:g}"
    refit_seconds = "" if each.refit_seconds is None else f"{each.refit_seconds:.1f}"
    return {
        "task": each.task,
        "strategy": label_of(each.strategy, each.k, "own"),
        "history": each.history,
        "histories": f"{each.n_histories}",
        "adapters": f"{each.n_trained}",
        **({"used": f"{each.n_used}"} if tells_refits else {}),
        "gained": f"{each.n_gained}",
        "items": f"{each.items:.0f}",
        "seconds": f"{each.seconds:.1f}",
        "most": f"{each.most_seconds:.1f}",
        "MB": f"{each.bytes / 1e6:.2f}",
        "before": "" if each.loss_before is None else f"{each.loss_before:.3f}",
        "after": "" if each.loss_after is None else f"{each.loss_after:.3f}",
        **({"epochs": epochs, "refits": f"{each.n_refit}", "refit seconds": refit_seconds} if tells_refits else {}),
        "chosen": ", ".join(f"{name} {n}" for name, n in sorted(each.choices.items())),
    }
