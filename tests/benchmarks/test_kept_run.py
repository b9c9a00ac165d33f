"""Keeping what a run reported: less of it, and the same tables."""

import shutil
from pathlib import Path

from benchmarks import kept_run
from benchmarks.study import RESULTS
from export.gate.bounds import Bounds
from export.gate.report import report
from ondevice.evaluation.report import markdown_of
from ondevice.evaluation.writing import write_report


def test_an_evaluation_is_kept_in_less_and_tells_the_same(tmp_path: Path) -> None:
    learned = kept_run.read_lamp(RESULTS / "lamp" / "smollm2-135m-instruct" / "learning" / "lamp.json")
    source = write_report(tmp_path / "report", learned)[0]
    kept_run.main([str(source), str(tmp_path / "kept")])
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["lamp.json", "lamp.md"]
    assert kept_run.read_lamp(tmp_path / "kept" / "lamp.json") == learned
    assert (tmp_path / "kept" / "lamp.md").read_text("utf-8") == markdown_of(learned)
    assert (tmp_path / "kept" / "lamp.json").stat().st_size < source.stat().st_size / 2


def test_a_conversion_is_kept_without_its_pictures(tmp_path: Path) -> None:
    rows = [{"recipe": name, "cosine": 1 - n / 300, "MB": 90.0 - n, "fault": None} for n, name in enumerate("abc")]
    report(tmp_path / "report", rows, "tiny", bounds=Bounds(cosine_mean_min=0.9))
    kept_run.keep(tmp_path / "report" / "results.json", tmp_path / "kept")
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["report.md", "results.json"]
    text = (tmp_path / "kept" / "report.md").read_text("utf-8")
    assert "![" not in text
    assert "`make report` draws" in text
    assert (tmp_path / "report" / "report.md").read_text("utf-8").splitlines()[:8] == text.splitlines()[:8]
    assert kept_run.read_trials(tmp_path / "kept" / "results.json").bounds == Bounds(cosine_mean_min=0.9)


def test_what_has_no_tables_is_kept_alone(tmp_path: Path) -> None:
    shutil.copy(RESULTS / "lamp" / "locomo.json", tmp_path)
    kept_run.keep(tmp_path / "locomo.json", tmp_path / "kept")
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["locomo.json"]
    assert (tmp_path / "kept" / "locomo.json").read_bytes() == (RESULTS / "lamp" / "locomo.json").read_bytes()
