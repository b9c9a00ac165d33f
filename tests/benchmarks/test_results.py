"""What is kept of the results: little, nothing drawn, and every figure of a table is in the file beside it."""

from pathlib import Path
from types import ModuleType

import pytest

from benchmarks import (
    general_questions,
    kept_run,
    label_priors,
    note_reading,
    persona_placement,
    persona_probe,
    refusals,
    selection_table,
    tables,
)
from benchmarks.study import RESULTS

DRAWN = {".html", ".svg", ".png", ".pdf"}
LARGEST_BYTES = 150_000
LARGEST_SUM_BYTES = 1_200_000
OF_THEIR_OWN = {"faults.json", "locomo.json"}
"""A campaign, whose Markdown also says what its words mean; and numbers without a Markdown."""
FILES = sorted(path for path in RESULTS.rglob("*") if path.is_file())
KEPT = [path for path in FILES if path.suffix == ".json" and path.name not in OF_THEIR_OWN]


def test_nothing_drawn_is_kept_and_no_file_is_large() -> None:
    assert [path.name for path in FILES if path.suffix in DRAWN] == []
    assert [path.name for path in FILES if path.stat().st_size > LARGEST_BYTES] == []
    assert sum(path.stat().st_size for path in FILES) <= LARGEST_SUM_BYTES


@pytest.mark.parametrize("path", KEPT, ids=lambda path: str(path.relative_to(RESULTS)))
def test_the_tables_follow_from_the_kept_file(path: Path) -> None:
    markdown = path.with_name("report.md") if path.name == kept_run.TRIALS else path.with_suffix(".md")
    made = kept_run.markdown_of(path)
    if made is None:
        made = _maker_of(path).markdown_of(path)
    assert made == markdown.read_text("utf-8")


def test_the_table_of_answers_from_notes_follows_from_the_kept_reports() -> None:
    assert note_reading.markdown_of(note_reading.KEPT) == note_reading.TABLE.read_text("utf-8")


def _maker_of(path: Path) -> ModuleType:
    of_their_own = {
        selection_table.RESULTS: selection_table,
        general_questions.RESULT: general_questions,
        persona_placement.RESULT: persona_placement,
        persona_probe.RESULT: persona_probe,
        refusals.RESULT: refusals,
    }
    if path in of_their_own:
        return of_their_own[path]
    return label_priors if path.parent.name == "label-priors" else tables
