"""The gate, on users made up so that what is better for them is known."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.adaptation.gate.choosing import GateConfig, choose
from ondevice.adaptation.gate.standing import STRATEGIES, Strategy, StrategyChoice

Scores = dict[Strategy, NDArray[np.float64]]
QUICK = GateConfig(n_flips=800)
OTHERS: tuple[Strategy, ...] = ("none", "adapter", "both", "contrast")


def graded(random: np.random.Generator, gains: dict[Strategy, float], n: int) -> Scores:
    """Scores that share how hard an item is, as ROUGE or a likelihood does."""
    shared = random.normal(size=n)
    return {name: shared + random.normal(scale=0.5, size=n) + gains.get(name, 0.0) for name in STRATEGIES}


def hits(random: np.random.Generator, gains: dict[Strategy, float], n: int) -> Scores:
    """Right or wrong, as an accuracy."""
    easy = random.uniform(0.2, 0.7, size=n)
    return {name: (random.random(n) < easy + gains.get(name, 0.0)).astype(np.float64) for name in STRATEGIES}


def heavy(random: np.random.Generator, gains: dict[Strategy, float], n: int) -> Scores:
    """Scores of which a few are far out, as squared errors are."""
    return {name: random.standard_t(2, size=n) + gains.get(name, 0.0) for name in STRATEGIES}


def chosen(
    draw: Callable[[np.random.Generator, dict[Strategy, float], int], Scores],
    gains: dict[Strategy, float],
    *,
    held_out: int,
    size: int,
    n_users: int,
) -> list[Strategy]:
    random = np.random.default_rng(20240)
    return [choose(draw(random, gains, held_out), profile_size=size, config=QUICK).strategy for _ in range(n_users)]


def constant(value: float, n: int = 20) -> NDArray[np.float64]:
    return np.full(n, value)


@pytest.mark.parametrize("draw", [graded, hits, heavy])
@pytest.mark.parametrize(("held_out", "size"), [(8, 55), (15, 100), (40, 300)])
def test_leaves_retrieval_without_reason_no_more_often_than_allowed(
    draw: Callable[[np.random.Generator, dict[Strategy, float], int], Scores], held_out: int, size: int
) -> None:
    n_users = 400
    left = sum(name != "rag" for name in chosen(draw, {}, held_out=held_out, size=size, n_users=n_users))
    allowed = QUICK.error_for(size)
    assert left / n_users <= allowed + 3 * np.sqrt(allowed * (1 - allowed) / n_users)


def test_is_never_below_retrieval_over_a_population_of_users_who_differ() -> None:
    random = np.random.default_rng(7)
    reached, harmed, n_users = [], 0, 1000
    for _ in range(n_users):
        gains: dict[Strategy, float] = {name: random.normal(-0.1, 0.4) for name in OTHERS}
        held_out = int(random.integers(8, 40))
        choice = choose(graded(random, gains, held_out), profile_size=held_out * 7, config=QUICK)
        truth = gains.get(choice.strategy, 0.0)
        reached.append(truth)
        harmed += truth < 0
    assert harmed / n_users < 0.02
    assert np.mean(reached) > 0.1


@pytest.mark.parametrize("draw", [graded, hits])
@pytest.mark.parametrize("best", OTHERS)
def test_takes_what_is_much_better(
    draw: Callable[[np.random.Generator, dict[Strategy, float], int], Scores], best: Strategy
) -> None:
    names = chosen(draw, {best: 0.6}, held_out=40, size=300, n_users=60)
    assert names.count(best) >= 57


def test_takes_the_larger_of_two_leads() -> None:
    names = chosen(graded, {"adapter": 0.7, "both": 1.6}, held_out=40, size=300, n_users=60)
    assert names.count("both") == 60


def test_takes_the_cheaper_of_two_that_are_about_as_good() -> None:
    scores: Scores = {"rag": constant(0.0), "both": constant(0.97), "contrast": constant(1.0)}
    choice = choose(scores, profile_size=300)
    assert choice.strategy == "both"
    assert choice.why[0] == "both is chosen: it costs less than contrast and has 97% of its lead"
    strict = choose(scores, profile_size=300, config=GateConfig(shortfall=0.0))
    assert strict.why[0] == "contrast is chosen, the largest lead of the 2 shown to be better than rag"
    scores["both"] = constant(0.9)
    assert choose(scores, profile_size=300).strategy == "contrast"


def test_stays_with_retrieval_on_a_tie() -> None:
    values = np.random.default_rng(3).normal(size=30)
    choice = choose(dict.fromkeys(STRATEGIES, values), profile_size=500)
    assert choice.strategy == "rag"
    assert [row.p for row in choice.table if row.strategy != "rag"] == [1.0] * 4
    assert choice.why[0] == "rag stays: nothing was shown to be better"


def test_a_lead_that_one_more_item_could_undo_is_not_enough() -> None:
    shared = np.linspace(0, 1, 15)
    choice = choose({"rag": shared, "adapter": shared + 0.02}, profile_size=300)
    assert choice.strategy == "rag"
    assert choice.table[1].verdict == "fragile"


def test_an_item_that_is_hard_for_every_strategy_does_not_hide_a_clear_lead() -> None:
    random = np.random.default_rng(5)
    shared = random.normal(-2.5, 0.6, size=24)
    shared[7] = -15.0
    lead = random.normal(0.25, 0.2, size=24)
    choice = choose({"rag": shared, "both": shared + lead}, profile_size=120)
    assert choice.strategy == "both"
    lead[3] = -3 * lead.sum()
    assert choose({"rag": shared, "both": shared + lead}, profile_size=120).strategy == "rag"


def test_a_lead_that_rests_on_one_item_is_not_enough() -> None:
    gains = np.r_[5.0, np.full(11, 0.1), np.full(4, -0.3)]
    choice = choose({"rag": constant(-2.0, 16), "both": -2.0 + gains}, profile_size=500, config=GateConfig(error=0.5))
    assert (choice.strategy, choice.table[1].verdict) == ("rag", "fragile")


def test_rare_harm_that_was_not_seen_does_not_get_through() -> None:
    random = np.random.default_rng(11)
    left = 0
    for _ in range(600):
        shared = random.normal(size=15)
        usually_better = np.where(random.random(15) < 0.05, -2.0, 0.05)
        left += choose({"rag": shared, "adapter": shared + usually_better}, profile_size=100).strategy != "rag"
    assert left <= 6


def test_nothing_learned_is_considered_for_a_small_profile() -> None:
    scores: Scores = {"none": constant(0.0), "rag": constant(0.0), "adapter": constant(1.0), "both": constant(1.0)}
    choice = choose(scores, profile_size=49)
    assert choice.strategy == "rag"
    assert [row.verdict for row in choice.table] == ["not shown", "baseline", "not considered", "not considered"]
    assert "a profile of 49 items is too small, 50 are needed" in choice.why[-1]
    assert choose(scores, profile_size=50).strategy == "adapter"


@pytest.mark.parametrize("n_held_out", [0, 1, 7])
def test_few_held_out_items_decide_nothing(n_held_out: int) -> None:
    scores: Scores = {"rag": constant(0.0, n_held_out), "both": constant(1.0, n_held_out)}
    choice = choose(scores, profile_size=1000)
    assert (choice.strategy, choice.n_held_out) == ("rag", n_held_out)
    assert choice.why[-1] == f"{n_held_out} held-out items are too few to compare by: 8 are needed"


def test_a_larger_profile_needs_less_evidence() -> None:
    scores: Scores = {"rag": constant(0.0, 30), "both": np.r_[constant(1.0, 10), constant(-1.0, 3), constant(0.0, 17)]}
    by_size = {size: choose(scores, profile_size=size) for size in (60, 400)}
    assert {size: choice.strategy for size, choice in by_size.items()} == {60: "rag", 400: "both"}
    assert by_size[60].table[1].p == by_size[400].table[1].p


def test_the_chance_is_exact_for_few_items() -> None:
    scores: Scores = {"rag": constant(0.0, 8), "both": np.r_[constant(1.0, 7), constant(-1.0, 1)]}
    choice = choose(scores, profile_size=1000)
    # Of the 2^8 worlds, 1 has no item against it and 8 have one.
    assert choice.table[1].p == 9 / 256
    assert choice.strategy == "both"


def test_more_strategies_need_a_larger_lead() -> None:
    scores = graded(np.random.default_rng(2), {"both": 0.35}, 30)
    alone = choose({"rag": scores["rag"], "both": scores["both"]}, profile_size=300)
    among = choose(scores, profile_size=300)
    chances = [next(row.p for row in choice.table if row.strategy == "both") for choice in (alone, among)]
    assert chances[0] is not None
    assert chances[1] is not None
    assert chances[0] < chances[1]


def test_without_other_users_gains_retrieval_stays_also_where_none_is_better_by_little() -> None:
    random = np.random.default_rng(6)
    scores = graded(random, {"none": 0.2}, 12)
    assert choose({name: scores[name] for name in ("none", "rag")}, profile_size=60).strategy == "rag"


def test_explains_itself_in_numbers() -> None:
    scores: Scores = {"rag": constant(0.25), "adapter": constant(0.25), "both": constant(1.0)}
    choice: StrategyChoice = choose(scores, profile_size=140)
    assert choice.why[0] == "both is chosen"
    assert choice.why[1].startswith("both: +0.7500 an item on rag's 0.2500 over 20 held-out items")
    assert choice.why[1].endswith("a profile of 140 items is allowed 3.50%: better")
    assert [row.strategy for row in choice.table] == ["rag", "adapter", "both"]


def test_chooses_the_same_every_time() -> None:
    scores = graded(np.random.default_rng(5), {"both": 0.3}, 30)
    assert choose(scores, profile_size=300) == choose(scores, profile_size=300)


def test_refuses_scores_it_cannot_compare() -> None:
    with pytest.raises(ValueError, match="needs the scores of retrieval"):
        choose({"both": constant(1.0)}, profile_size=100)
    with pytest.raises(ValueError, match=r"'both' have the shape \(19,\), those of 'rag' \(20,\)"):
        choose({"rag": constant(1.0), "both": constant(1.0, 19)}, profile_size=100)
    with pytest.raises(ValueError, match="20 scores of 'both' are not finite"):
        choose({"rag": constant(1.0), "both": constant(float("nan"))}, profile_size=100)
    with pytest.raises(ValueError, match="unknown strategies milp"):
        choose({"rag": constant(1.0), "milp": constant(1.0)}, profile_size=100)  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("error", 0.0),
        ("error", 0.6),
        ("trusting_size", 0),
        ("fewest_held_out", 0),
        ("n_flips", 0),
        ("shortfall", 1.0),
        ("least_chance", 0.4),
        ("least_chance", 1.0),
    ],
)
def test_refuses_settings_without_meaning(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        GateConfig(**{name: value})  # type: ignore[arg-type]
