"""The picture of what a run has shown."""

from __future__ import annotations

import re

from ondevice.evaluation.effect_plot import effect_plot
from ondevice.evaluation.statistics.findings import Findings
from ondevice.evaluation.statistics.primary import PooledComparison, Standing, TaskComparison


def pooled(name: str, effect: float | None, standing: Standing = "primary") -> PooledComparison:
    """Return a comparison over two tasks."""
    return PooledComparison(
        comparison=name,
        measure="nats",
        standing=standing,
        n_tasks=2,
        n_users=40,
        effect=effect,
        low=None if effect is None else effect - 0.2,
        high=None if effect is None else effect + 0.2,
        p=0.0001,
        p_holm=0.0004,
    )


def in_task(name: str, task: str, measure: str = "nats", spread: float | None = 2.0) -> TaskComparison:
    """Return the same in one task."""
    return TaskComparison(
        comparison=name,
        measure=measure,
        task=task,
        n_users=20,
        better_by=0.5,
        low=0.1,
        high=0.9,
        p=0.02,
        spread=spread,
        smallest=0.3,
    )


def words_of(svg: str) -> list[str]:
    """Return the texts of a picture."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_each_comparison_stands_above_its_tasks_with_what_was_decided() -> None:
    found = Findings(
        pooled=[pooled("RAG over none", 0.4), pooled("PEFT over none", -0.1), pooled("persona", 0.9, "exploratory")],
        by_task=[in_task("RAG over none", "LaMP_4"), in_task("PEFT over none", "LaMP_7")],
    )
    words = words_of(effect_plot(found))
    names = [word for word in words if "over" in word or "LaMP" in word]
    assert names == ["RAG over none (40 users)", "LaMP_4", "PEFT over none (40 users)", "LaMP_7"]
    assert "+0.40, p &lt;0.001" in words
    assert not [word for word in words if "persona" in word]


def test_a_task_in_another_measure_or_of_one_user_is_not_drawn() -> None:
    found = Findings(
        pooled=[pooled("RAG over none", 0.4)],
        by_task=[in_task("RAG over none", "A", "accuracy"), in_task("RAG over none", "B", spread=None)],
    )
    assert not {"A", "B"} & set(words_of(effect_plot(found)))


def test_a_run_that_has_decided_nothing_has_no_such_picture() -> None:
    assert effect_plot(Findings()) == ""
    assert effect_plot(Findings(pooled=[pooled("RAG over none", None)])) == ""
