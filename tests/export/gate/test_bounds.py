from __future__ import annotations

from dataclasses import fields
from math import inf, nan

import pytest

from export.errors import ParityError
from export.gate.bounds import ENCODER_BOUNDS, Bounds, check
from ondevice.bundle import GateResult


def result(measure: str, value: float, *, data: str = "notes", cpu: str = "x86-64 avx2") -> GateResult:
    return GateResult(measure=measure, value=value, bound=None, data=data, n=10, cpu=cpu)


def test_results_within_come_back_with_their_bounds() -> None:
    results = [result("cosine_mean", 0.999), result("ndcg@10_drop", -0.001), result("ndcg@10", 0.4)]
    judged = check(results, ENCODER_BOUNDS)
    assert [each.bound for each in judged] == [0.995, 0.005, None]
    assert [each.value for each in judged] == [0.999, -0.001, 0.4]


def test_a_value_on_its_bound_holds() -> None:
    check([result("cosine_mean", 0.995), result("ndcg@5_drop", 0.005)], ENCODER_BOUNDS)


def test_every_number_outside_is_named_with_its_value_and_bound() -> None:
    results = [
        result("cosine_mean", 0.9),
        result("ndcg@10_drop", 0.25, data="lamp"),
        result("cosine_mean", 0.99, cpu="x86-64 avx512"),
    ]
    with pytest.raises(ParityError) as caught:
        check(results, ENCODER_BOUNDS)
    assert caught.value.message == (
        "the converted model is outside its bounds: "
        "cosine_mean on notes (x86-64 avx2) is 0.9, at least 0.995 is needed; "
        "ndcg@10_drop on lamp (x86-64 avx2) is 0.25, at most 0.005 is allowed; "
        "cosine_mean on notes (x86-64 avx512) is 0.99, at least 0.995 is needed"
    )
    assert caught.value.hint


def test_a_bound_that_nothing_measured_is_no_pass() -> None:
    with pytest.raises(
        ParityError, match=r"perplexity_rise_max 0.01 is given, but nothing measured it|perplexity_rise"
    ):
        check([result("cosine_mean", 1.0)], Bounds(perplexity_rise_max=0.01))


def test_only_given_bounds_apply() -> None:
    assert check([result("cosine_mean", -1.0)], Bounds())[0].bound is None
    assert Bounds().given() == {}


@pytest.mark.parametrize("value", [nan, inf])
def test_a_bound_must_be_a_finite_number(value: float) -> None:
    with pytest.raises(ValueError, match="cosine_mean_min must be a finite number"):
        Bounds(cosine_mean_min=value)


def test_every_bound_says_in_its_name_which_way_it_holds() -> None:
    assert all(field.name.endswith(("_min", "_max")) for field in fields(Bounds))
