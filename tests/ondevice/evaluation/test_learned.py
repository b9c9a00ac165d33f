from __future__ import annotations

import pytest

from ondevice.errors import InputError, StorageError
from ondevice.evaluation.conditions import Condition, Decoding
from ondevice.evaluation.learned import NOTES, KeptLearning, LearnedStore
from ondevice.evaluation.learning_costs import learning_costs
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
