"""The gate on a real encrypted profile: what it judges by, what it says, and what it leaves alone."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ondevice import Filter, Personalizer
from ondevice.adaptation.gate.choosing import GateConfig
from ondevice.adaptation.lessons.pairs import item_pairs
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.config import Contrast
from ondevice.errors import ModelMismatchError, NotFoundError
from ondevice.learned import PersonalizationPlan, PopulationGain
from tests.small_trainings import Open
from tests.tiny_adapters import keep_adapter, spoken
from tests.tiny_generator import make_tiny_generator

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
STRONG = Contrast(alpha=1.0, threshold=1e-6)
ENDING = " and so it was all right in the end"
GATE = GateConfig(smallest_profile=10, fewest_held_out=4, trusting_size=1)
GAIN = PopulationGain(mean=1.0, mean_error=0.0, variance=1e-4, item_variance=1.0, users=50)
HARM = PopulationGain(mean=-1.0, mean_error=0.0, variance=1e-4, item_variance=1.0, users=50)


@pytest.fixture
def me(open_one: Open) -> Personalizer:
    return open_one()


def keep_diary(me: Personalizer, n_items: int = 12) -> list[str]:
    """Store diary entries, a day each, and return their ids, the oldest first."""
    return [me.add(f"day {n} was grey{ENDING}", time=FIRST + timedelta(days=n)).id for n in range(n_items)]


def scores_of(plan: PersonalizationPlan) -> dict[str, float]:
    return {row.strategy: row.score for row in plan.table}


def test_compares_all_ways_on_items_that_the_adapter_has_not_seen(me: Personalizer) -> None:
    ids = keep_diary(me)
    held_out = me.planner.holdout(fraction=0.25)
    assert held_out == tuple(ids[9:])
    keep_adapter(me, "mine", [item for item in ids if item not in held_out])
    told: list[tuple[int, int]] = []
    plan = me.planner.plan(k=2, contrast=STRONG, held_out=0.25, on_progress=lambda *each: told.append(each))
    assert [row.strategy for row in plan.table] == ["none", "rag", "adapter", "both", "contrast"]
    assert len(set(scores_of(plan).values())) == 5
    assert (plan.n_held_out, plan.profile_size, plan.adapter, plan.task) == (3, 12, "mine", "chat")
    assert told == [(number, 6) for number in range(1, 7)]
    assert "3 held-out items are too few to compare by: 8 are needed" in plan.why
    # By hand: what serving would have answered from, one of the held-out items after the other.
    expected = []
    for number in (9, 10, 11):
        (pair,) = item_pairs([me.items.get(ids[number])], task="chat")
        day = FIRST + timedelta(days=number)
        hits = me.search(pair.request, k=2, retriever="bm25")
        assert hits[0].item.id == ids[number], "what is asked for again would be found first"
        prompt = me.prepare(pair.request, retriever="bm25", k=2, filter=Filter(until=day)).prompt
        expected.append(float(me.generator.engine().log_likelihood(prompt, pair.answer).mean()))
    assert scores_of(plan)["rag"] == pytest.approx(np.mean(expected), abs=1e-5)


@pytest.mark.parametrize(("n_items", "n_held_out"), [(1, 0), (3, 1), (8, 2), (50, 10)])
def test_what_other_users_gained_decides_in_profiles_of_any_size(
    me: Personalizer, n_items: int, n_held_out: int
) -> None:
    ids = keep_diary(me, n_items)
    keep_adapter(me, "mine", ids[: n_items - n_held_out])
    harmed = me.planner.plan(gains=dict.fromkeys(("rag", "adapter", "both", "contrast"), HARM))
    assert (harmed.strategy, harmed.n_held_out, harmed.settings()["retriever"]) == ("none", n_held_out, "none")
    helped = me.planner.plan(gains={"rag": HARM, "adapter": GAIN}, apply=True)
    assert (helped.strategy, helped.is_applied) == ("adapter", True)
    assert me.adapters.status().in_use == "mine"
    assert [row.verdict for row in helped.table] == [
        "baseline",
        "not shown",
        "better",
        "not considered",
        "not considered",
    ]


def test_what_the_user_s_own_items_say_is_taken_in(me: Personalizer) -> None:
    keep_diary(me, 20)
    known = PopulationGain(mean=0.0, mean_error=0.0, variance=100.0, item_variance=1e-9, users=50)
    plan = me.planner.plan(gains={"rag": known}, held_out=0.5)
    _, rag = plan.table
    assert rag.posterior is not None
    assert rag.over_none is not None
    assert rag.posterior.mean == pytest.approx(rag.over_none.mean, rel=1e-3), "next to nothing is known of others"
    assert plan.strategy == ("rag" if rag.over_none.mean > 0 else "none")


def test_the_bundle_tells_what_other_users_gained_and_without_retrieval_stays(open_one: Open, tmp_path: Path) -> None:
    make_tiny_generator(tmp_path / "models" / "told", name="told", gains={"chat": {"rag": HARM}})
    me = open_one(models=tmp_path / "models", generator="told")
    keep_diary(me)
    assert me.planner.plan().strategy == "none"
    assert me.planner.plan(gains=None).strategy == "rag"
    assert me.planner.plan("LaMP_7").strategy == "rag", "of this task nothing is told"
    assert me.planner.plan("LaMP_7").table[1].posterior is None
    assert me.planner.plan(gains={"rag": GAIN}).strategy == "rag"
    keep_adapter(me, "style", me.planner.holdout())
    me.merged.make("style")
    me.merged.use("style")
    assert me.planner.plan(adapter=None).table[1].posterior is None, "a merged model is another one"


def test_refuses_gains_that_tell_nothing(me: Personalizer) -> None:
    with pytest.raises(ValueError, match="no way of answering 'bm25'"):
        me.planner.plan(gains={"rag": GAIN, "bm25": GAIN})
    with pytest.raises(ValueError, match="gains of retrieval, 'rag', are missing"):
        me.planner.plan(gains={})
    with pytest.raises(TypeError, match="the gain of 'rag' is a PopulationGain, not a dict"):
        me.planner.plan(gains={"rag": {"mean": 1.0}})  # type: ignore[dict-item]


def test_an_adapter_that_has_seen_everything_cannot_be_judged(me: Personalizer) -> None:
    keep_adapter(me, "mine", keep_diary(me))
    plan = me.planner.plan()
    assert (plan.strategy, plan.n_held_out, plan.profile_size) == ("rag", 0, 12)
    assert plan.why[-1] == (
        "the adapter 'mine' has seen 12 of the 12 items of 'chat': train it without the newest, with "
        "leave_out=me.planner.holdout()"
    )
    assert set(scores_of(plan).values()) == {0.0}


def test_items_that_answer_another_question_are_not_judged_by(me: Personalizer) -> None:
    for number in range(20):
        me.add(f"We show that {number} is odd.", fields={"title": f"On {number}"}, time=FIRST + timedelta(days=number))
    plan = me.planner.plan("LaMP_1")
    assert (plan.strategy, plan.n_held_out, plan.profile_size) == ("rag", 0, 20)
    assert plan.why[-1] == ("the items hold no answers to what 'LaMP_1' asks, so that nothing can be judged by them")


def test_what_says_the_same_as_a_seen_item_counts_as_seen(me: Personalizer) -> None:
    ids = keep_diary(me)
    twin = me.add(f"DAY 3 was  grey{ENDING}", kind="copy", time=FIRST + timedelta(days=40)).id
    keep_adapter(me, "mine", ids[:10])
    plan = me.planner.plan(held_out=1.0)
    assert (plan.n_held_out, plan.profile_size) == (2, 13)
    me.forget(twin)
    assert me.planner.plan(held_out=1.0).n_held_out == 2


def test_a_training_that_leaves_items_out_is_judged_by_them_and_chosen_for_its_gain(me: Personalizer) -> None:
    import torch

    torch.set_num_threads(1)
    keep_diary(me, 30)
    me.adapters.train(
        leave_out=me.planner.holdout(fraction=0.3),
        recipe=LoraRecipe(projections=("q_proj", "v_proj", "down_proj"), rank=4, alpha=8.0),
        config=TrainingConfig(epochs=2, learning_rate=1e-2, batch_tokens=400, max_tokens=160),
    )
    plain = spoken(me)
    plan = me.planner.plan(held_out=0.3, gate=GATE, contrast=None)
    assert plan.n_held_out == 9
    assert plan.strategy in ("adapter", "both")
    assert plan.why[0].startswith(f"{plan.strategy} is chosen")
    assert not plan.is_applied
    assert np.array_equal(spoken(me), plain)
    applied = me.planner.plan(held_out=0.3, gate=GATE, contrast=None, apply=True)
    assert applied.is_applied
    assert me.adapters.status().in_use == "mine"
    assert not np.allclose(spoken(me), plain, atol=0.01)
    answer = me.generate("Continue this note: day", max_tokens=4, **applied.settings())
    assert answer.retriever == ("bm25" if plan.strategy == "both" else "none")


def test_applying_a_plan_without_evidence_takes_the_adapter_out_of_use(me: Personalizer) -> None:
    keep_adapter(me, "style", keep_diary(me))
    me.adapters.use("style", 0.5, contrast=STRONG)
    plan = me.planner.plan(apply=True)
    assert (plan.adapter, plan.scale, plan.strategy, plan.is_applied) == ("style", 0.5, "rag", True)
    assert me.adapters.status().in_use is None
    assert plan.settings() == {"retriever": "bm25", "k": 3}


@pytest.mark.parametrize(
    ("strategy", "retriever", "uses", "contrast"),
    [
        ("none", "none", False, None),
        ("rag", "bm25", False, None),
        ("adapter", "none", True, None),
        ("both", "bm25", True, None),
        ("contrast", "bm25", True, STRONG),
    ],
)
def test_a_plan_says_what_to_answer_with(strategy: str, retriever: str, uses: bool, contrast: Contrast | None) -> None:
    plan = PersonalizationPlan(
        strategy=strategy,  # type: ignore[arg-type]
        why=(),
        table=(),
        n_held_out=10,
        profile_size=100,
        task="chat",
        retriever="bm25",
        k=3,
        adapter="style",
        scale=0.5,
        contrast=STRONG,
    )
    assert plan.settings() == {"retriever": retriever, "k": 3}
    wanted = plan.in_use()
    assert (wanted is not None) == uses
    if wanted is not None:
        assert (wanted.name, wanted.scale, wanted.contrast) == ("style", 0.5, contrast)


def test_what_is_in_use_stays_in_use_also_after_an_error(me: Personalizer) -> None:
    ids = keep_diary(me)
    keep_adapter(me, "used", ids[:3], seed=1)
    keep_adapter(me, "tried", ids[:6], seed=2)
    me.adapters.use("used", 0.7, contrast=STRONG)
    before, status = spoken(me), me.adapters.status()
    assert me.planner.plan(adapter="tried").n_held_out == 2
    assert np.array_equal(spoken(me), before)

    def fail(done: int, total: int) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        me.planner.plan(adapter="tried", on_progress=fail)
    assert np.array_equal(spoken(me), before)
    assert me.adapters.status() == status
    assert me.vault.settings.get("adapter/in-use") is not None


def test_answers_go_on_meanwhile(me: Personalizer) -> None:
    ids = keep_diary(me)
    keep_adapter(me, "used", ids[:3], seed=1)
    keep_adapter(me, "tried", ids[:6], seed=2)
    me.adapters.use("used")
    quiet = me.planner.plan(adapter="tried")
    expected = me.generate("day 3", max_tokens=6).text
    said: list[str] = []
    over, given = threading.Event(), threading.Semaphore(0)
    has_answered: list[bool] = []

    def answer() -> None:
        while not over.is_set():
            said.append(me.generate("day 3", max_tokens=6).text)
            given.release()

    thread = threading.Thread(target=answer)
    thread.start()
    busy = me.planner.plan(
        adapter="tried", on_progress=lambda done, total: has_answered.append(given.acquire(timeout=60))
    )
    over.set()
    thread.join()
    assert has_answered
    assert all(has_answered), "every step has waited for an answer"
    assert set(said) == {expected}
    assert busy == quiet


def test_an_item_forgotten_meanwhile_ends_it(me: Personalizer) -> None:
    ids = keep_diary(me)
    keep_adapter(me, "mine", ids[:6])

    def forget(done: int, total: int) -> None:
        if done == 2:
            assert me.forget(ids[11]).verified

    with pytest.raises(NotFoundError, match=r"1 of \d+ items were forgotten while the plan was made"):
        me.planner.plan(held_out=0.3, on_progress=forget)
    engine = me.generator.engine()
    assert not engine.forget_cache(), "nothing that was read stays behind"
    assert me.planner.plan().n_held_out == 2


@pytest.mark.parametrize("meanwhile", ["drop", "again", "forget"])
def test_an_adapter_that_goes_meanwhile_ends_it(me: Personalizer, meanwhile: str) -> None:
    ids = keep_diary(me)
    keep_adapter(me, "mine", ids[:6])

    def lose_it(done: int, total: int) -> None:
        if done != 2:
            return
        if meanwhile == "drop":
            me.adapters.drop("mine")
        elif meanwhile == "again":
            keep_adapter(me, "mine", ids[:6], seed=3)
        else:
            me.forget(ids[0])

    with pytest.raises(NotFoundError, match="while the plan was made"):
        me.planner.plan(k=1, on_progress=lose_it)
    me.generate("day 3", max_tokens=2)


def test_without_an_adapter_only_retrieval_is_judged(me: Personalizer) -> None:
    ids = keep_diary(me)
    plan = me.planner.plan()
    assert [row.strategy for row in plan.table] == ["none", "rag"]
    assert plan.why[-1] == "no adapter was compared: train one to see whether it answers better"
    assert plan.adapter is None
    keep_adapter(me, "other", ids[:6])
    assert me.planner.plan().adapter is None, "which one is meant is not guessed"
    me.adapters.use("other")
    assert me.planner.plan().adapter == "other"
    assert me.planner.plan(adapter=None).adapter is None
    with pytest.raises(NotFoundError, match="no adapter 'mine'"):
        me.planner.plan(adapter="mine")


def test_requests_that_do_not_fit_are_passed_over_and_counted(me: Personalizer) -> None:
    ids = keep_diary(me)
    me.add("long " * 2000, time=FIRST + timedelta(days=50))
    plan = me.planner.plan(held_out=0.2)
    assert plan.n_held_out == 3
    assert "1 items were passed over: their requests alone do not fit the model's context" in plan.why
    assert len(ids) + 1 == plan.profile_size


def test_an_empty_profile_stays_with_retrieval(me: Personalizer) -> None:
    plan = me.planner.plan("LaMP_2")
    assert (plan.strategy, plan.n_held_out, plan.profile_size) == ("rag", 0, 0)
    assert me.planner.holdout() == ()


def test_refuses_what_has_no_meaning(me: Personalizer) -> None:
    keep_diary(me)
    with pytest.raises(ValueError, match="there is no task 'poems'"):
        me.planner.plan("poems")
    with pytest.raises(ValueError, match="there is no task 'poems'"):
        me.planner.holdout(task="poems")
    with pytest.raises(ValueError, match="'dense' needs an encoder"):
        me.planner.plan(retriever="dense")
    with pytest.raises(ValueError, match="not 'none'"):
        me.planner.plan(retriever="none")
    with pytest.raises(ValueError, match="k must be at least 1"):
        me.planner.plan(k=0)
    for part, most in ((0.0, 24), (1.5, 24), (0.2, 0)):
        with pytest.raises(ValueError, match="held-out part"):
            me.planner.plan(held_out=part, max_held_out=most)


def test_refuses_an_adapter_of_another_model(open_one: Open, tmp_path: Path) -> None:
    models = tmp_path / "models"
    make_tiny_generator(models / "one", name="one")
    make_tiny_generator(models / "two", seed=7, name="two")
    me = open_one(models=models, generator="one")
    keep_adapter(me, "mine", keep_diary(me)[:6])
    me.close()
    again = open_one(models=models, generator="two")
    with pytest.raises(ModelMismatchError, match="trained on another language model"):
        again.planner.plan()
    assert again.planner.plan(adapter=None).strategy == "rag"
