"""From a user's items to an adapter in use, for real: a tiny model is trained, paused, cancelled, and forgets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice import (
    AdaptationError,
    ArtifactOutcome,
    EngineConfig,
    Filter,
    ModelMismatchError,
    NotFoundError,
    Personalizer,
    Receipt,
)
from ondevice.adaptation.recipe import LoraRecipe, TrainingConfig
from tests.tiny_adapters import keep_adapter
from tests.tiny_generator import make_tiny_generator

KEY = b"k" * 32
RECIPE = LoraRecipe(projections=("q_proj", "v_proj", "down_proj"), rank=4, alpha=8.0)
CONFIG = TrainingConfig(epochs=2, learning_rate=1e-2, batch_tokens=400, max_tokens=160)
ENDING = " and so it was all right in the end"
Open = Callable[..., Personalizer]


def spoken(me: Personalizer) -> NDArray[np.float32]:
    """Return how likely the model finds a text now: other weights give other numbers."""
    return me._models.engine().log_likelihood("Continue this note: the weather", ENDING)


@pytest.fixture(autouse=True)
def one_torch_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def open_one(tmp_path: Path, app_models: Path) -> Iterator[Open]:
    opened: list[Personalizer] = []

    def open_it(name: str = "me", generator: str = "tiny-generator", models: Path = app_models) -> Personalizer:
        opened.append(
            Personalizer.open(
                tmp_path / name,
                app_key=KEY,
                models=models,
                encoder=None,
                generator=generator,
                engine=EngineConfig(threads=1, reuse_whole_batches=True),
            )
        )
        return opened[-1]

    yield open_it
    for me in opened:
        me.close()


@pytest.fixture
def me(open_one: Open) -> Personalizer:
    opened = open_one()
    for number in range(12):
        opened.add(f"day {number} was grey{ENDING}", kind="diary")
    return opened


class After:
    """Says yes from the n-th time on that it is asked."""

    def __init__(self, n_times: int) -> None:
        self.left = n_times

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_it_learns_how_the_user_writes(me: Personalizer) -> None:
    plain = spoken(me)
    told: list[tuple[int, int]] = []
    info = me.adapters.train(
        "style", recipe=RECIPE, config=CONFIG, on_progress=lambda done, total: told.append((done, total))
    )
    assert info is not None
    assert info.report is not None
    assert (info.name, info.task, info.base_name) == ("style", "chat", "tiny-generator")
    assert (info.is_ready, info.is_paused, info.is_in_use, info.n_items) == (True, False, False, 12)
    assert info.report.loss_after < info.report.loss_before
    assert (info.report.n_examples, info.report.n_held_out) == (10, 2)
    assert told[-1][0] == told[-1][1] == len(told)
    assert np.array_equal(spoken(me), plain), "the base is as it was, and what is kept is not used"
    me.adapters.use("style")
    assert spoken(me).mean() > plain.mean() + 0.1
    status = me.adapters.status()
    assert (status.in_use, status.adapters, status.paused, status.training) == ("style", ("style",), (), None)
    assert (status.n_items, status.n_new_items) == (12, 0)
    assert status.sealed_bytes > info.n_bytes > 1000
    me.add("something new")
    assert me.adapters.status().n_new_items == 1
    events = [(event.kind, event.details) for event in me.vault.events.list()]
    assert ("adapter-trained", {"adapter": "style", "items": 12}) in events
    assert "grey" not in repr((info, status))


def test_training_again_takes_the_place_of_what_is_in_use(me: Personalizer) -> None:
    keep_adapter(me, "style", [me.list()[0].id])
    me.adapters.use("style", 0.5)
    before = spoken(me)
    info = me.adapters.train("style", recipe=RECIPE, config=CONFIG)
    assert info is not None
    assert (info.is_in_use, info.scale) == (True, 0.5)
    assert not np.allclose(spoken(me), before, atol=0.01)
    assert len([name for name in me.vault.sealed.names() if name.startswith("adapter-")]) == 1


def test_a_pause_outlives_closing_and_ends_as_without_one(me: Personalizer, open_one: Open) -> None:
    straight = me.adapters.train("straight", recipe=RECIPE, config=CONFIG)
    wanted = me.vault.derived.read("adapter", "straight")
    paused = me.adapters.train("style", recipe=RECIPE, config=CONFIG, pause=After(3))
    assert paused is not None
    assert straight is not None
    assert paused.report is not None
    assert (paused.is_ready, paused.is_paused, paused.report.n_steps) == (False, True, 3)
    assert me.adapters.status().paused == ("style",)
    with pytest.raises(NotFoundError, match="no adapter 'style'"):
        me.adapters.use("style")
    me.add(f"day 99 came while it was paused{ENDING}", kind="diary")
    me.close()
    again = open_one()
    info = again.adapters.resume("style")
    assert info is not None
    assert (info.is_ready, info.is_paused, info.n_items) == (True, False, 12)
    assert again.vault.derived.read("adapter", "style") == wanted
    with pytest.raises(NotFoundError, match="no training of the adapter 'style' is paused"):
        again.adapters.resume("style")
    assert [name for name in again.vault.sealed.names() if name.startswith("checkpoint-")] == []


def test_an_interruption_costs_at_most_an_epoch(me: Personalizer, open_one: Open) -> None:
    class PowerCut(BaseException):
        pass

    def cut(done: int, total: int) -> None:
        if done == total:
            raise PowerCut

    with pytest.raises(PowerCut):
        me.adapters.train("style", recipe=RECIPE, config=CONFIG, on_progress=cut)
    me.close()
    again = open_one()
    (info,) = again.adapters.list()
    assert (info.is_ready, info.is_paused, info.report) == (False, True, None)
    resumed = again.adapters.resume("style")
    assert resumed is not None
    again.adapters.train("straight", recipe=RECIPE, config=CONFIG)
    assert again.vault.derived.read("adapter", "style") == again.vault.derived.read("adapter", "straight")


def test_a_cancelled_training_leaves_nothing(me: Personalizer) -> None:
    plain = spoken(me)
    before = me.vault.sealed.names()
    n_all: list[int] = []
    me.adapters.train("other", recipe=RECIPE, config=CONFIG, on_progress=lambda done, total: n_all.append(total))
    me.adapters.drop("other")
    assert me.adapters.train("style", recipe=RECIPE, config=CONFIG, cancel=After(n_all[0] - 1)) is None
    assert me.adapters.list() == []
    assert me.vault.sealed.names() == before
    assert me.vault.lineage.list() == []
    assert np.array_equal(spoken(me), plain)


def test_a_cancelled_training_leaves_what_was_there(me: Personalizer) -> None:
    keep_adapter(me, "style", [me.list()[0].id])
    keep_adapter(me, "style", [me.list()[1].id], stopped="paused")
    data = me.vault.derived.read("adapter", "style")
    assert me.adapters.train("style", recipe=RECIPE, config=CONFIG, cancel=After(1)) is None
    assert me.vault.derived.read("adapter", "style") == data
    assert me.adapters.status().paused == ("style",)


def test_forgetting_an_item_ends_the_training_that_sees_it(me: Personalizer) -> None:
    victim = me.list()[3].id
    receipts: list[Receipt] = []

    def on_progress(done: int, total: int) -> None:
        if not receipts:
            thread = threading.Thread(target=lambda: receipts.append(me.forget(victim)))
            thread.start()
            thread.join()

    with pytest.raises(NotFoundError, match="1 of 12 items were forgotten while the adapter was trained"):
        me.adapters.train("style", recipe=RECIPE, config=CONFIG, on_progress=on_progress)
    assert receipts[0].verified
    assert ArtifactOutcome(kind="training", name="under way", outcome="cleared", count=1) in receipts[0].artifacts
    assert me.adapters.list() == []
    assert me.vault.lineage.list() == []
    assert me.adapters.train("style", recipe=RECIPE, config=CONFIG) is not None


def test_forgetting_another_item_lets_the_training_go_on(me: Personalizer) -> None:
    other = me.add("a letter, not a diary", kind="letter").id
    asked: list[bool] = []

    def on_progress(done: int, total: int) -> None:
        if not asked:
            asked.append(me.forget(other).verified)

    info = me.adapters.train(
        "style", filter=Filter(kinds=("diary",)), recipe=RECIPE, config=CONFIG, on_progress=on_progress
    )
    assert asked == [True]
    assert info is not None
    assert info.n_items == 12


def test_a_marked_adapter_is_trained_again_as_before_without_the_item(me: Personalizer) -> None:
    me.add("a letter, not a diary", kind="letter")
    me.adapters.train("style", filter=Filter(kinds=("diary",)), recipe=RECIPE, config=CONFIG, on_forget="mark")
    me.adapters.use("style")
    victim = me.list(Filter(kinds=("diary",)))[0].id
    receipt = me.forget(victim)
    assert receipt.verified
    for line in (
        ArtifactOutcome(kind="adapter", name="style@1", outcome="dropped", count=1),
        ArtifactOutcome(kind="adapter", name="to be trained again", outcome="cleared", count=1),
    ):
        assert line in receipt.artifacts
    (info,) = me.adapters.list()
    assert (info.is_ready, info.is_paused, info.is_in_use, info.n_bytes) == (False, False, False, 0)
    assert me.adapters.status().to_train_again == ("style",)
    with pytest.raises(NotFoundError, match="went with an item") as caught:
        me.adapters.use("style")
    assert caught.value.hint is not None
    other = me.forget(me.list(Filter(kinds=("letter",)))[0].id)
    assert ArtifactOutcome(kind="adapter", name="to be trained again", outcome="absent") in other.artifacts
    again = me.adapters.retrain("style")
    assert again is not None
    assert (again.is_ready, again.n_items, again.recipe) == (True, 11, RECIPE)
    assert me.vault.derived.get("adapter", "style").number == 2
    me.adapters.use("style")


def test_forgetting_drops_a_paused_training_too(me: Personalizer) -> None:
    me.adapters.train("style", recipe=RECIPE, config=CONFIG, pause=After(2))
    receipt = me.forget(me.list()[0].id)
    assert receipt.verified
    assert ArtifactOutcome(kind="checkpoint", name="style@1", outcome="dropped", count=1) in receipt.artifacts
    assert me.adapters.list() == []
    assert [name for name in me.vault.sealed.names() if name.startswith("checkpoint-")] == []


def test_an_erasure_that_was_cut_short_is_settled_at_the_next_opening(me: Personalizer, open_one: Open) -> None:
    ids = [item.id for item in me.list()]
    keep_adapter(me, "gone", ids[:2])
    keep_adapter(me, "marked", ids[:2], on_forget="mark")
    me.adapters.use("gone")
    me.vault.forget(ids[:1])  # as if the façade had not come to tell anyone
    me.close()
    again = open_one()
    assert [(info.name, info.is_ready) for info in again.adapters.list()] == [("marked", False)]
    spoken(again)
    assert again.adapters.status().in_use is None


def test_a_training_of_another_base_is_not_resumed(me: Personalizer, open_one: Open, tmp_path: Path) -> None:
    make_tiny_generator(tmp_path / "other-generator", seed=5, name="other-generator")
    me.adapters.train("style", recipe=RECIPE, config=CONFIG, pause=After(1))
    me.close()
    other = open_one(generator="other-generator", models=tmp_path)
    with pytest.raises(ModelMismatchError, match="began with another language model"):
        other.adapters.resume("style")
    assert other.adapters.status().paused == ("style",)


def test_a_paused_training_with_an_expired_item_is_not_resumed(me: Personalizer) -> None:
    me.adapters.train("style", recipe=RECIPE, config=CONFIG, pause=After(1))
    me.update(me.list()[0].id, expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(NotFoundError, match="1 of 12 items of the paused training are no longer there"):
        me.adapters.resume("style")


def test_too_few_items_are_a_clear_error_and_change_nothing(open_one: Open) -> None:
    me = open_one()
    ids = [me.add(f"note {number} about the rain and the garden").id for number in range(3)]
    keep_adapter(me, "style", ids)
    keep_adapter(me, "style", ids, stopped="paused")
    me.adapters.use("style")
    adapted = spoken(me)
    with pytest.raises(AdaptationError, match="3 items"):
        me.adapters.train("style")
    assert np.array_equal(spoken(me), adapted)
    assert me.adapters.status().paused == ("style",)
    assert me.adapters.status().training is None


def test_items_that_all_say_the_same_are_a_clear_error_and_change_nothing(open_one: Open) -> None:
    me = open_one()
    ids = [me.add("the rain fell on the garden", time=datetime(2026, 1, day, tzinfo=UTC)).id for day in range(1, 11)]
    keep_adapter(me, "style", ids)
    me.adapters.use("style")
    adapted = spoken(me)
    for attempt in (me.adapters.train, me.adapters.search):
        with pytest.raises(AdaptationError, match="all 10 items teach the same") as caught:
            attempt("style")
        assert caught.value.hint is not None
    assert np.array_equal(spoken(me), adapted)


@pytest.mark.parametrize(
    ("limit", "says"), [({"max_seconds": 1e-9}, "was over before the first step"), ({"max_memory_bytes": 1}, "memory")]
)
def test_a_budget_too_small_is_a_clear_error_and_changes_nothing(
    me: Personalizer, limit: dict[str, Any], says: str
) -> None:
    keep_adapter(me, "style", [me.list()[0].id])
    me.adapters.use("style")
    adapted = spoken(me)
    with pytest.raises(AdaptationError, match=says) as caught:
        me.adapters.train("style", recipe=RECIPE, config=replace(CONFIG, **limit))
    assert caught.value.hint is not None
    assert np.array_equal(spoken(me), adapted)
    assert me.adapters.status().training is None


def test_two_trainings_at_once_are_refused(me: Personalizer) -> None:
    caught: list[object] = []

    def on_progress(done: int, total: int) -> None:
        if not caught:
            with pytest.raises(ValueError, match="being trained already") as error:
                me.adapters.train("other")
            caught.append(error)
            assert me.adapters.status().training == "style"

    me.adapters.train("style", recipe=RECIPE, config=CONFIG, on_progress=on_progress)
    assert len(caught) == 1


def test_answers_and_additions_go_on_while_it_trains(me: Personalizer) -> None:
    done_meanwhile = []

    def work() -> None:
        me.add("a new note while it trains")
        done_meanwhile.append(me.generate("how was the weather", max_tokens=2).n_tokens)

    def on_progress(done: int, total: int) -> None:
        if done == 1:
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()

    assert me.adapters.train("style", recipe=RECIPE, config=CONFIG, on_progress=on_progress) is not None
    assert done_meanwhile
    me.adapters.use("style")
    assert me.adapters.status().n_new_items == 1


def test_items_in_prompts_are_seen_and_outlive_a_pause(me: Personalizer, open_one: Open) -> None:
    shown = me.add("the weather was a letter, not a diary, grey and so on", kind="letter").id
    me.add(f"one more day was grey{ENDING}", kind="diary")
    given = {"recipe": RECIPE, "config": CONFIG, "items_in_prompt": 2}
    straight = me.adapters.train("straight", **given)  # type: ignore[arg-type]
    paused = me.adapters.train("style", pause=After(3), **given)  # type: ignore[arg-type]
    assert straight is not None
    assert paused is not None
    assert (paused.items_in_prompt, paused.n_items) == (2, 14)
    me.add("grey days and grey weather came while it was paused", kind="diary")
    me.close()
    again = open_one()
    assert again.adapters.resume("style") is not None
    assert again.vault.derived.read("adapter", "style") == again.vault.derived.read("adapter", "straight")
    plain = again.adapters.train("plain", recipe=RECIPE, config=CONFIG)
    assert plain is not None
    assert plain.items_in_prompt == 0
    receipt = again.forget(shown)
    assert receipt.verified
    assert again.adapters.list() == []


def test_what_is_left_out_is_not_seen_when_trained_again_either(me: Personalizer) -> None:
    left_out = [item.id for item in me.list()[:3]]
    me.adapters.train("style", recipe=RECIPE, config=CONFIG, items_in_prompt=1, leave_out=left_out)
    me.adapters.retrain("style")
    (info,) = me.adapters.list()
    assert (info.n_items, info.n_left_out, info.items_in_prompt) == (9, 3, 1)
    assert me.vault.derived.get("adapter", "style").number == 2
    assert not set(left_out) & set(me.vault.derived.item_ids("adapter", "style"))
    assert me.forget(left_out[0]).verified
    assert me.adapters.status().adapters == ("style",), "it never saw the item"


def test_leaving_out_unknown_items_is_refused(me: Personalizer) -> None:
    with pytest.raises(NotFoundError, match="1 of 2 items that are to be left out are not there"):
        me.adapters.train("style", leave_out=[me.list()[0].id, "elsewhere"])
    with pytest.raises(TypeError, match="not one str"):
        me.adapters.train("style", leave_out=me.list()[0].id)


def test_dropping_leaves_nothing(me: Personalizer) -> None:
    me.adapters.train("style", recipe=RECIPE, config=CONFIG)
    me.adapters.use("style")
    me.adapters.drop("style")
    assert me.adapters.list() == []
    assert me.adapters.status().in_use is None
    assert me.vault.lineage.list() == []
    for act in (me.adapters.drop, me.adapters.retrain, me.adapters.use):
        with pytest.raises(NotFoundError, match="no adapter 'style'"):
            act("style")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": "My Style"}, "a-z, 0-9, dash and underscore"),
        ({"on_forget": "keep"}, "one of drop, mark, not 'keep'"),
        ({"task": "LaMP_9"}, "no task 'LaMP_9'"),
        ({"recipe": LoraRecipe(blocks=(7,))}, "block 7"),
        ({"items_in_prompt": -1}, "items_in_prompt must be 0 or more, not -1"),
        ({"select": 7}, "select must be 8 or more"),
        ({"select": 8}, "opened with encoder=None"),
    ],
)
def test_misuse_is_a_value_error(me: Personalizer, given: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        me.adapters.train(**given)  # type: ignore[arg-type]
    assert me.adapters.list() == []
