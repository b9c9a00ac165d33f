"""Figures of outcomes made by hand, computed by hand."""

from __future__ import annotations

import pytest

from ondevice.evaluation.harm.figures import own_against_other, rows_of, stale_rows_of
from ondevice.evaluation.harm.outcomes import StaleOutcome
from tests.ondevice.evaluation.harm.made_outcomes import outcome


def test_what_is_lost_is_a_mean_over_users_with_an_interval_over_them():
    # ann loses 1 in the mean of two requests, bob 3 in his one: the mean user loses 2, the mean request 5/3
    rows = rows_of(
        [
            *(outcome(user, "a", "none", 0.0) for user in ("ann", "bob")),
            outcome("ann", "a", "retrieval", 0.0, is_right=False),
            outcome("ann", "b", "retrieval", 2.0, kind="arithmetic"),
            outcome("bob", "a", "retrieval", 3.0, leaked=("Petra",)),
        ]
    )
    none, retrieval = rows
    assert none.lost is None
    assert none.right_lost is None
    assert none.lost_by_kind == {}
    assert retrieval.lost is not None
    assert retrieval.lost.value == pytest.approx(2.0)
    assert (retrieval.lost.n_users, retrieval.lost.n) == (2, 3)
    assert retrieval.lost.low == pytest.approx(2 - 12.7062, abs=1e-3)  # t of one degree of freedom, error 1
    assert retrieval.lost.p == retrieval.lost.p_holm == 0.5
    assert retrieval.nats.value == pytest.approx(4.0)
    assert retrieval.right.value == pytest.approx(0.75)
    assert retrieval.right_lost is not None
    assert retrieval.right_lost.value == pytest.approx(0.25)
    assert retrieval.refused.value == pytest.approx(0.25)
    assert (retrieval.right.low, retrieval.right.high) == (0.0, 1.0)  # a share's interval ends where shares do
    assert retrieval.leaked.value == pytest.approx(0.5)
    assert retrieval.lost_by_kind == {"arithmetic": 2.0, "words": 1.5}


def test_holm_counts_the_ways_with_the_own_profile():
    users = ("ann", "bob", "cid", "dan", "eve", "fay")
    outcomes = [outcome(user, "a", way, 1.0 + n / 9) for way in ("retrieval", "both") for n, user in enumerate(users)]
    outcomes += [outcome(user, "a", "retrieval", 1.0 + n / 9, whose="other") for n, user in enumerate(users)]
    retrieval, both, other = rows_of(outcomes)
    for row in (retrieval, both):
        assert row.lost is not None
        assert row.lost.p == 2 / 2**6
        assert row.lost.p_holm == 4 / 2**6
    assert other.whose == "other"
    assert other.lost is not None
    assert other.lost.p_holm is None


def test_own_and_wrong_profile_are_compared_request_by_request():
    outcomes = [
        outcome("ann", "a", "retrieval", 1.0),
        outcome("ann", "b", "retrieval", 2.0),
        outcome("bob", "a", "retrieval", 5.0),
        outcome("bob", "a", "retrieval", 4.0, whose="other"),
        outcome("ann", "b", "retrieval", 0.5, whose="other"),
        outcome("ann", "a", "retrieval", 0.5, whose="other"),
    ]
    (compared,) = own_against_other(outcomes)
    assert compared.more.value == pytest.approx(1.0)
    assert compared.more.low is None  # both users lose 1 more: no spread
    assert own_against_other(outcomes[:3]) == []


def test_answers_that_follow_the_old_are_counted_where_both_stood_in_the_prompt():
    def stale(user: str, *, old: bool, both: bool) -> StaleOutcome:
        return StaleOutcome(user=user, way="retrieval", is_right=not old, follows_old=old, refuses=False, has_both=both)

    (row,) = stale_rows_of(
        [stale("ann", old=True, both=True), stale("ann", old=False, both=True), stale("bob", old=True, both=False)]
    )
    assert (row.right.value, row.old.value, row.has_both.value) == (0.25, 0.75, 0.5)
    assert row.old_of_both is not None
    assert (row.old_of_both.value, row.old_of_both.n) == (0.5, 2)
    (row,) = stale_rows_of([stale("ann", old=True, both=False)])
    assert row.old_of_both is None
    assert stale_rows_of([]) == []
