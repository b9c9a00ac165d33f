"""``ondevice eval notes`` over tiny models."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from benchmarks.kept_run import keep
from tests.command_line import Ran, Run
from tests.ondevice.evaluation.note_reading.talk_files import TALK
from tests.tiny_generator import make_tiny_generator


@pytest.fixture
def evaluate(run: Run, app_models: Path) -> Run:
    def call(*more: str, stdin: str = "") -> Ran:
        models = ("--models", str(app_models), "--encoder", "tiny-encoder", "--generator", "tiny-generator")
        return run("eval", "notes", "--max-tokens", "4", "--threads", "1", *models, *more, stdin=stdin)

    return call


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    (tmp_path / "talks.json").write_text(json.dumps([TALK]))
    return tmp_path / "talks.json"


def test_an_invented_person_is_asked(evaluate: Run, tmp_path: Path):
    more = ("--people", "1", "--questions", "4", "--notes", "none,retrieval", "--out", str(tmp_path / "out"))
    ran = evaluate(*more, "--transcript", "1", "--json")
    assert ran.code == 0
    rows = {row["condition"]: row for row in ran.document["rows"]}
    assert set(rows) == {"none", "retrieval"}
    assert sum(count["n"] for count in rows["none"]["categories"].values()) == 4
    assert ran.document["about"]["people"] == 1
    (entry,) = ran.document["transcript"]
    assert entry["request"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["notes.json", "notes.md", "questions.jsonl"]
    n_answers = len((tmp_path / "out" / "questions.jsonl").read_text().splitlines())
    assert evaluate(*more, "--json").document["rows"] == ran.document["rows"]  # known answers, with their times
    assert len((tmp_path / "out" / "questions.jsonl").read_text().splitlines()) == n_answers


def test_people_get_tables_a_transcript_and_the_command(evaluate: Run, talks: Path, tmp_path: Path):
    ran = evaluate(
        "--locomo", str(talks), "--notes", "retrieval,evidence", "--transcript", "9", "--out", str(tmp_path / "o")
    )
    assert ran.code == 0
    assert "token F1" in ran.out
    assert "one, time: When was the train?" in ran.out
    assert "- 2023-05-08 Ann: the train left at nine" in ran.out
    page = (tmp_path / "o" / "notes.md").read_text()
    assert "ondevice eval notes --locomo talks.json --questions 24 --seed 0 --k 3 --notes retrieval,evidence" in page
    assert "| figure | questions | retrieval | evidence |" in page
    assert str(tmp_path) not in page
    assert "--transcript 9" in page
    assert page.count("one, time: When was the train?") == 1
    assert json.loads((tmp_path / "o" / "notes.json").read_text())["about"]["conversations"] == 1
    keep(tmp_path / "o" / "notes.json", tmp_path / "kept")
    kept = (tmp_path / "kept" / "notes.md").read_text()
    assert [line for line in kept.splitlines() if "seconds" not in line] == [
        line for line in page.splitlines() if "seconds" not in line
    ]


def test_wrong_words_and_missing_files_are_refused(evaluate: Run, tmp_path: Path):
    ran = evaluate("--notes", "all")
    assert ran.code == 2
    assert "none, retrieval, evidence, evidence+" in " ".join(ran.err.split())
    assert evaluate("--locomo", str(tmp_path / "nowhere.json")).code == 6
    ran = evaluate("--talks", "27")
    assert ran.code == 2
    assert "talks must be 0 to 26, not 27" in " ".join(ran.err.split())


def test_unsupported_answers_are_withheld_only_where_sources_are_named(evaluate: Run, app_models: Path, tmp_path: Path):
    few = ("--people", "1", "--questions", "2", "--notes", "none")
    ran = evaluate(*few, "--on-unsupported", "say")
    assert ran.code == 13
    assert "needs a language model that reads numbered notes" in " ".join(ran.err.split())
    models = tmp_path / "models"
    shutil.copytree(app_models / "tiny-encoder", models / "tiny-encoder")
    make_tiny_generator(models / "reads", name="reads", reads_notes=True)
    of_reads = (*few, "--models", str(models), "--generator", "reads", "--out", str(tmp_path / "out"), "--json")
    told = {wanted: evaluate(*of_reads, "--on-unsupported", wanted).document for wanted in ("answer", "say")}
    refused = {
        wanted: [
            row["figures"][name]["value"] for name in ("refused wrongly", "refused rightly") if name in row["figures"]
        ]
        for wanted, document in told.items()
        for row in document["rows"]
    }
    assert set(refused["answer"]) == {0.0}, "what rests on no note is given"
    assert set(refused["say"]) == {1.0}, "or withheld"
    assert "--on-unsupported say" in (tmp_path / "out" / "notes.md").read_text()
    assert told["say"]["about"]["on unsupported"] == "say"


def test_people_may_tell_in_talks(evaluate: Run, tmp_path: Path):
    more = ("--people", "1", "--questions", "9", "--talks", "20", "--notes", "none", "--out", str(tmp_path / "out"))
    ran = evaluate(*more, "--json")
    assert ran.code == 0
    assert ran.document["about"]["stories told in talks"] == 20
    assert any(category.startswith("told ") for category in ran.document["rows"][0]["categories"])
    assert "--talks 20" in (tmp_path / "out" / "notes.md").read_text()
