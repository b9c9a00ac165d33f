"""Pages and pictures of the kept results, drawn from the files that git has; no model is there."""

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import report
from benchmarks.recipe_cases import BUDGETS, SEARCHES, figures, replayed
from benchmarks.recipe_objectives import made_up_users
from benchmarks.recipe_plot import regret_plot
from benchmarks.study import RESULTS

N_PAGES = 2
"""So many evaluations are drawn, the smallest: each takes a second, and all are drawn alike."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kept results, but of the evaluations only some."""
    folder: Path = tmp_path_factory.mktemp("kept") / "results"
    runs = sorted(RESULTS.rglob("lamp.json"), key=lambda path: path.stat().st_size)
    shutil.copytree(RESULTS, folder, ignore=lambda place, names: [n for n in names if Path(place, n) in runs[N_PAGES:]])
    return folder


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, results: Path) -> Path:
    """The folder that ``make report`` fills."""
    out: Path = tmp_path_factory.mktemp("drawn")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONDEVICE_MODELS", str(out / "no models"))
        patch.setattr(report, "RESULTS", results)
        report.main([str(out)])
    return out


def test_every_evaluation_becomes_a_page_with_its_plots(drawn: Path, results: Path) -> None:
    kept = sorted(path.parent.relative_to(results) for path in results.rglob("lamp.json"))
    assert sorted(path.parent.relative_to(drawn) for path in drawn.rglob("*.html")) == kept
    assert len(kept) == N_PAGES
    for page in drawn.rglob("*.html"):
        text = page.read_text("utf-8")
        assert text.count("<svg") == text.count("</svg>") == 3
        assert "<script" not in text
        assert "<table>" in text


def test_every_conversion_is_drawn_against_speed_and_against_size(drawn: Path) -> None:
    for name in ("minilm-l6-fp32", "all-mpnet-base-v2"):
        pictures = {path.name: path.read_bytes() for path in (drawn / "encoders" / name).iterdir()}
        assert sorted(pictures) == ["quality-size.png", "quality-size.svg", "quality-speed.png", "quality-speed.svg"]
        for file, data in pictures.items():
            assert data.startswith(b"\x89PNG" if file.endswith("png") else b"<?xml")


def test_the_searches_of_recipes_have_a_line_each(drawn: Path) -> None:
    (picture,) = ElementTree.parse(drawn / "recipe-search.svg").iter("{http://www.w3.org/2000/svg}svg")
    said = {text.strip() for text in picture.itertext()}
    assert {*SEARCHES, "ours, halving, prior of the others", "3 recorded users", "24 made-up users"} <= said


def test_nothing_else_is_drawn(drawn: Path) -> None:
    assert {path.suffix for path in drawn.rglob("*") if path.is_file()} == {".html", ".png", ".svg"}
    assert not (drawn / "selection").exists()


def test_a_search_yields_the_rows_that_are_drawn() -> None:
    users = list(made_up_users(2))
    rows = list(figures("made-up · blind", replayed(SEARCHES["blind"], users, 1)))
    costs = [row.median for row in rows if row.case.startswith("cost after")]
    assert costs == [budget - 1 for budget in BUDGETS]
    assert "2 made-up users" in regret_plot(rows)
