"""The search for a recipe on a profile's own items, for real: tiny trainings, and the best adapter kept as it came."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ondevice import EngineConfig, ModelSet, Personalizer
from ondevice.adaptation.recipes.prior import load_prior
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.config import DEFAULT_GENERATOR
from ondevice.errors import AdaptationError, NotFoundError
from ondevice.learned.recipe_search import _names, _prior
from tests.tiny_adapters import keep_adapter

CONFIG = TrainingConfig(epochs=1, learning_rate=1e-2, batch_tokens=400, max_tokens=160)
IDLE = TrainingConfig(epochs=1, learning_rate=1e-12, batch_tokens=400, max_tokens=160)
WILD = TrainingConfig(epochs=1, learning_rate=1e30, batch_tokens=400, max_tokens=160)


@pytest.fixture(autouse=True)
def one_torch_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def me(tmp_path: Path, app_models: Path) -> Iterator[Personalizer]:
    with Personalizer.open(
        tmp_path / "me",
        app_key=b"k" * 32,
        models=ModelSet(app_models, encoder=None, generator="tiny-generator", engine=EngineConfig(threads=1)),
    ) as opened:
        for number in range(12):
            opened.add(f"day {number} was grey and so it was all right in the end", kind="diary")
        yield opened


def test_the_best_recipes_adapter_is_kept_as_a_training_would_make_it(me: Personalizer) -> None:
    told: list[tuple[int, int]] = []
    found = me.adapters.search(
        "style",
        config=CONFIG,
        items_in_prompt=1,
        max_evaluations=5,
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert (found.stopped, found.prior, found.n_items) == ("done", None, 12)
    assert [one.origin for one in found.evaluations[:2]] == ["none", "default"]
    assert all(one.nll is not None and one.seconds > 0 for one in found.evaluations)
    assert told == [(done, 5) for done in range(1, 6)]
    assert found.winner is not None
    assert found.winner in [one.recipe for one in found.front]
    assert found.adapter is not None
    assert (found.adapter.recipe, found.adapter.is_ready, found.adapter.is_in_use) == (found.winner, True, False)
    assert found.adapter.report is not None
    assert [found.adapter.report.loss_after] == [one.nll for one in found.front if one.recipe == found.winner]
    assert found.why[0].startswith("rank ")
    me.adapters.train("again", recipe=found.winner, config=CONFIG, items_in_prompt=1)
    assert me.vault.derived.read("adapter", "style") == me.vault.derived.read("adapter", "again")
    again = me.adapters.retrain("style")
    assert again is not None
    assert again.recipe == found.winner
    assert "grey" not in repr(found)


def test_where_no_adapter_is_best_the_old_one_stays(me: Personalizer) -> None:
    keep_adapter(me, "style", [me.items.list()[0].id])
    me.adapters.use("style")
    before = me.vault.derived.read("adapter", "style")
    found = me.adapters.search("style", config=IDLE, max_evaluations=2)
    assert (found.adapter, found.winner, found.stopped) == (None, None, "done")
    assert found.why[0].startswith("no adapter: ")
    assert me.vault.derived.read("adapter", "style") == before
    assert me.adapters.status().in_use == "style"


def test_a_cancelled_search_keeps_nothing(me: Personalizer) -> None:
    done_so_far: list[int] = []
    found = me.adapters.search(
        "style",
        config=CONFIG,
        on_progress=lambda done, total: done_so_far.append(done),
        cancel=lambda: len(done_so_far) >= 2,
    )
    assert (found.stopped, found.adapter, len(found.evaluations)) == ("cancelled", None, 2)
    assert me.adapters.list() == []
    assert me.vault.lineage.list() == []


def test_what_was_measured_in_time_decides(me: Personalizer, monkeypatch: pytest.MonkeyPatch) -> None:
    now, later = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now() + later[0])

    def on_progress(done: int, total: int) -> None:
        later[0] = 1e6 if done == 2 else 0.0

    found = me.adapters.search("style", config=CONFIG, max_seconds=1e5, on_progress=on_progress)
    assert (found.stopped, len(found.evaluations), found.winner) == ("time", 2, LoraRecipe())
    assert me.adapters.status().adapters == ("style",)


def test_forgetting_an_item_ends_the_search(me: Personalizer) -> None:
    victim = me.items.list()[3].id

    def on_progress(done: int, total: int) -> None:
        if done == 2:
            assert me.forget(victim).verified

    with pytest.raises(NotFoundError, match="1 of 12 items were forgotten"):
        me.adapters.search("style", config=CONFIG, on_progress=on_progress)
    assert me.adapters.list() == []
    assert me.adapters.status().training is None


@pytest.mark.parametrize(
    ("config", "max_seconds", "says"),
    [
        (CONFIG, 1e-9, "was over before the default recipe was measured"),
        (WILD, None, "none of 1 trainings succeeded, the first because: the training diverged"),
    ],
)
def test_a_search_that_measures_nothing_is_a_clear_error(
    me: Personalizer, config: TrainingConfig, max_seconds: float | None, says: str
) -> None:
    keep_adapter(me, "style", [me.items.list()[0].id])
    before = me.vault.derived.read("adapter", "style")
    with pytest.raises(AdaptationError, match=says) as caught:
        me.adapters.search("style", config=config, max_evaluations=2, max_seconds=max_seconds)
    assert caught.value.hint is not None
    assert me.vault.derived.read("adapter", "style") == before
    assert me.adapters.status().training is None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": "My Style"}, "a-z, 0-9, dash and underscore"),
        ({"max_evaluations": 1}, "max_evaluations must be 2 or more"),
        ({"max_seconds": 0.0}, "max_seconds must be more than 0"),
        ({"max_parameters": 1}, "no adapter of this model has at most 1 parameters"),
        ({"task": "LaMP_9"}, "no task 'LaMP_9'"),
    ],
)
def test_misuse_of_a_search_is_a_value_error(me: Personalizer, given: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        me.adapters.search(**given)  # type: ignore[arg-type]
    assert me.adapters.list() == []


def test_a_prior_is_taken_for_its_base_alone(me: Personalizer) -> None:
    tiny = me.adapters._trainings.weights.base().shape
    assert _prior(_names(me.generator.bundle()), tiny) == (None, ())
    assert _prior({DEFAULT_GENERATOR}, tiny) == (None, ()), "it has another number of blocks"
    basis, points = _prior({"my-merged", DEFAULT_GENERATOR}, replace(tiny, n_blocks=30))
    assert basis is not None
    assert points == load_prior(DEFAULT_GENERATOR).points
