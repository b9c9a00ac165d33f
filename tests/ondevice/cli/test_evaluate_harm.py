"""``ondevice eval harm`` over tiny models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.kept_run import keep
from tests.command_line import Ran, Run
from tests.ondevice.evaluation.lamp_files import question, write_split


@pytest.fixture
def evaluate(run: Run, app_models: Path) -> Run:
    def call(*more: str, stdin: str = "") -> Ran:
        models = ("--models", str(app_models), "--encoder", "tiny-encoder", "--generator", "tiny-generator")
        return run("eval", "harm", "--max-tokens", "4", *models, *more, stdin=stdin)

    return call


def test_invented_people_get_figures_a_gate_and_a_page(evaluate: Run, tmp_path: Path):
    out = tmp_path / "out"
    more = ("--people", "2", "--requests", "2", "--stale", "1", "--out", str(out))
    ran = evaluate(*more, "--gate", "99", "--gate-right", "1", "--json")
    assert ran.code == 0
    assert [(row["way"], row["whose"]) for row in ran.document["rows"]] == [
        ("none", "own"),
        ("retrieval", "own"),
        ("retrieval", "other"),
    ]
    assert ran.document["rows"][1]["lost"]["n"] == 4
    assert ran.document["stale"][0]["right"]["n"] == 2
    assert ran.document["gate"]["is_open"] is True
    assert ran.document["about"]["threads"] == 1
    assert sorted(path.name for path in out.iterdir()) == ["answers.jsonl", "harm.json", "harm.md"]
    page = (out / "harm.md").read_text()
    assert "ondevice eval harm --people 2 --requests 2 --seed 0 --stale 1 --ways retrieval --gate 99" in page
    assert "| retrieval, another's profile | 4 |" in page
    assert "## The gate is open" in page
    assert str(tmp_path) not in page
    keep(out / "harm.json", tmp_path / "kept")
    assert (tmp_path / "kept" / "harm.md").read_text() == page

    n_answers = len((out / "answers.jsonl").read_text().splitlines())
    ran = evaluate(*more)  # from the answers that are known
    assert ran.code == 0
    assert "follows the old" in ran.out
    assert len((out / "answers.jsonl").read_text().splitlines()) == n_answers

    # what the profile took is planted in the known answers: the gate closes, and the report is written all the same
    known = [json.loads(line) for line in (out / "answers.jsonl").read_text().splitlines()]
    for number, line in enumerate(known):
        line["nats"] = 1.0 + number / 1000 + (3.0 if line["n_prompt_tokens"] > 200 else 0.0)
    (out / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in known))
    ran = evaluate(*more, "--gate", "0.5")
    assert ran.code == 1
    assert "the gate is closed" in ran.out
    assert "## The gate is closed" in (out / "harm.md").read_text()


def test_lamp_histories_may_be_attached(evaluate: Run, tmp_path: Path):
    asked = [question("LaMP_4", f"{n}", user=f"user {n}") for n in range(3)]
    write_split(tmp_path / "LAMP" / "LaMP_4", "LaMP_4", asked)
    ran = evaluate("--data", str(tmp_path / "LAMP"), "--people", "2", "--requests", "1", "--no-other", "--json")
    assert ran.code == 0
    assert ran.document["stale"] == ran.document["own_against_other"] == []
    assert ran.document["about"]["profiles of"] == "LaMP's users, dev"
    assert [row["nats"]["n_users"] for row in ran.document["rows"]] == [2, 2]


def test_the_folder_in_which_one_stands_has_its_name(evaluate: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_split(tmp_path / "LAMP" / "LaMP_4", "LaMP_4", [question("LaMP_4", "1", user="ann")])
    monkeypatch.chdir(tmp_path / "LAMP")
    out = tmp_path / "out"
    assert evaluate("--data", ".", "--people", "1", "--requests", "1", "--no-other", "--out", str(out)).code == 0
    assert "--data LAMP" in (out / "harm.md").read_text()
    ran = evaluate("--data", ".", "--split", "test")
    assert "'LAMP' has no folder with test_questions.json" in ran.err


def test_what_does_not_fit_is_refused_before_anything_is_asked(evaluate: Run, tmp_path: Path):
    for options, said in (
        (("--ways", "rag"), "--ways takes some of retrieval, adapter, both"),
        (("--gate", "0.1", "--people", "1"), "needs --people 2 or more"),
        (("--gate-right", "-1"), "a gate's limit is 0 or more, not -1"),
        (("--tasks", "LaMP_4"), "name it too"),
        (("--ways", "both", "--adapter", "some"), "leave out --adapter"),
        (("--threads", "513"), "Invalid value for '--threads'"),
    ):
        ran = evaluate(*options)
        assert ran.code == 2
        assert said in " ".join(ran.err.split())
    assert evaluate("--data", str(tmp_path / "nowhere")).code == 6
