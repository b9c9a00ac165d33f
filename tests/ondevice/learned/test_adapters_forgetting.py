"""Forgetting an item while, before and after an adapter learns from it."""

from __future__ import annotations

import threading

import pytest

from ondevice import Filter, Personalizer, Receipt
from ondevice.errors import NotFoundError
from ondevice.records import ArtifactOutcome
from tests.small_trainings import CONFIG, RECIPE, After, Open, spoken
from tests.tiny_adapters import keep_adapter


def test_forgetting_an_item_ends_the_training_that_sees_it(me: Personalizer) -> None:
    victim = me.items.list()[3].id
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
    victim = me.items.list(Filter(kinds=("diary",)))[0].id
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
    other = me.forget(me.items.list(Filter(kinds=("letter",)))[0].id)
    assert ArtifactOutcome(kind="adapter", name="to be trained again", outcome="absent") in other.artifacts
    again = me.adapters.retrain("style")
    assert again is not None
    assert (again.is_ready, again.n_items, again.recipe) == (True, 11, RECIPE)
    assert me.vault.derived.get("adapter", "style").number == 2
    me.adapters.use("style")


def test_forgetting_drops_a_paused_training_too(me: Personalizer) -> None:
    me.adapters.train("style", recipe=RECIPE, config=CONFIG, pause=After(2))
    receipt = me.forget(me.items.list()[0].id)
    assert receipt.verified
    assert ArtifactOutcome(kind="checkpoint", name="style@1", outcome="dropped", count=1) in receipt.artifacts
    assert me.adapters.list() == []
    assert [name for name in me.vault.sealed.names() if name.startswith("checkpoint-")] == []


def test_an_erasure_that_was_cut_short_is_settled_at_the_next_opening(me: Personalizer, open_one: Open) -> None:
    ids = [item.id for item in me.items.list()]
    keep_adapter(me, "gone", ids[:2])
    keep_adapter(me, "marked", ids[:2], on_forget="mark")
    me.adapters.use("gone")
    me.vault.forget(ids[:1])  # as if the façade had not come to tell anyone
    me.close()
    again = open_one()
    assert [(info.name, info.is_ready) for info in again.adapters.list()] == [("marked", False)]
    spoken(again)
    assert again.adapters.status().in_use is None
