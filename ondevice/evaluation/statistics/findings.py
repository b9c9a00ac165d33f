"""What a run has shown: its primary comparisons over all tasks, and whether an adapter alone does nothing.

One measure counts. It is the likelihood of the user's own answer where every task has it, because every question tells
something in it, and otherwise each task's lead metric. The other measure is told as well, and is exploratory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from ondevice.evaluation.statistics.equivalence import MARGIN, equivalence_of
from ondevice.evaluation.statistics.primary import (
    EXPLORATORY,
    PEFT_OVER_NONE,
    PRIMARY,
    PooledComparison,
    TaskComparison,
    pooled_comparisons,
    task_comparisons,
)
from ondevice.evaluation.statistics.user_means import TaskScores

ALL_TASKS = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class EquivalenceFinding:
    """Whether a comparison's difference is too small to matter, in one task or over all of them.

    Args:
        measure: What is scored, in nats per token or in shares of its span.
        task: The task, or ``all``.
        margin: Below this it does not matter.
        low: The lower end of the 90 % interval of ``better_by``.
        high: The upper end.
        p: The larger of two one-sided p-values.
        is_shown: Whether the difference is smaller than the margin, beyond chance (p < .05).
    """

    comparison: str
    measure: str
    task: str
    n_users: int
    margin: float
    better_by: float
    low: float | None
    high: float | None
    p: float | None
    is_shown: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What a run has shown; empty for a run that had none of the comparisons."""

    pooled: Sequence[PooledComparison] = ()
    by_task: Sequence[TaskComparison] = ()
    equivalence: Sequence[EquivalenceFinding] = ()

    def document(self) -> dict[str, Any]:
        """Return the JSON form, a list of records for each kind."""
        return {
            "primary": [asdict(each) for each in self.pooled],
            "primary_by_task": [asdict(each) for each in self.by_task],
            "equivalence": [asdict(each) for each in self.equivalence],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the findings that :meth:`document` told; a document without them has none."""
        return cls(
            pooled=[PooledComparison(**each) for each in document.get("primary", ())],
            by_task=[TaskComparison(**each) for each in document.get("primary_by_task", ())],
            equivalence=[EquivalenceFinding(**each) for each in document.get("equivalence", ())],
        )


def find(lead: Sequence[TaskScores], likelihood: Sequence[TaskScores] = ()) -> Findings:
    """Compare what was measured.

    Args:
        lead: Each task in its lead metric.
        likelihood: Those tasks that have it, in the likelihood of the user's own answer.
    """
    counts_likelihood = bool(lead) and {task.task for task in likelihood} == {task.task for task in lead}
    counting, other = (likelihood, lead) if counts_likelihood else (lead, likelihood)
    return Findings(
        pooled=[
            *pooled_comparisons(counting, "primary"),
            *pooled_comparisons(other, "exploratory"),
            *pooled_comparisons(counting, "exploratory", EXPLORATORY),
            *pooled_comparisons(other, "exploratory", EXPLORATORY),
        ],
        by_task=task_comparisons(counting) + task_comparisons(other),
        equivalence=_equivalence(counting),
    )


def _equivalence(tasks: Sequence[TaskScores]) -> list[EquivalenceFinding]:
    """Ask of each task, and of all of them, whether an adapter alone does nothing."""
    cells = PRIMARY[PEFT_OVER_NONE]
    having = [task for task in tasks if task.has(*cells)]
    asked = [(task.task, [task]) for task in having]
    if len(having) > 1:
        asked.insert(0, (ALL_TASKS, having))
    found = []
    for name, inside in asked:
        shown = equivalence_of([task.differences(*cells) / task.span for task in inside])
        found.append(
            EquivalenceFinding(
                comparison=PEFT_OVER_NONE,
                measure=" and ".join(dict.fromkeys(task.measure for task in inside)),
                task=name,
                n_users=shown.n_users,
                margin=MARGIN,
                better_by=shown.better_by,
                low=shown.low,
                high=shown.high,
                p=shown.p,
                is_shown=shown.is_shown,
            )
        )
    return found
