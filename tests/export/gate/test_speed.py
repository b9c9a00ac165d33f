from __future__ import annotations

import time

import pytest

from export.gate.speed import measure_speed


class Clock:
    """A clock that only the timed calls move."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "perf_counter", clock.perf_counter)
    return clock


def test_a_slow_minute_that_hits_both_leaves_the_ratio_alone(clock: Clock) -> None:
    paces = iter([9.0, 9.0, 1.0, 1.0, 5.0, 5.0, 1.0, 1.0])  # the first round does not count; the third is slow

    def slow() -> None:
        clock.now += 0.4 * next(paces)

    def fast() -> None:
        clock.now += 0.1 * next(paces)

    base, other = measure_speed({"slow": slow, "fast": fast}, baseline="slow", n_items=8, n_rounds=3)
    assert base.rounds_s == pytest.approx((0.4, 2.0, 0.4))
    assert base.ratio == 1.0
    assert other.per_s == pytest.approx(8 / 0.1)
    assert (other.ratio_low, other.ratio, other.ratio_high) == pytest.approx((4.0, 4.0, 4.0))
    assert other.spread == pytest.approx(((0.1 + 0.5) / 2 - 0.1) / 2 / 0.1)


def test_every_round_begins_with_another_call(clock: Clock) -> None:
    order: list[str] = []
    seen: list[tuple[int, int]] = []
    calls = {name: lambda name=name: order.append(name) for name in "abc"}
    measure_speed(calls, baseline="b", n_items=1, n_rounds=2, on_progress=lambda *step: seen.append(step))
    assert "".join(order) == "abc" + "bca" + "cab"
    assert seen[-1] == (9, 9)


def test_a_call_too_short_for_the_clock_has_a_finite_speed(clock: Clock) -> None:
    (only,) = measure_speed({"nothing": lambda: None}, baseline="nothing", n_items=1, n_rounds=2)
    assert only.ratio == 1.0
    assert [result.measure for result in only.results(data="texts")] == ["texts_per_s", "speed_ratio"]


def test_misuse_is_refused() -> None:
    with pytest.raises(ValueError, match="'z' is none of the 1 calls"):
        measure_speed({"a": lambda: None}, baseline="z", n_items=1)
    with pytest.raises(ValueError, match="n_rounds 0"):
        measure_speed({"a": lambda: None}, baseline="a", n_items=1, n_rounds=0)
