"""What cannot be learned from is one clear error, and the profile goes on with what it had."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from ondevice import Personalizer
from ondevice.adaptation.recipes.recipe import LoraRecipe
from ondevice.errors import AdaptationError, NotFoundError
from tests.small_trainings import CONFIG, RECIPE, Open, spoken
from tests.tiny_adapters import keep_adapter


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
    keep_adapter(me, "style", [me.items.list()[0].id])
    me.adapters.use("style")
    adapted = spoken(me)
    with pytest.raises(AdaptationError, match=says) as caught:
        me.adapters.train("style", recipe=RECIPE, config=replace(CONFIG, **limit))
    assert caught.value.hint is not None
    assert np.array_equal(spoken(me), adapted)
    assert me.adapters.status().training is None


def test_leaving_out_unknown_items_is_refused(me: Personalizer) -> None:
    with pytest.raises(NotFoundError, match="1 of 2 items that are to be left out are not there"):
        me.adapters.train("style", leave_out=[me.items.list()[0].id, "elsewhere"])
    with pytest.raises(TypeError, match="not one str"):
        me.adapters.train("style", leave_out=me.items.list()[0].id)


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
