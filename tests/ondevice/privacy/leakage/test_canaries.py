"""Planted secrets: each is one of many that are equally likely, and its rank tells how far it is given away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from ondevice.adaptation.lessons.pairs import Pair
from ondevice.privacy.leakage.canaries import (
    MOST_BITS,
    N_CANARIES,
    N_COMPARED,
    canaries,
    exposures,
    most_by_chance,
)
from ondevice.privacy.leakage.voice import Voice


class Ranking(Voice):
    """Finds so many numbers likelier than the planted one, and all others as likely as each other."""

    def __init__(self, n_likelier: int, n_equal: int = 0) -> None:
        object.__setattr__(self, "n", (n_likelier, n_equal))

    def rank(self, pair: Pair, answers: Sequence[str]) -> Mapping[str, float]:
        n_likelier, n_equal = self.n  # type: ignore[attr-defined]
        own, *others = answers
        return {own: 0.0} | {
            other: 1.0 if place < n_likelier else 0.0 if place < n_likelier + n_equal else -1.0
            for place, other in enumerate(others)
        }


@pytest.mark.parametrize(
    ("n_likelier", "n_equal", "bits"),
    [(0, 0, MOST_BITS), (1, 0, MOST_BITS - 1), (N_COMPARED - 1, 0, 0.0), (0, 2, MOST_BITS - 1)],
)
def test_the_exposure_follows_from_the_rank(n_likelier: int, n_equal: int, bits: float) -> None:
    assert exposures(Ranking(n_likelier, n_equal), canaries(1)) == pytest.approx([bits] * N_CANARIES)


def test_canaries_are_alike_but_for_numbers_that_nobody_knows() -> None:
    planted = canaries(1)
    assert len({canary.pair.request for canary in planted}) == N_CANARIES
    for canary in planted:
        answers = {canary.pair.answer, *canary.others}
        assert len(answers) == N_COMPARED
        assert {len(answer) for answer in answers} == {len(canary.pair.answer)}
    assert planted == canaries(1)
    assert planted[0].pair != canaries(2)[0].pair


def test_chance_goes_above_its_limit_once_in_a_thousand() -> None:
    ranks = np.random.default_rng(11).integers(1, N_COMPARED + 1, size=(40_000, N_CANARIES))
    means = (MOST_BITS - np.log2(ranks)).mean(axis=1)
    assert 0.0002 < (means > most_by_chance(N_CANARIES)).mean() < 0.002
    assert most_by_chance(N_CANARIES) < MOST_BITS / 2
