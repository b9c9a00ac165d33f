"""From a user's items to an adapter in use, for real: a tiny model is trained."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from ondevice import Personalizer
from ondevice.errors import NotFoundError
from tests.small_trainings import CONFIG, RECIPE, spoken
from tests.tiny_adapters import keep_adapter


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
    keep_adapter(me, "style", [me.items.list()[0].id])
    me.adapters.use("style", 0.5)
    before = spoken(me)
    info = me.adapters.train("style", recipe=RECIPE, config=CONFIG)
    assert info is not None
    assert (info.is_in_use, info.scale) == (True, 0.5)
    assert not np.allclose(spoken(me), before, atol=0.01)
    assert len([name for name in me.vault.sealed.names() if name.startswith("adapter-")]) == 1


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


def test_what_is_left_out_is_not_seen_when_trained_again_either(me: Personalizer) -> None:
    left_out = [item.id for item in me.items.list()[:3]]
    me.adapters.train("style", recipe=RECIPE, config=CONFIG, items_in_prompt=1, leave_out=left_out)
    me.adapters.retrain("style")
    (info,) = me.adapters.list()
    assert (info.n_items, info.n_left_out, info.items_in_prompt) == (9, 3, 1)
    assert me.vault.derived.get("adapter", "style").number == 2
    assert not set(left_out) & set(me.vault.derived.item_ids("adapter", "style"))
    assert me.forget(left_out[0]).verified
    assert me.adapters.status().adapters == ("style",), "it never saw the item"


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
