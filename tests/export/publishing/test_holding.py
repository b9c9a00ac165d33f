from __future__ import annotations

from dataclasses import replace

import pytest

from export.errors import ParityError
from export.publishing.holding import hold_to_recorded
from ondevice.bundle import GateResult

HERE = GateResult(measure="ndcg@10_drop", value=0.004, bound=None, data="lamp", n=80, cpu="x86-64 avx2")
ELSEWHERE = replace(HERE, value=0.001, bound=0.005, cpu="arm64 dotprod")


def test_a_bound_of_another_cpu_counts_here() -> None:
    assert hold_to_recorded([HERE], [ELSEWHERE]) == (replace(HERE, bound=0.005),)
    with pytest.raises(ParityError, match=r"is 0\.006, at most 0\.005"):
        hold_to_recorded([replace(HERE, value=0.006)], [ELSEWHERE])


def test_other_data_has_other_bounds() -> None:
    other = replace(HERE, value=0.5, data="locomo")
    assert hold_to_recorded([other], [ELSEWHERE]) == (other,)


def test_a_bound_of_its_own_comes_first() -> None:
    own = replace(HERE, value=0.006, bound=0.01)
    assert hold_to_recorded([own], [ELSEWHERE]) == (own,)
