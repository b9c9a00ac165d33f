"""What a run is judged by: which comparisons count, what Holm does with them, and what they find that was planted."""

from __future__ import annotations

import numpy as np
import pytest

from ondevice.evaluation.statistics.findings import ALL_TASKS, Findings, find
from ondevice.evaluation.statistics.primary import (
    BOTH,
    NONE,
    PEFT,
    PRIMARY,
    RAG,
    holm,
    holm_of_some,
    pooled_comparisons,
)
from ondevice.evaluation.statistics.user_means import Cell, TaskScores, user_means

OTHER_RAG, OTHER_BOTH = Cell("bm25", "other"), Cell("bm25+adapter", "other")


def task(name: str, *, seed: int, users: int = 12, measure: str = "rouge-1", unit: float = 1.0) -> TaskScores:
    """Retrieval is worth .8 of what users differ by, both .8 more, an adapter alone next to nothing; of another's none.

    Each user asks twice.
    """
    random = np.random.default_rng(seed)

    def scores(level: float, spread: float = 1.0) -> np.ndarray:
        return unit * (level + np.repeat(random.normal(0, spread, size=users), 2) * 0.7)

    return TaskScores(
        task=name,
        measure=measure,
        users=[f"u{n // 2}" for n in range(2 * users)],
        cells={
            NONE: scores(0.0, 0.01),
            PEFT: scores(0.0, 0.01),
            RAG: scores(0.8),
            BOTH: scores(1.6),
            OTHER_RAG: scores(0.0),
            OTHER_BOTH: scores(0.0),
        },
    )


def test_the_comparisons_are_fixed():
    assert list(PRIMARY.values()) == [
        (RAG, NONE),
        (PEFT, NONE),
        (BOTH, RAG),
        (RAG, OTHER_RAG),
        (BOTH, OTHER_BOTH),
    ]


def test_holm_adjusts_by_rank_and_keeps_the_order():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.5]) == [1.0, 1.0]
    assert holm([]) == []
    assert holm_of_some([0.01, None, 0.03]) == pytest.approx([0.02, None, 0.03])


def test_planted_effects_are_found_and_nothing_is_not():
    found = {each.comparison: each for each in pooled_comparisons([task("a", seed=1), task("b", seed=2)], "primary")}
    assert list(found) == list(PRIMARY)
    peft = found.pop("PEFT over none")
    assert peft.p_holm is not None
    assert peft.p_holm > 0.1
    for each in found.values():
        assert (each.n_tasks, each.n_users, each.standing, each.measure) == (2, 24, "primary", "rouge-1")
        assert each.p_holm is not None
        assert each.p is not None
        assert each.p <= each.p_holm < 0.05
        assert each.low is not None
        assert each.low > 0


def test_holm_counts_those_that_were_measured():
    measured = task("a", seed=1)
    alone = TaskScores(
        task="a", measure="rouge-1", users=measured.users, cells={each: measured.cells[each] for each in (RAG, NONE)}
    )
    (only,) = pooled_comparisons([alone], "primary")
    assert only.comparison == "RAG over none"
    assert only.p_holm == only.p
    assert pooled_comparisons([alone], "exploratory")[0].p_holm is None


def test_the_likelihood_counts_where_every_task_has_it():
    lead = [task("a", seed=1), task("b", seed=2, unit=90)]
    likelihood = [task("a", seed=3, measure="nats"), task("b", seed=4, measure="nats")]
    found = find(lead, likelihood)
    assert {(each.measure, each.standing) for each in found.pooled} == {
        ("nats", "primary"),
        ("rouge-1", "exploratory"),
    }
    assert {each.measure for each in found.equivalence} == {"nats"}
    partly = find(lead, likelihood[:1])
    assert {(each.measure, each.standing) for each in partly.pooled} == {
        ("nats", "exploratory"),
        ("rouge-1", "primary"),
    }


def test_an_adapter_alone_that_does_nothing_is_shown_to_do_nothing_and_a_working_one_is_not():
    quiet = [task("a", seed=1, users=30, unit=0.2), task("b", seed=2, users=30, unit=0.2)]
    verdicts = {each.task: each for each in find(quiet).equivalence}
    assert list(verdicts) == [ALL_TASKS, "a", "b"]
    assert verdicts[ALL_TASKS].is_shown
    assert verdicts[ALL_TASKS].n_users == 60
    working = TaskScores(
        task="a",
        measure="mae",
        span=4.0,
        users=quiet[0].users,
        cells={NONE: quiet[0].cells[NONE], PEFT: quiet[0].cells[PEFT] + 0.4},
    )
    (only,) = find([working]).equivalence
    assert only.better_by == pytest.approx(0.1, abs=0.01)  # in shares of the span of four stars
    assert not only.is_shown


def test_each_task_tells_what_it_could_have_shown():
    found = find([task("a", seed=1), task("b", seed=2, unit=90)])
    rag = {each.task: each for each in found.by_task if each.comparison == "RAG over none"}
    first, second = rag["a"], rag["b"]
    assert first.n_users == 12
    assert first.spread is not None
    assert first.smallest == pytest.approx(first.spread * (2.200985 + 0.875530) / 12**0.5, rel=1e-5)
    assert second.spread is not None
    assert second.spread > 30 * first.spread


def test_one_user_shows_nothing():
    alone = task("a", seed=1, users=1)
    found = find([alone])
    assert {(each.n_tasks, each.effect, each.low, each.p, each.p_holm) for each in found.pooled} == {
        (0, None, None, None, None)
    }
    assert {(each.n_users, each.low, each.high, each.p, each.spread, each.smallest) for each in found.by_task} == {
        (1, None, None, None, None, None)
    }
    assert not any(each.is_shown for each in found.equivalence)


def test_findings_are_told_again_from_their_document():
    found = find([task("a", seed=1), task("b", seed=2)])
    assert Findings.from_document(found.document()) == found
    nothing = Findings.from_document({})
    assert [*nothing.pooled, *nothing.by_task, *nothing.equivalence] == []


def test_a_user_is_one_number():
    assert user_means(np.array([1.0, 0.0, 0.5, 0.5, 2.0]), ["v", "u", "v", "u", "v"]) == pytest.approx([3.5 / 3, 0.25])
    with pytest.raises(ValueError, match="1 users do not fit 2 values"):
        user_means(np.zeros(2), ["u"])
