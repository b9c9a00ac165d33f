"""In the end an adapter may learn the newest items too, never what is left out, and may be interrupted as ever."""

from __future__ import annotations

from typing import Any

import pytest

from ondevice import Personalizer
from ondevice.errors import NotFoundError
from ondevice.learned.adapter_notes import AdapterInfo
from ondevice.records import Filter
from tests.small_trainings import CONFIG, RECIPE, After, Open

N_FIRST = 6
"""Steps of the first training in these settings: three in each of two epochs."""


def trained(me: Personalizer, name: str, **options: Any) -> AdapterInfo:
    info = me.adapters.train(name, recipe=RECIPE, config=CONFIG, **{"refit": True, **options})
    assert info is not None
    assert info.report is not None
    return info


def weights(me: Personalizer, name: str) -> bytes:
    return me.vault.derived.read("adapter", name)


def test_it_comes_after_the_training_and_changes_what_is_kept(me: Personalizer) -> None:
    told: list[tuple[int, int]] = []
    with_it = trained(me, "with", on_progress=lambda done, total: told.append((done, total))).report
    by_default = me.adapters.train("without", recipe=RECIPE, config=CONFIG)
    without = None if by_default is None else by_default.report
    assert with_it is not None
    assert without is not None
    assert (with_it.refit, with_it.refit_epochs, with_it.best_epoch) == ("done", 2, 2)
    assert (without.refit, without.refit_epochs, without.refit_seconds) == ("off", 0, 0.0)
    assert (with_it.loss_before, with_it.loss_after, with_it.n_steps) == (
        without.loss_before,
        without.loss_after,
        without.n_steps,
    )
    assert without.n_steps == N_FIRST
    assert weights(me, "with") != weights(me, "without")
    for name in ("with", "without"):
        kept = weights(me, name)
        me.adapters.retrain(name)
        assert weights(me, name) == kept, "again as before"
    with pytest.raises(TypeError, match="refit"):
        me.adapters.train("style", refit="no")  # type: ignore[arg-type]


def test_the_refit_learns_what_was_held_out_and_nothing_that_is_left_out(me: Personalizer) -> None:
    ids = [item.id for item in me.items.list()]  # the newest first
    left_out, rest = ids[:3], ids[3:]
    trained(me, "told", leave_out=left_out)
    trained(me, "apart", filter=Filter(ids=tuple(rest)))
    assert weights(me, "told") == weights(me, "apart"), "not a bit of it comes from what is left out"
    assert set(me.vault.derived.item_ids("adapter", "told")) == set(rest)
    # Another item at the place of the newest that was held out: other weights.
    trained(me, "other", filter=Filter(ids=(ids[2], *rest[1:])))
    trained(me, "first", filter=Filter(ids=tuple(rest)), refit=False)
    trained(me, "other-first", filter=Filter(ids=(ids[2], *rest[1:])), refit=False)
    assert weights(me, "first") == weights(me, "other-first"), "the first training learns of neither"
    assert weights(me, "other") != weights(me, "apart")


@pytest.mark.parametrize("n_steps", [N_FIRST, N_FIRST + 1])
def test_a_pause_within_it_outlives_closing(me: Personalizer, open_one: Open, n_steps: int) -> None:
    trained(me, "straight")
    paused = trained(me, "style", pause=After(n_steps))
    assert (paused.is_paused, paused.is_ready) == (True, False)
    me.add("something new came while it was paused", kind="diary")
    me.close()
    again = open_one()
    resumed = again.adapters.resume("style")
    assert resumed is not None
    assert resumed.report is not None
    assert (resumed.report.refit, resumed.n_items) == ("done", 12)
    assert weights(again, "style") == weights(again, "straight")
    assert [name for name in again.vault.sealed.names() if name.startswith("checkpoint-")] == []


def test_a_power_cut_within_it_costs_no_more_than_an_epoch(me: Personalizer, open_one: Open) -> None:
    class PowerCut(BaseException):
        pass

    def cut(done: int, total: int) -> None:
        if done == N_FIRST + 1:
            raise PowerCut

    with pytest.raises(PowerCut):
        trained(me, "style", on_progress=cut)
    me.close()
    again = open_one()
    (info,) = again.adapters.list()
    assert (info.is_ready, info.is_paused) == (False, True)
    assert again.adapters.resume("style") is not None
    trained(again, "straight")
    assert weights(again, "style") == weights(again, "straight")


@pytest.mark.parametrize("place", [0, -1])
def test_forgetting_within_it_leaves_nothing(me: Personalizer, place: int) -> None:
    """Whether the item was held out, which is the newest, or learned from all along."""
    before = me.vault.sealed.names()

    def forget(done: int, total: int) -> None:
        if done == N_FIRST + 1:
            assert me.forget(me.items.list()[place].id).verified

    with pytest.raises(NotFoundError, match="forgotten while the adapter was trained"):
        trained(me, "style", on_progress=forget)
    assert me.adapters.list() == []
    assert me.vault.sealed.names() == before
    assert me.vault.lineage.list() == []


def test_a_search_learns_everything_with_its_winner_alone(me: Personalizer) -> None:
    options: dict[str, Any] = {"config": CONFIG, "max_evaluations": 2}
    found = me.adapters.search("found", refit=True, **options)
    apart = me.adapters.search("apart", **options)
    assert found.adapter is not None
    assert apart.adapter is not None
    assert found.adapter.report is not None
    assert apart.adapter.report is not None
    assert [one.nll for one in found.evaluations] == [one.nll for one in apart.evaluations]
    assert (found.adapter.report.refit, apart.adapter.report.refit) == ("done", "off")
    assert weights(me, "found") != weights(me, "apart")
    cancelled = me.adapters.search("none", refit=True, cancel=After(N_FIRST + 3), **options)
    assert (cancelled.stopped, cancelled.adapter) == ("cancelled", None)
