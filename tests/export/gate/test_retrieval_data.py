from __future__ import annotations

from typing import Any

import pytest

from export.errors import DatasetError
from export.gate.retrieval_data import RetrievalData

GOOD: dict[str, Any] = {
    "name": "d",
    "passages": ["secret 0", "secret 1", "secret 2"],
    "queries": ["q0", "q1"],
    "candidates": [[0, 1], [2, 1]],
    "relevant": [frozenset({1}), frozenset({2})],
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"queries": [], "candidates": [], "relevant": None}, "has no query"),
        ({"candidates": [[0]]}, "2 queries, but candidates for 1"),
        ({"relevant": [frozenset({1})]}, "2 queries, but judgements for 1"),
        ({"candidates": [[0, 1], []]}, "query 2 must search one or more passages"),
        ({"candidates": [[0, 0], [2, 1]]}, "query 1 must search one or more passages, each named once"),
        ({"candidates": [[0, 1], [2, 3]]}, "query 2 searches a passage that is none of the 3"),
        ({"candidates": [[-1, 1], [2, 1]]}, "query 1 searches a passage that is none of the 3"),
        ({"relevant": [frozenset({1}), frozenset()]}, "query 2 must have relevant passages"),
        ({"relevant": [frozenset({2}), frozenset({2})]}, "query 1 must have relevant passages, all among those"),
    ],
)
def test_data_on_which_nothing_could_be_measured_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(DatasetError, match=reason):
        RetrievalData(**{**GOOD, **change})


def test_a_part_has_the_passages_it_needs_and_no_other() -> None:
    part = RetrievalData(**GOOD).spread(1)
    assert part == RetrievalData(
        name="d",
        passages=["secret 0", "secret 1"],
        queries=["q0"],
        candidates=[[0, 1]],
        relevant=[frozenset({1})],
        n_left_out=1,
    )
    whole = RetrievalData(**GOOD)
    assert whole.spread(2) is whole
    with pytest.raises(ValueError, match="limit must be 1 or more, not 0"):
        whole.spread(0)


def test_a_part_is_taken_evenly() -> None:
    many = RetrievalData(name="m", passages=["p"], queries=[str(n) for n in range(10)], candidates=[[0]] * 10)
    assert many.spread(4).queries == ["0", "2", "5", "7"]


def test_the_repr_shows_no_text() -> None:
    assert repr(RetrievalData(**GOOD)) == "RetrievalData('d', 3 passages, 2 queries, judged)"
