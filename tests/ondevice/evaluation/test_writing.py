from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ondevice.errors import StorageError
from ondevice.evaluation.comparisons import comparisons_of
from ondevice.evaluation.gains import mean_gains, task_gains
from ondevice.evaluation.page import page_of
from ondevice.evaluation.report import Report, markdown_of
from ondevice.evaluation.table import rows_of, size_bins
from ondevice.evaluation.writing import write_report
from tests.ondevice.evaluation.test_table import outcome, split_of


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    split = split_of(tmp_path_factory.mktemp("split"), "LaMP_2", ["sci-fi", "comedy", "action", "action"])
    cells = [
        outcome("none", 0, "x", "comedy", "x", "x"),
        outcome("bm25", 1, "sci-fi", "comedy", "x", "action"),
        outcome("bm25", 1, "x", "comedy", "x", "x", history="shuffled"),
        outcome("none", 0, "sci-fi", "comedy", "x", "x", decoding="labels"),
        outcome("bm25", 1, "sci-fi", "comedy", "action", "x", decoding="labels"),
    ]
    about = {"model": "tiny <model>", "split": "dev"}
    return Report(
        about=about,
        rows=rows_of(split, cells),
        bins=size_bins(split, cells, [1, 2, 3, 9]),
        gains=mean_gains(task_gains(split, cells)),
        comparisons=comparisons_of(split, cells),
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, report: Report) -> list[Path]:
    """The report's files, which no test changes: drawing the pictures takes most of the time."""
    return write_report(tmp_path_factory.mktemp("reports") / "new" / "report", report)


class _Page(HTMLParser):
    VOID = frozenset({"meta"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.n_cells = 0
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        self.n_cells += tag == "td"
        self.links += [value for name, value in attrs if name in ("src", "href") and value and value[0] != "#"]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_three_files_say_the_same(report, written):
    paths = written
    assert [path.name for path in paths] == ["lamp.json", "lamp.md", "lamp.html"]
    document = json.loads(paths[0].read_text())
    assert document["rows"][0]["strategy"] == "majority"
    assert {"task", "split", "strategy", "k", "decoding", "n", "n_users", "metric", "value", "low", "high"} <= set(
        document["rows"][0]
    )
    assert "seconds_per_question" in document["rows"][0]
    assert document["mean_gain"][0] == {
        "strategy": "bm25",
        "k": 1,
        "decoding": "free",
        "history": "own",
        "n_tasks": 1,
        "gain": pytest.approx(2.0),
        "low": pytest.approx(2.0),
        "high": pytest.approx(2.0),
    }
    assert document["comparisons"][0]["second"] == "bm25 k=1, shuffled"
    page = _Page()
    page.feed(paths[2].read_text())
    assert page.open == []
    assert page.links == []
    lines = [line for line in markdown_of(report).splitlines() if line.startswith("|") and "---" not in line]
    assert page.n_cells == sum(line.count("|") - 1 for line in lines) - 7 - 8 - 7 - 4  # the heads of the tables


def test_the_page_holds_its_pictures_and_nothing_from_outside(written):
    page = written[2].read_text()
    assert page.count("<svg") == 3
    assert "<script" not in page
    assert "tiny &lt;model&gt;" in page


def test_the_same_run_gives_the_same_bytes(tmp_path, report, written):
    first = [path.read_bytes() for path in written]
    assert first == [path.read_bytes() for path in write_report(tmp_path, report)]


def test_a_written_run_is_told_again_from_its_numbers(report, written):
    numbers, _, page = written
    again = Report.from_document(json.loads(numbers.read_text()))
    assert again.document() == report.document()
    assert page_of(again) == page.read_text()


def test_an_older_run_tells_what_it_has(report):
    document = report.document()
    del document["learning"], document["standings"]
    assert Report.from_document(document).standings == []


def test_the_tables_read_well(report):
    text = markdown_of(report)
    assert "| bm25 | 1 | own | +200.0% (" in text
    assert "| bm25 k=1 | bm25 k=1, shuffled | free | +0.500 | " in text
    assert "| bm25 k=1, shuffled | free | **accuracy** | 0.250 | " in text
    assert "4 questions of 2 users" in text
    assert "| LaMP_2 | bm25 k=1 | labels | 300.0 |" in text


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path, report):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="the report in 'file' cannot be written"):
        write_report(tmp_path / "file", report)
