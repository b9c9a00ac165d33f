"""An adapter trained with differential privacy says so wherever it is told of, and refuses what would undo it."""

from __future__ import annotations

from typing import Any

import pytest

from ondevice import Personalizer
from ondevice.adaptation.recipes.privacy import Privacy
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.learned.inventory import take_inventory
from ondevice.privacy.inventory.naming import FOR_A_FILE
from ondevice.privacy.inventory.tables import learned_table
from tests.small_trainings import ENDING

CONFIG = TrainingConfig(epochs=1, max_tokens=96, privacy=Privacy(epsilon=4.0, delta=1e-3, pairs_per_step=4))
RECIPE = LoraRecipe(rank=2, alpha=4.0)


def test_its_bound_is_in_the_note_the_status_and_the_inventory_and_stays_for_the_next_training(
    me: Personalizer,
) -> None:
    trained = me.adapters.train("mine", recipe=RECIPE, config=CONFIG)
    assert trained is not None
    assert trained.report is not None
    spent = trained.report.privacy
    assert spent is not None
    assert 3 < spent.epsilon <= 4
    assert me.adapters.status().privacy is None
    me.adapters.use("mine")
    assert me.adapters.status().privacy == spent
    inventory = take_inventory(me.vault)
    (thing,) = inventory.learned
    assert (thing.epsilon, thing.delta) == (spent.epsilon, 1e-3)
    table = learned_table(inventory, FOR_A_FILE)
    assert dict(zip(table.header, table.rows[0], strict=True))["epsilon"] == round(spent.epsilon, 3)
    me.add(f"day 13 was grey{ENDING}", kind="diary")
    again = me.adapters.retrain("mine")
    assert again is not None
    assert again.report is not None
    assert again.report.privacy is not None
    assert again.report.privacy.n_steps > 0


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"items_in_prompt": 2}, "an item then stands in several pairs"),
        ({"select": 8}, "depends on all of them"),
        ({"refit": True}, "would say how long to train"),
    ],
)
def test_what_lets_one_pair_act_on_others_is_refused(me: Personalizer, options: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        me.adapters.train("mine", config=CONFIG, **options)
    assert me.adapters.list() == []


def test_a_search_is_refused(me: Personalizer) -> None:
    with pytest.raises(ValueError, match="a search does not go with privacy"):
        me.adapters.search("mine", config=CONFIG)
