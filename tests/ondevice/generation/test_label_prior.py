"""What labels are worth anyway: what may be given for it, and how shares come from scores."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ondevice.generation.label_prior import log_shares, mean_scores, prior_of


def test_a_prior_is_taken_for_the_labels_asked_about_and_may_know_more() -> None:
    assert prior_of({"a": -1, "b": -2.5, "c": 0.0}, ("b", "a")) == {"b": -2.5, "a": -1.0}


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"a": -1.0}, ValueError, "lacks 1 of the 2 labels"),
        ({"a": -1.0, "b": 0.5}, ValueError, "none is 0.5"),
        ({"a": -1.0, "b": math.nan}, ValueError, "none is nan"),
        ({"a": -1.0, "b": -math.inf}, ValueError, "none is -inf"),
        ({"a": -1.0, "b": -(10**400)}, ValueError, "none is -inf"),
        ({"a": -1.0, "b": "-2"}, TypeError, "numbers only, not one of type str"),
        ({"a": -1.0, "b": False}, TypeError, "numbers only, not one of type bool"),
        ([-1.0, -2.0], TypeError, "map labels to numbers, not be of type list"),
    ],
)
def test_what_is_no_prior_is_refused(given: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        prior_of(given, ("a", "b"))


def test_a_prior_is_the_mean_over_requests() -> None:
    assert mean_scores([{"a": -1.0, "b": -4.0}, {"a": -3.0, "b": -5.0}]) == {"a": -2.0, "b": -4.5}
    with pytest.raises(ValueError, match="at least one request"):
        mean_scores([])


def test_shares_sum_to_one_however_small_the_scores_are() -> None:
    shares = log_shares({"a": -1000.0, "b": -1000.0 - math.log(3)})
    assert [math.exp(value) for value in shares.values()] == pytest.approx([0.75, 0.25])
