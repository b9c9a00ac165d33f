"""The comparisons that a run is for, fixed before it. They alone are judged; all others only suggest what to ask next.

Of dozens of comparisons some come out below .05 by chance. So these few are named here, in the code, and Holm's
adjustment is over them alone.

Source: Holm 1979, a simple sequentially rejective multiple test procedure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ondevice.evaluation.statistics.estimates import mean_of
from ondevice.evaluation.statistics.pooled import pooled_effect
from ondevice.evaluation.statistics.power import smallest_effect
from ondevice.evaluation.statistics.sign_flips import sign_flip_p
from ondevice.evaluation.statistics.user_means import Cell, TaskScores

Standing = Literal["primary", "exploratory"]

NONE, RAG, PEFT, BOTH = Cell("none"), Cell("bm25"), Cell("adapter"), Cell("bm25+adapter")

PEFT_OVER_NONE = "PEFT over none"
PRIMARY: Mapping[str, tuple[Cell, Cell]] = {
    "RAG over none": (RAG, NONE),
    PEFT_OVER_NONE: (PEFT, NONE),
    "both over RAG": (BOTH, RAG),
    "own over another's, RAG": (RAG, RAG._replace(history="other")),
    "own over another's, both": (BOTH, BOTH._replace(history="other")),
}
"""Four questions. The last, whether it has to be the user's own history, is asked of retrieval and of both together,
so there are five tests, and Holm counts five."""

PERSONA = Cell("pplug")
EXPLORATORY: Mapping[str, tuple[Cell, Cell]] = {
    "persona over its task's rows": (PERSONA, Cell("pplug-task")),
    "own over another's, persona": (PERSONA, PERSONA._replace(history="other")),
    "persona and RAG over RAG": (Cell("bm25+pplug"), RAG),
}
"""What is pooled in the same way, and not judged. Rows that a task learned help without knowing anybody; only what a
persona is worth beyond them is the user's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PooledComparison:
    """One comparison over all tasks that have both of its cells.

    Args:
        standing: ``primary`` for one of :data:`PRIMARY` in the measure that counts, otherwise ``exploratory``.
        effect: The mean over tasks of the mean difference, in standard deviations of the users' differences.
        p: Two-sided, by flips of whole users within tasks.
        p_holm: The same, adjusted for all primary comparisons of the run; ``None`` for an exploratory one.
    """

    comparison: str
    measure: str
    standing: Standing
    n_tasks: int
    n_users: int
    effect: float | None
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskComparison:
    """One comparison in one task, in the measure's own unit. Exploratory: only the pooled one is judged.

    Args:
        better_by: The mean over users of each one's mean difference; positive is better, whatever the measure.
        spread: The standard deviation of the users' differences; ``None`` for one user.
        smallest: The smallest mean difference that so many users, differing so much, show in 80 % of runs.
    """

    comparison: str
    measure: str
    task: str
    n_users: int
    better_by: float
    low: float | None
    high: float | None
    p: float | None
    spread: float | None
    smallest: float | None


def pooled_comparisons(
    tasks: Sequence[TaskScores], standing: Standing, comparisons: Mapping[str, tuple[Cell, Cell]] = PRIMARY
) -> list[PooledComparison]:
    """Return every one of the comparisons that was measured, over the tasks of one measure."""
    found = []
    for name, cells in comparisons.items():
        having = [task for task in tasks if task.has(*cells)]
        if not having:
            continue
        pooled = pooled_effect([task.differences(*cells) for task in having])
        found.append(
            PooledComparison(
                comparison=name,
                measure=" and ".join(dict.fromkeys(task.measure for task in having)),
                standing=standing,
                n_tasks=pooled.n_tasks,
                n_users=pooled.n_users,
                effect=pooled.effect,
                low=pooled.low,
                high=pooled.high,
                p=pooled.p,
                p_holm=None,
            )
        )
    return _adjusted(found) if standing == "primary" else found


def task_comparisons(tasks: Sequence[TaskScores]) -> list[TaskComparison]:
    """Return every comparison in every task, with what could have been seen there."""
    every = {**PRIMARY, **EXPLORATORY}
    return [_task_comparison(name, task, cells) for name, cells in every.items() for task in tasks if task.has(*cells)]


def holm(ps: Sequence[float]) -> list[float]:
    """Return the p-values adjusted for their number, in the same order."""
    order = sorted(range(len(ps)), key=ps.__getitem__)
    adjusted, highest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = highest
    return adjusted


def holm_of_some(ps: Sequence[float | None]) -> list[float | None]:
    """Return the p-values adjusted for the number of those that there are; what has none keeps none."""
    adjusted = iter(holm([p for p in ps if p is not None]))
    return [None if p is None else next(adjusted) for p in ps]


def _adjusted(comparisons: Sequence[PooledComparison]) -> list[PooledComparison]:
    adjusted = holm_of_some([each.p for each in comparisons])
    return [replace(each, p_holm=p) for each, p in zip(comparisons, adjusted, strict=True)]


def _task_comparison(name: str, task: TaskScores, cells: tuple[Cell, Cell]) -> TaskComparison:
    differences = task.differences(*cells)
    mean, n_users = mean_of(differences), len(differences)
    low, high = mean.interval()
    spread = float(differences.std(ddof=1)) if n_users > 1 else None
    return TaskComparison(
        comparison=name,
        measure=task.measure,
        task=task.task,
        n_users=n_users,
        better_by=mean.value,
        low=low,
        high=high,
        p=sign_flip_p(differences),
        spread=spread,
        smallest=None if spread is None else smallest_effect(spread, n_users),
    )
