from __future__ import annotations

import json
import resource
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ondevice.errors import StorageError
from ondevice.evaluation.comparisons import comparisons_of
from ondevice.evaluation.fold_answers import FoldAnswers, TaskAnswers
from ondevice.evaluation.gains import mean_gains, task_gains
from ondevice.evaluation.lamp_data import read_lamp_split
from ondevice.evaluation.learned import KeptLearning
from ondevice.evaluation.learning_costs import learning_costs
from ondevice.evaluation.page import page_of
from ondevice.evaluation.report import Report, markdown_of
from ondevice.evaluation.scores import lead_scores
from ondevice.evaluation.statistics.findings import find
from ondevice.evaluation.table import rows_of, size_bins
from ondevice.evaluation.writing import prepare_report, write_report
from tests.ondevice.evaluation.lamp_files import question, write_split
from tests.ondevice.evaluation.test_table import outcome, split_of

HEADS = (8, 8, 7, 8, 7, 4)
"""So many columns have the report's tables, findings first."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    split = split_of(tmp_path_factory.mktemp("split"), "LaMP_2", ["sci-fi", "comedy", "action", "action"])
    cells = [
        outcome("none", 0, "x", "comedy", "x", "x"),
        outcome("bm25", 1, "sci-fi", "comedy", "x", "action"),
        outcome("bm25", 1, "x", "comedy", "x", "x", history="shuffled"),
        outcome("adapter", 0, "sci-fi", "x", "x", "x"),
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
        findings=find([lead_scores(split, cells)]),
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
        "low": None,  # of two users one alone keeps the reference from 0
        "high": None,
    }
    assert document["comparisons"][0]["second"] == "bm25 k=1, shuffled"
    page = _Page()
    page.feed(paths[2].read_text())
    assert page.open == []
    assert page.links == []
    lines = [line for line in markdown_of(report).splitlines() if line.startswith("|") and "---" not in line]
    assert page.n_cells == sum(line.count("|") - 1 for line in lines) - sum(HEADS)


def test_the_page_holds_its_pictures_and_nothing_from_outside(written):
    page = written[2].read_text()
    assert page.count("<svg") == 4
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
    for name in ("learning", "standings", "intervals", "primary", "primary_by_task", "equivalence"):
        del document[name]
    older = Report.from_document(document)
    assert (older.standings, older.findings.pooled, older.intervals) == ([], [], "bootstrap")
    text = markdown_of(older)
    assert "2 users; 95 % intervals by resampling users. Exploratory." in text
    assert "The score without personalization is taken for known" in text
    assert "What the run has shown" not in text


def test_how_many_adapters_were_used_stands_beside_every_figure(tmp_path):
    split = split_of(tmp_path, "LaMP_2", ["sci-fi", "comedy", "action", "action"])
    used = KeptLearning(key="a", n_bytes=3, loss_before=2.0, loss_after=1.0, is_used=True)
    learned = [used, used, replace(used, key="b", loss_after=3.0, is_used=False), KeptLearning(key="c")]
    cells = [outcome("none", 0, "sci-fi", "x", "x", "x"), outcome("bm25", 1, "sci-fi", "comedy", "x", "x")]
    cells.append(replace(outcome("adapter", 0, "sci-fi", "comedy", "x", "x"), learned=learned))
    # The other task has one history, without an adapter.
    other = split_of(tmp_path / "other", "LaMP_4", ["a", "b"])
    alone = [outcome("none", 0, "a", "x"), outcome("bm25", 1, "a", "b")]
    alone.append(replace(outcome("adapter", 0, "a", "x"), learned=[KeptLearning(key="d")] * 2))
    report = Report(
        about={},
        rows=[*rows_of(split, cells), *rows_of(other, alone)],
        bins=[],
        gains=mean_gains([*task_gains(split, cells), *task_gains(other, alone)]),
        learning=[*learning_costs("LaMP_2", cells), *learning_costs("LaMP_4", alone)],
    )
    lines = markdown_of(report).splitlines()
    head, bm25, adapter = (
        next(line for line in lines if line.startswith(start))
        for start in ("| strategy | k | history |", "| bm25 | 1 | own |", "| adapter | 0 | own |")
    )
    assert head.endswith("| adapters used / trained / histories |")
    assert bm25.endswith("|  |")
    assert adapter.endswith("| 1 / 2 / 4 |"), "over both tasks"
    rows = [line for line in lines if line.startswith("| adapter | free | **")]
    assert [("| 1 / 2 / 3 |" in line, "| 0 / 0 / 1 |" in line) for line in rows] == [(True, False), (False, True)]
    document = report.document()
    counted = {"used": 1, "trained": 2, "histories": 3}
    assert next(row["adapters"] for row in document["rows"] if row["strategy"] == "adapter") == counted
    assert [cost["n_used"] for cost in document["learning"]] == [1, 0]
    assert Report.from_document(json.loads(json.dumps(document))).document() == document


def test_an_older_runs_intervals_of_no_width_are_not_told_again(report):
    document = report.document()
    del document["intervals"]
    row = next(row for row in document["rows"] if row["strategy"] == "bm25")
    row |= {"value": 0.5, "low": 0.5, "high": 0.5, "n_users": 2}
    alone = {
        **row,
        "task": "LaMP_4",
        "metric": "rouge-1",
        "value": 0.2,
        "low": 0.1,
        "high": 0.3,
        "n_users": 1,
        "p": 0.01,
    }
    document["rows"].append(alone)
    text = markdown_of(Report.from_document(document))
    assert "| bm25 k=1 | free | **accuracy** | 0.500 | no spread: no interval |" in text
    assert "| bm25 k=1 | free | **rouge-1** | 0.200 | one user: no interval |" in text


def test_the_tables_read_well(report):
    text = markdown_of(report)
    assert "| bm25 | 1 | own | +200.0% (no interval) | 1 |" in text
    assert "| bm25 k=1 | bm25 k=1, shuffled | free | +0.500 | +0.500" not in text
    assert "| bm25 k=1 | bm25 k=1, shuffled | free | +0.500 | no spread: no interval | 0.500 | 1.000 |" in text
    assert "| bm25 k=1, shuffled | free | **accuracy** | 0.250 | 0.000 to 1.000 |" in text
    assert "4 questions of 2 users; 95 % intervals by Student's t over users. Exploratory." in text
    assert "| LaMP_2 | bm25 k=1 | labels | 300.0 |" in text


def test_what_the_run_has_shown_comes_first_and_alone_may_have_stars(report):
    text = markdown_of(report)
    shown, rest = text.split("## Mean relative gain")
    assert "## What the run has shown" in shown
    assert "| RAG over none | accuracy | 1 | 2 | +0.71 | " in shown
    assert "## Does an adapter alone do nothing?" not in shown  # it was not decoded among labels
    assert "*" not in rest.replace("**", "")


def test_five_questions_of_one_user_have_neither_interval_nor_p_value(tmp_path):
    asked = [question("LaMP_4", str(n), user="u") for n in range(5)]
    golds = [{"id": str(n), "output": gold} for n, gold in enumerate("abcde")]
    split = read_lamp_split(write_split(tmp_path / "LaMP_4", "LaMP_4", asked, golds=golds), "dev")
    cells = [
        outcome("none", 0, *"axxxx"),
        outcome("bm25", 1, *"abcdx"),
        outcome("bm25", 1, *"axxxx", history="shuffled"),
        outcome("adapter", 0, *"axxxx"),
    ]
    alone = Report(
        about={},
        rows=rows_of(split, cells),
        bins=size_bins(split, cells, [1] * 5),
        gains=mean_gains(task_gains(split, cells)),
        comparisons=comparisons_of(split, cells),
        findings=find([lead_scores(split, cells)]),
    )
    text = markdown_of(alone)
    assert "| bm25 k=1 | free | **rouge-1** | 0.800 | one user: no interval | +300.0% |" in text
    assert "| RAG over none | rouge-1 | 0 | 0 |  | one user: no interval |  |  |" in text
    assert "| LaMP_4 | RAG over none | rouge-1 | 1 | +0.600 | one user: no interval |  |  |" in text
    assert "| PEFT over none | LaMP_4 | rouge-1 | 1 | +0.000 | one user: no interval | 0.02 |  | not shown |" in text
    assert " to " not in "".join(line for line in text.splitlines() if line.startswith("|"))
    document = json.loads(json.dumps(alone.document()))
    uncertain = [
        each[name]
        for key in ("primary", "primary_by_task", "equivalence", "rows", "mean_gain", "comparisons")
        for each in document[key]
        for name in ("low", "high", "p", "p_holm", "gain_low", "gain_high", "spread", "smallest")
        if name in each
    ]
    assert len(uncertain) > 20
    assert set(uncertain) == {None}
    assert "one user: no interval" in page_of(alone)


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path, report):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="the report in 'file' cannot be written"):
        write_report(tmp_path / "file", report)
    with pytest.raises(StorageError, match="the report in 'file' cannot be written"):
        prepare_report(tmp_path / "file")
    prepare_report(tmp_path / "new" / "report")
    assert [*(tmp_path / "new" / "report").iterdir()] == []


def test_without_the_plots_library_nothing_is_measured_for_a_report(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="pip install"):
        prepare_report(tmp_path)


def test_a_full_disk_leaves_the_report_before(tmp_path, report, written):
    write_report(tmp_path, report)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(StorageError, match="cannot be written"):
            write_report(tmp_path, replace(report, about={"model": "another"}))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [(tmp_path / path.name).read_bytes() for path in written] == [path.read_bytes() for path in written]


def test_what_was_asked_and_answered_is_kept_whatever_letters_it_has(tmp_path, report):
    odd = "q\ud800"  # half a letter, which JSON can write and UTF-8 cannot
    cell = outcome("none", 0, "\u2028")
    settings, about = {"from-history": 0}, {"seconds in all": 1}
    task = TaskAnswers(name="LaMP_4", data="0", ids=[odd], cells=[cell])
    told = FoldAnswers(fold=1, model="m", has_learned=False, settings=settings, about=about, tasks=[task])
    write_report(tmp_path, replace(report, answers=told))
    (again,) = FoldAnswers.read(tmp_path).tasks
    assert (again.ids, again.cells[0].answers) == ([odd], ["\u2028"])
