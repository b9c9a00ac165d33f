"""A training is paused, cut short, cancelled, and goes on as if nothing had happened, or leaves nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ondevice import Personalizer
from ondevice.errors import ModelMismatchError, NotFoundError
from tests.small_trainings import CONFIG, ENDING, RECIPE, After, Open, spoken
from tests.tiny_adapters import keep_adapter
from tests.tiny_generator import make_tiny_generator


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
    keep_adapter(me, "style", [me.items.list()[0].id])
    keep_adapter(me, "style", [me.items.list()[1].id], stopped="paused")
    data = me.vault.derived.read("adapter", "style")
    assert me.adapters.train("style", recipe=RECIPE, config=CONFIG, cancel=After(1)) is None
    assert me.vault.derived.read("adapter", "style") == data
    assert me.adapters.status().paused == ("style",)


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
    me.items.update(me.items.list()[0].id, expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(NotFoundError, match="1 of 12 items of the paused training are no longer there"):
        me.adapters.resume("style")


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
