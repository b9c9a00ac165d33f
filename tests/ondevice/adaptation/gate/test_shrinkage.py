"""The gate with other users' gains: posteriors computed by hand, and choices in made-up populations."""

from __future__ import annotations

from collections.abc import Mapping
from math import erf, sqrt
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.adaptation.gate.choosing import GateConfig, choose
from ondevice.adaptation.gate.shrinkage import choose_by_population, posterior_of
from ondevice.adaptation.gate.standing import Strategy
from ondevice.bundle.gains import GAINING_WAYS, PopulationGain

Scores = dict[Strategy, NDArray[np.float64]]
N_USERS = 600


def gain_of(mean: float, deviation: float, *, item: float = 0.5, error: float = 0.0) -> PopulationGain:
    return PopulationGain(mean=mean, mean_error=error, variance=deviation**2, item_variance=item**2, users=100)


def scores_of(gains: Mapping[Strategy, float], n: int) -> Scores:
    return {"none": np.zeros(n), **{way: np.full(n, gain) for way, gain in gains.items()}}


def drawn(
    random: np.random.Generator, population: Mapping[str, PopulationGain], n: int
) -> tuple[dict[str, float], Scores]:
    """Return one user's true gains, and scores of n items; how hard an item is, all ways share."""
    truth = {"none": 0.0} | {way: random.normal(each.mean, each.deviation) for way, each in population.items()}
    shared = random.normal(-2, 1, size=n)
    spread = {"none": 0.0} | {way: sqrt(each.item_variance) for way, each in population.items()}
    scores = {way: shared + random.normal(gain, spread[way], size=n) for way, gain in truth.items()}
    return truth, scores  # type: ignore[return-value]


def reached(population: Mapping[str, PopulationGain], n: int, *, seed: int = 4) -> tuple[float, float, float, float]:
    """Return what many users gain: as the items alone choose, as the population helps, and the lead in its errors.

    The last figure is the mean gain of those who know their own truth.
    """
    random = np.random.default_rng(seed)
    alone, helped, best = [], [], []
    quick = GateConfig(n_flips=400)
    for _ in range(N_USERS):
        truth, scores = drawn(random, population, n)
        size = 5 * n
        alone.append(truth[choose(scores, profile_size=size, config=quick).strategy])
        helped.append(truth[choose_by_population(scores, population, profile_size=size).strategy])
        best.append(max(truth.values()))
    lead = np.subtract(helped, alone)
    error = lead.std(ddof=1) / sqrt(N_USERS)
    return float(np.mean(alone)), float(np.mean(helped)), float(lead.mean() / error), float(np.mean(best))


MIXED = {
    "rag": gain_of(0.1, 0.2),
    "adapter": gain_of(0.05, 0.2),
    "both": gain_of(0.25, 0.25),
    "contrast": gain_of(0.15, 0.3),
}
NONE_IS_BEST = {way: gain_of(-0.3, 0.1) for way in GAINING_WAYS}


def test_the_ways_that_may_gain_are_the_strategies_but_none() -> None:
    assert ("none", *GAINING_WAYS) == get_args(Strategy)


def test_the_posterior_is_that_of_the_normal_model_by_hand() -> None:
    population = gain_of(0.1, 0.4, item=0.5, error=0.3)
    posterior = posterior_of(np.array([0.2, 0.8, 1.4]), population)
    spread = 0.4**2 + 0.3**2
    noise = (8 * 0.5**2 + 0.72) / (8 + 2) / 3  # squares around 0.8: 0.36 + 0 + 0.36
    precision = 1 / spread + 1 / noise
    mean = (0.1 / spread + 0.8 / noise) / precision
    assert posterior.mean == pytest.approx(mean, rel=1e-12)
    assert posterior.deviation == pytest.approx(precision**-0.5, rel=1e-12)
    assert posterior.chance == pytest.approx(0.5 * (1 + erf(mean * sqrt(precision / 2))), rel=1e-12)


def test_without_items_the_population_alone_is_believed() -> None:
    posterior = posterior_of(np.empty(0), gain_of(0.3, 0.3))
    assert posterior.mean == pytest.approx(0.3)
    assert posterior.deviation == pytest.approx(0.3)
    assert posterior.chance == pytest.approx(0.8413447)


def test_one_item_is_as_unsure_as_an_item_of_others() -> None:
    posterior = posterior_of(np.array([1.0]), gain_of(0.0, 0.3))
    assert posterior.mean == pytest.approx(0.09 / (0.09 + 0.25))


def test_items_that_are_alike_by_chance_are_not_certain() -> None:
    posterior = posterior_of(np.full(3, 0.5), gain_of(0.0, 0.3))
    noise = 8 * 0.25 / 10 / 3
    assert posterior.mean == pytest.approx(0.5 * 0.09 / (0.09 + noise))
    assert 0 < posterior.chance < 1


def test_where_all_users_gain_the_same_the_items_say_nothing_new() -> None:
    for mean, chance in ((0.1, 1.0), (0.0, 0.0), (-0.1, 0.0)):
        posterior = posterior_of(np.full(5, 3.0), gain_of(mean, 0.0))
        assert posterior.mean == pytest.approx(mean)
        assert (posterior.deviation, posterior.chance) == (0.0, chance)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_of_few_items_the_population_decides(n: int) -> None:
    against: dict[Strategy, float] = {"rag": -0.1, "both": -0.1}
    population = {"rag": gain_of(0.2, 0.05), "both": gain_of(0.4, 0.05)}
    assert choose_by_population(scores_of(against, n), population, profile_size=n * 5).strategy == "both"
    unlike: dict[Strategy, float] = {"rag": 0.1, "both": 0.1}
    harm = {way: gain_of(-0.2, 0.05) for way in population}
    assert choose_by_population(scores_of(unlike, n), harm, profile_size=n * 5).strategy == "none"


@pytest.mark.parametrize(("n", "expected"), [(1, "none"), (3, "none"), (8, "none"), (50, "adapter")])
def test_of_many_items_these_decide(n: int, expected: str) -> None:
    population = {"rag": gain_of(-0.2, 0.15), "adapter": gain_of(-0.2, 0.15)}
    own: dict[Strategy, float] = {"rag": -0.1, "adapter": 0.25}
    assert choose_by_population(scores_of(own, n), population, profile_size=n * 5).strategy == expected


def test_a_gain_that_is_not_sure_enough_is_not_taken() -> None:
    population = {"rag": gain_of(0.1, 0.12)}  # above 0 with a chance of 79.8 %
    nobody = scores_of({"rag": 0.0}, 0)
    choice = choose_by_population(nobody, population, profile_size=0)
    assert choice.strategy == "none"
    assert choice.why[0] == "none is chosen: no way gains over it with a chance of 80%"
    less = GateConfig(least_chance=0.79)
    assert choose_by_population(nobody, population, profile_size=0, config=less).strategy == "rag"


def test_the_largest_expected_gain_is_taken_or_a_cheaper_way_with_nearly_all_of_it() -> None:
    nobody = scores_of(dict.fromkeys(("rag", "adapter", "both"), 0.0), 0)
    population = {"rag": gain_of(0.2, 0.01), "adapter": gain_of(0.3, 0.3), "both": gain_of(0.31, 0.3)}
    assert choose_by_population(nobody, population, profile_size=0).strategy == "adapter"
    exact = GateConfig(shortfall=0.0)
    assert choose_by_population(nobody, population, profile_size=0, config=exact).strategy == "both"


def test_what_other_users_are_not_known_to_gain_is_not_considered() -> None:
    own: dict[Strategy, float] = {"rag": 0.1, "both": 5.0}
    choice = choose_by_population(scores_of(own, 20), {"rag": gain_of(0.2, 0.1)}, profile_size=100)
    assert choice.strategy == "rag"
    assert [row.verdict for row in choice.table] == ["baseline", "better", "not considered"]
    assert choice.why[-1] == "both: nothing is known of what other users gained, so it is not considered"


def test_explains_itself_in_numbers() -> None:
    own: dict[Strategy, float] = {"rag": 0.3}
    choice = choose_by_population(scores_of(own, 4), {"rag": gain_of(0.1, 0.2)}, profile_size=20)
    (reason,) = choice.why[1:]
    row = choice.table[1]
    assert row.posterior is not None
    assert row.over_none is not None
    assert row.over_none.mean == pytest.approx(0.3)
    assert row.over_none.variance == pytest.approx(0.0)
    assert reason == (
        f"rag: {row.posterior.mean:+.4f} ± {row.posterior.deviation:.4f} an item over none, above 0 with a chance of "
        f"{row.posterior.chance:.0%}; 4 held-out items +0.3000, 100 other users +0.1000 ± 0.2000: better"
    )
    empty = choose_by_population(scores_of(own, 0), {"rag": gain_of(0.1, 0.2)}, profile_size=0)
    assert "no held-out items, 100 other users" in empty.why[1]


@pytest.mark.parametrize("n", [1, 3, 8, 24, 50])
def test_users_gain_more_where_others_are_known(n: int) -> None:
    alone, helped, lead, best = reached(MIXED, n)
    assert lead > 4, "errors: luck alone leads so far in one run of 30,000"
    assert alone < helped < best


@pytest.mark.parametrize("n", [1, 8, 24])
def test_users_whom_personalizing_harms_are_answered_without(n: int) -> None:
    alone, helped, lead, _ = reached(NONE_IS_BEST, n)
    assert lead > 4
    assert alone < -0.05
    assert helped > -0.005


def test_gains_of_the_wrong_population_are_outvoted_in_the_end() -> None:
    random = np.random.default_rng(9)
    wrong = {"rag": gain_of(-0.2, 0.2), "adapter": gain_of(0.2, 0.2)}
    names = [
        choose_by_population(
            drawn(random, {"rag": gain_of(0.4, 0.0), "adapter": gain_of(-0.4, 0.0)}, 50)[1], wrong, profile_size=250
        ).strategy
        for _ in range(100)
    ]
    assert names.count("rag") >= 98


def test_refuses_what_it_cannot_compare() -> None:
    with pytest.raises(ValueError, match="over 'none'"):
        choose_by_population({"rag": np.zeros(2)}, MIXED, profile_size=9)
    with pytest.raises(ValueError, match="gains of retrieval, 'rag', are missing"):
        choose_by_population(scores_of({"rag": 0.0}, 2), {"both": gain_of(0.1, 0.1)}, profile_size=9)
    with pytest.raises(ValueError, match="no way of answering 'none'"):
        choose_by_population(scores_of({"rag": 0.0}, 2), MIXED | {"none": gain_of(0.0, 0.1)}, profile_size=9)
