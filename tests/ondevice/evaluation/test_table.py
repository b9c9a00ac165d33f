from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.evaluation.conditions import Condition, Decoding
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.evaluation.table import CellOutcome, Row, rows_of, size_bins
from tests.ondevice.evaluation.lamp_files import question, write_split


def split_of(tmp_path: Path, task: str, golds: list[str]) -> LampSplit:
    asked = [question(task, str(n), user=f"u{n // 2}") for n in range(len(golds))]
    outputs = [{"id": str(n), "output": gold} for n, gold in enumerate(golds)]
    return read_lamp_split(write_split(tmp_path / task, task, asked, golds=outputs), "dev")


def outcome(strategy: str, k: int, *answers: str, decoding: Decoding = "free", history: str = "own") -> CellOutcome:
    condition = Condition(strategy=strategy, k=k, decoding=decoding, history=history)  # type: ignore[arg-type]
    return CellOutcome(condition=condition, answers=answers, seconds=[0.5] * len(answers), parts_ms={"read": 300.0})


def row(rows: list[Row], strategy: str, metric: str, **wanted: object) -> Row:
    (found,) = (
        each
        for each in rows
        if (each.strategy, each.metric) == (strategy, metric)
        and all(getattr(each, name) == value for name, value in wanted.items())
    )
    return found


def test_a_cell_has_value_interval_gain_and_time(tmp_path):
    split = split_of(tmp_path, "LaMP_3", ["1", "2", "3", "4"])
    rows = rows_of(split, [outcome("none", 0, "3", "3", "3", "3"), outcome("bm25", 1, "1", "2", "3", "3")])
    cell = row(rows, "bm25", "mae")
    assert (cell.value, cell.n, cell.n_users, cell.seconds_per_question) == (1 / 4, 4, 2, 0.5)
    assert cell.low is not None
    assert cell.high is not None
    assert cell.low <= cell.value <= cell.high
    assert cell.gain is not None
    assert cell.gain == pytest.approx((1.0 - 0.25) / 1.0)  # none errs by (2 + 1 + 0 + 1) / 4 = 1
    assert cell.gain_low is not None
    assert cell.gain_high is not None
    assert cell.gain_low <= cell.gain <= cell.gain_high
    assert cell.p == 1.0  # of two users nothing is beyond chance
    assert row(rows, "bm25", "rmse").p is None
    none = row(rows, "none", "mae")
    assert (none.value, none.gain, none.p) == (1.0, None, None)


def test_the_oracle_takes_the_best_answer_to_each_question_but_no_control(tmp_path):
    split = split_of(tmp_path, "LaMP_4", ["a", "b", "c", "d"])
    rows = rows_of(
        split,
        [
            outcome("none", 0, "a", "x", "x", "x"),
            outcome("bm25", 1, "x", "b", "x", "x"),
            outcome("bm25", 1, "x", "x", "x", "d", history="other"),
        ],
    )
    assert row(rows, "oracle", "rouge-1").value == 2 / 4


def test_baselines_stand_in_the_same_table(tmp_path):
    split = split_of(tmp_path, "LaMP_3", ["4", "5"])  # every entry of the test's histories has score 4
    rows = rows_of(split, [outcome("none", 0, "1", "1")])
    assert row(rows, "majority", "mae").value == row(rows, "user-majority", "mae").value == 1 / 2


def test_decodings_have_references_of_their_own(tmp_path):
    split = split_of(tmp_path, "LaMP_2", ["sci-fi", "comedy"])
    cells = [
        outcome("none", 0, "x", "comedy"),
        outcome("bm25", 1, "sci-fi", "comedy"),
        outcome("none", 0, "sci-fi", "comedy", decoding="labels"),
        outcome("bm25", 1, "sci-fi", "comedy", decoding="labels"),
    ]
    rows = rows_of(split, cells)
    assert row(rows, "bm25", "accuracy", decoding="free").gain == 1.0
    assert row(rows, "bm25", "accuracy", decoding="labels").gain == 0.0
    with pytest.raises(ValueError, match="one run without personalization, not 0"):
        rows_of(split, cells[1:2])


def test_without_a_reference_above_zero_there_is_no_gain(tmp_path):
    split = split_of(tmp_path, "LaMP_4", ["a", "b"])
    cell = row(rows_of(split, [outcome("none", 0, "x", "x"), outcome("bm25", 1, "a", "x")]), "bm25", "rouge-1")
    assert (cell.value, cell.gain, cell.gain_low, cell.gain_high) == (1 / 2, None, None, None)
    assert cell.p is None  # of one user


def test_bins_hold_every_question_once(tmp_path):
    split = split_of(tmp_path, "LaMP_4", list("abcdef"))
    cells = [outcome("none", 0, *"xxxxxx"), outcome("bm25", 1, *"abcxxx")]
    bins = size_bins(split, cells, [1, 2, 2, 7, 8, 9])
    assert sum(each.n for each in bins) == 6
    assert [(each.least, each.most, each.value, each.none) for each in bins] == [
        (1, 2, 1.0, 0.0),
        (7, 7, 0.0, 0.0),
        (8, 9, 0.0, 0.0),
    ]
    assert [each.n for each in size_bins(split, cells, [5] * 6)] == [6]
