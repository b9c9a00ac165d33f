from __future__ import annotations

from dataclasses import replace

import pytest

from ondevice.errors import InputError, StorageError
from ondevice.evaluation.conditions import Condition, Decoding
from ondevice.evaluation.learned import NOTES, KeptLearning, LearnedStore, count_adapters
from ondevice.evaluation.learning_costs import learning_costs
from ondevice.evaluation.report import Report, markdown_of
from ondevice.evaluation.table import CellOutcome

TRAINED = KeptLearning(
    key="a", n_items=10, seconds=2.0, n_bytes=3, loss_before=2.0, loss_after=1.0, choice=None, adapter=b"abc"
)
NOTHING = KeptLearning(key="b", n_items=2, seconds=0.0)


def test_what_is_kept_is_there_after_reopening(tmp_path):
    folder = tmp_path / "x.learned"
    store = LearnedStore.beside(tmp_path / "x.jsonl")
    store.put(TRAINED)
    store.put(NOTHING)
    again = LearnedStore(folder)
    assert again.get("a") == TRAINED
    assert again.get("b") == NOTHING
    assert again.get("c") is None
    assert again.adapter(TRAINED) == b"abc"
    assert again.adapter(NOTHING) is None


def test_memory_keeps_as_well():
    store = LearnedStore.beside(None)
    store.put(TRAINED)
    kept = store.get("a")
    assert kept is not None
    assert store.adapter(kept) == b"abc"


def test_a_line_that_a_crash_cut_short_is_dropped(tmp_path):
    LearnedStore(tmp_path).put(TRAINED)
    with (tmp_path / NOTES).open("a") as file:
        file.write('{"key": "b", "n_it')
    store = LearnedStore(tmp_path)
    assert store.get("b") is None
    store.put(NOTHING)
    assert LearnedStore(tmp_path).get("b") == NOTHING


def test_two_runs_may_have_one_folder_and_one_may_be_killed_while_it_writes(tmp_path):
    one, other = LearnedStore(tmp_path), LearnedStore(tmp_path)
    one.put(TRAINED)
    with (tmp_path / NOTES).open("a") as file:
        file.write('{"key": "c", "n_it')  # a third one was killed
    other.put(NOTHING)
    one.put(replace(NOTHING, key="d"))
    again = LearnedStore(tmp_path)
    assert [again.get(key) is not None for key in "abcd"] == [True, True, False, True]


def test_something_else_is_refused_by_line(tmp_path):
    for wrong in ('{"key": "a", "colour": 1}', '{"key": "a", "loss_before": "1"}', "[]"):
        (tmp_path / NOTES).write_text(f"{wrong}\n")
        with pytest.raises(InputError, match="line 1"):
            LearnedStore(tmp_path)


def test_lost_bytes_name_the_remedy(tmp_path):
    store = LearnedStore(tmp_path)
    store.put(TRAINED)
    (tmp_path / "a.gguf").unlink()
    kept = store.get("a")
    assert kept is not None
    with pytest.raises(StorageError, match="cannot be read"):
        store.adapter(kept)


def test_each_history_costs_once_and_too_small_ones_do_not_hide_it():
    def cell(decoding: Decoding) -> CellOutcome:
        condition = Condition(strategy="adapter", k=0, decoding=decoding)
        second = KeptLearning(
            key="c", n_items=30, seconds=4.0, n_bytes=5, loss_before=4.0, loss_after=3.0, choice="both", adapter=None
        )
        return CellOutcome(condition=condition, answers=["x"] * 4, learned=[TRAINED, TRAINED, NOTHING, second])

    (cost,) = learning_costs("LaMP_2", [cell("free"), cell("labels")])
    assert (cost.n_histories, cost.n_trained) == (3, 2)
    assert (cost.items, cost.seconds, cost.most_seconds, cost.bytes) == (20, 3.0, 4.0, 4)
    assert (cost.loss_before, cost.loss_after) == (3.0, 2.0)
    assert cost.choices == {"both": 1}
    assert (cost.n_used, cost.epochs, cost.n_refit, cost.refit_seconds) == (0, None, 0, None)


def test_what_is_learned_for_a_number_of_items_has_a_row_of_its_own():
    def cell(strategy: str, k: int) -> CellOutcome:
        learned = replace(TRAINED, key=f"{strategy} {k}" if strategy == "oppu" else "all", adapter=None)
        condition = Condition(strategy=strategy, k=k, decoding="free")
        return CellOutcome(condition=condition, answers=["x"], learned=[learned])

    costs = learning_costs("LaMP_4", [cell(name, k) for name in ("oppu", "bm25+milp") for k in (1, 4)])
    assert [(cost.strategy, cost.k, cost.n_histories) for cost in costs] == [
        ("oppu", 1, 1),
        ("oppu", 4, 1),
        ("bm25+milp", 0, 1),
    ]
    table = markdown_of(Report(about={}, rows=[], bins=[], learning=costs))
    assert "| LaMP_4 | oppu k=4 | own | 1 |" in table
    assert "| LaMP_4 | bm25+milp | own | 1 |" in table


def test_adapters_that_are_used_and_refits_are_counted_once():
    """Ones that gained nothing are trained and unused; what an earlier release kept knew neither epochs nor refits."""
    refitted = replace(TRAINED, epochs=3, refit_seconds=1.5, is_used=True)
    longer = replace(refitted, key="c", epochs=2, refit_seconds=2.5)
    unused = replace(TRAINED, key="d", loss_after=2.5, epochs=1)
    learned = [refitted, refitted, longer, unused, NOTHING]
    assert count_adapters(learned) == {"used": 2, "trained": 3, "histories": 4}
    assert count_adapters([]) == {}
    condition = Condition(strategy="adapter", k=0, decoding="free")
    (cost,) = learning_costs("LaMP_2", [CellOutcome(condition=condition, answers=["x"] * 5, learned=learned)])
    assert (cost.n_histories, cost.n_trained, cost.n_gained, cost.n_used) == (4, 3, 2, 2)
    assert (cost.epochs, cost.n_refit, cost.refit_seconds) == (2, 2, 2.0)


def test_whether_this_run_uses_it_is_not_kept(tmp_path):
    LearnedStore(tmp_path).put(replace(TRAINED, epochs=3, refit_seconds=1.5, is_used=True))
    kept = LearnedStore(tmp_path).get("a")
    assert kept is not None
    assert (kept.epochs, kept.refit_seconds, kept.is_used) == (3, 1.5, False)
