"""The gate closes where more is lost than may be, beyond what users differ by."""

from __future__ import annotations

import pytest

from ondevice.evaluation.harm.gate import gate_of
from ondevice.evaluation.harm.outcomes import Outcome
from ondevice.evaluation.harm.ways import HarmWay
from tests.ondevice.evaluation.harm.made_outcomes import outcome

LOST = (0.9, 1.0, 1.1, 1.2, 0.8)


def outcomes(way: HarmWay, lost: tuple[float, ...]) -> list[Outcome]:
    return [outcome(f"user {n}", "a", way, each) for n, each in enumerate(lost)]


@pytest.mark.parametrize(("limit", "standing"), [(0.5, "above"), (0.99, "not above"), (2.0, "not above")])
def test_a_way_is_judged_by_its_limit_and_the_spread_of_users(limit: float, standing: str):
    gate = gate_of([*outcomes("none", (0.0,) * 5), *outcomes("retrieval", LOST)], {"nats": limit})
    (verdict,) = gate.verdicts
    assert verdict.standing == standing
    assert verdict.lost == pytest.approx(1.0)
    assert gate.is_open == (standing == "not above")


def test_noise_alone_leaves_the_gate_open():
    gate = gate_of(outcomes("retrieval", (3.0, -1.5, 2.0, -2.5, 1.5)), {"nats": 0.1})  # 0.5 in the mean
    assert gate.is_open


def test_the_wrong_profile_and_what_is_gained_do_not_close_it():
    strange = [outcome(f"user {n}", "a", "retrieval", 9.0 + n, whose="other") for n in range(5)]
    assert gate_of([*outcomes("retrieval", tuple(-each for each in LOST)), *strange], {"nats": 0.0}).is_open


def test_users_who_are_all_alike_are_told_apart_only_below_the_limit():
    gate = gate_of([*outcomes("retrieval", (1.0,) * 3), *outcomes("both", (0.1,) * 3)], {"nats": 0.5})
    assert [(each.standing, each.p) for each in gate.verdicts] == [("cannot tell", None), ("not above", None)]
    assert not gate.is_open


def test_right_answers_close_it_where_their_likelihood_does_not():
    refused = [
        outcome(f"user {n}", f"{request}", "retrieval", -0.1 * n, is_right=request == 0 and n > 2)
        for n in range(5)
        for request in range(2)
    ]
    nats, right = gate_of(refused, {"nats": 0.1, "right answers": 0.1}).verdicts
    assert (nats.standing, right.standing) == ("not above", "above")
    assert right.lost == pytest.approx(0.8)
