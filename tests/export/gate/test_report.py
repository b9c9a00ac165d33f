from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest

from export.gate.bounds import Bounds
from export.gate.report import Row, Trials, markdown_of, plots_of, report
from ondevice.errors import StorageError

BOUNDS = Bounds(cosine_mean_min=0.995)
ROWS: list[Row] = [
    {"recipe": "fp32", "cosine": 1.0, "speed_ratio": 1.0, "MB": 90.0, "fault": None},
    {"recipe": "int8", "cosine": 0.998, "speed_ratio": 3.4, "MB": 23.0, "fault": None},
    {"recipe": "int4", "cosine": 0.91, "speed_ratio": None, "MB": 14.0, "fault": "cosine 0.91 | at least 0.995"},
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of some rows, which no test changes."""
    folder: Path = tmp_path_factory.mktemp("reports") / "a" / "report"
    report(folder, ROWS, "MiniLM", bounds=BOUNDS)
    return folder


def test_a_report_has_a_table_the_numbers_and_the_plots(written: Path) -> None:
    folder = written
    assert sorted(path.name for path in folder.iterdir()) == [
        "quality-size.png",
        "quality-size.svg",
        "quality-speed.png",
        "quality-speed.svg",
        "report.md",
        "results.json",
    ]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    results = json.loads((folder / "results.json").read_text())
    assert results["rows"] == ROWS
    assert results["bounds"] == {"cosine_mean_min": 0.995}
    text = (folder / "report.md").read_text()
    assert "| int8 | 0.9980 | 3.40 | 23.0 |  |" in text
    assert "| int4 | 0.9100 |  | 14.0 | cosine 0.91 \\| at least 0.995 |" in text
    assert "![quality-speed](quality-speed.png)" in text


def test_the_same_rows_give_the_same_bytes_and_replace_the_old(written: Path, tmp_path: Path) -> None:
    again = shutil.copytree(written, tmp_path / "again")
    for path in again.iterdir():
        path.write_text("old")
    report(again, ROWS, "MiniLM", bounds=BOUNDS)
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in written.iterdir()
    }


def test_what_was_written_is_drawn_again_on_another_machine(written: Path) -> None:
    document = json.loads((written / "results.json").read_text())
    found = Trials.from_document(document)
    assert found.document() == document
    assert (written / "report.md").read_text().startswith(markdown_of(found))
    elsewhere = Trials.from_document({**document, "cpu": "another"})
    assert {plot.subtitle for plot in plots_of(elsewhere).values()} == {
        "2 of 3 drawn, measured on another",
        "3 of 3 drawn, measured on another",
    }


def test_a_single_row_is_told_without_plots(tmp_path: Path) -> None:
    report(tmp_path, ROWS[:1], "one")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.md", "results.json"]
    assert "![" not in (tmp_path / "report.md").read_text()


def test_rows_of_different_columns_are_a_mistake(tmp_path: Path) -> None:
    for rows in ([], [ROWS[0], {"recipe": "x"}], [{"cosine": 1.0}]):
        with pytest.raises(ValueError, match="the same columns"):
            report(tmp_path, rows, "bad")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    with pytest.raises(StorageError, match="the report 'file' cannot be written"):
        report(tmp_path / "file", ROWS[:1], "no")
