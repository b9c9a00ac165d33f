from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ondevice.evaluation.disjoint import DisjointFigures, disjoint_figures, disjoint_lines
from ondevice.evaluation.table import CellOutcome, rows_of
from tests.ondevice.evaluation.test_table import outcome, row, split_of

GOLDS = ["sci-fi", "comedy", "action", "action"]


def cells() -> list[CellOutcome]:
    return [outcome("none", 0, "sci-fi", "comedy", "x", "x"), outcome("bm25", 1, "sci-fi", "x", "x", "action")]


def test_the_lead_figures_are_those_of_the_disjoint_questions_alone(tmp_path: Path) -> None:
    split = split_of(tmp_path, "LaMP_2", GOLDS)
    figures = disjoint_figures(split, cells(), [1, 2, 3])
    assert (figures.n, figures.n_disjoint) == (4, 3)
    assert {each.metric for each in figures.rows} == {"accuracy"}
    rows = list(figures.rows)
    assert row(rows, "none", "accuracy").value == pytest.approx(1 / 3)
    assert row(rows, "none", "accuracy").n == 3
    assert row(rows, "bm25", "accuracy").value == pytest.approx(1 / 3)
    assert row(rows, "oracle", "accuracy").value == pytest.approx(2 / 3)
    lines = disjoint_lines([figures], rows_of(split, cells()))
    assert "- LaMP_2: 3 of 4 questions" in lines
    assert "| LaMP_2 | none | free | accuracy | 0.500 | 0.333 |  |  |" in lines
    assert "| LaMP_2 | bm25 k=1 | free | accuracy | 0.500 | 0.333 | +0.0% | +0.0% |" in lines
    assert "| LaMP_2 | oracle | free | accuracy | 0.750 | 0.667 |  |  |" in lines


def test_what_a_cell_has_for_each_question_goes_with_its_question(tmp_path: Path) -> None:
    split = split_of(tmp_path, "LaMP_2", GOLDS)
    told = [replace(each, seconds=[1.0, 2.0, 3.0, 6.0], choices=["bm25", "none", "none", "bm25"]) for each in cells()]
    none = row(list(disjoint_figures(split, told, [0, 3]).rows), "none", "accuracy")
    assert (none.seconds_per_question, none.choices) == (3.5, {"bm25": 2})


@pytest.mark.parametrize(
    ("places", "n_disjoint", "said"),
    [
        (None, None, "not known of its 4 questions, because the data have no train split of it"),
        ([], 0, "0 of 4 questions"),
        ([0, 1, 2, 3], 4, "4 of 4 questions"),
    ],
)
def test_figures_that_do_not_differ_are_not_told_twice(
    tmp_path: Path, places: list[int] | None, n_disjoint: int | None, said: str
) -> None:
    split = split_of(tmp_path, "LaMP_2", GOLDS)
    figures = disjoint_figures(split, cells(), places)
    assert figures == DisjointFigures(task="LaMP_2", n=4, n_disjoint=n_disjoint)
    lines = disjoint_lines([figures], rows_of(split, cells()))
    assert f"- LaMP_2: {said}" in lines
    assert not any(line.startswith("|") for line in lines)


def test_an_older_run_tells_nothing_of_it() -> None:
    assert disjoint_lines([], []) == []
