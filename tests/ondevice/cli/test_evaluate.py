"""``ondevice eval`` over tiny models and data sets made on the spot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ondevice.evaluation.answers import AnswerStore
from tests.command_line import Run
from tests.ondevice.evaluation.lamp_files import question, write_split
from tests.ondevice.evaluation.persona_runs import persona_models
from tests.ondevice.evaluation.test_retrieval import TALKS


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for task in ("LaMP_3", "LaMP_4"):
        asked = [question(task, str(n), user=f"u{n}") for n in range(3)]
        write_split(tmp_path / "lamp" / task, task, asked)
    others = [question("LaMP_3", f"t{n}", user=f"other{n}") for n in range(2)]
    others = [{**each, "input": f"{each['input']} {each['id']}"} for each in others]
    write_split(tmp_path / "lamp" / "LaMP_3", "LaMP_3", others, split="train")
    return tmp_path / "lamp"


@pytest.fixture
def evaluate(run: Run, data: Path, app_models: Path) -> Run:
    def call(*more: str) -> object:
        models = ("--models", str(app_models), "--encoder", "tiny-encoder", "--generator", "tiny-generator")
        return run("eval", "lamp", "--data", str(data), "--max-tokens", "4", "--k", "1", *models, *more)

    return call  # type: ignore[return-value]


def test_all_tasks_and_cells_in_one_document(evaluate):
    ran = evaluate("--strategies", "bm25,dense", "--limit", "2", "--json")
    assert ran.code == 0
    document = ran.document
    assert {row["task"] for row in document["rows"]} == {"LaMP_3", "LaMP_4"}
    assert {row["n"] for row in document["rows"]} == {2}
    cells = {(row["strategy"], row["decoding"], row["history"]) for row in document["rows"] if row["task"] == "LaMP_3"}
    for decoding in ("free", "labels"):
        own = {(name, decoding, "own") for name in ("none", "bm25", "dense", "oracle")}
        assert own | {("bm25", decoding, "other"), ("bm25", decoding, "shuffled")} <= cells
    assert ("user-majority", "none", "own") in cells
    assert document["about"]["model"] == "tiny-generator"
    assert document["by_profile_size"]
    assert [(prior["task"], prior["k"], prior["n"]) for prior in document["label_priors"]] == [
        ("LaMP_3", 0, 2),
        ("LaMP_3", 1, 2),
    ]
    assert {(each["task"], each["decoding"]) for each in document["agreements"]} == {
        ("LaMP_3", "free"),
        ("LaMP_3", "labels"),
        ("LaMP_4", "free"),
    }
    measured = [row for row in document["rows"] if row["strategy"] in ("none", "bm25", "dense")]
    assert all(row["likelihood"] > 0 and row["best_none_decoding"] for row in measured)


def test_people_get_tables_and_a_report(evaluate, tmp_path):
    ran = evaluate("--tasks", "LaMP_4", "--strategies", "recency", "--control", "no", "--report", str(tmp_path / "r"))
    assert ran.code == 0
    assert "recency k=1" in ran.out
    assert "LaMP_4: 3 questions done" in ran.err
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == ["lamp.html", "lamp.json", "lamp.md"]


def test_what_the_run_has_shown_comes_first(evaluate):
    ran = evaluate("--tasks", "LaMP_4", "--strategies", "bm25", "--control", "no")
    assert ran.code == 0
    assert ran.out.index("What the run has shown") < ran.out.index("LaMP_4")
    assert "RAG over none" in ran.out
    alone = evaluate("--tasks", "LaMP_4", "--strategies", "bm25", "--control", "no", "--limit", "1")
    assert "one user: no interval" in " ".join(alone.out.split())


def test_a_strategy_that_learns_tells_how_many_adapters_it_used(evaluate):
    words = ("--tasks", "LaMP_4", "--strategies", "adapter", "--control", "no", "--lesson-items", "all", "--no-refit")
    ran = evaluate(*words)
    assert ran.code == 0, ran.err
    said = " ".join(ran.out.replace("│", " ").split())
    assert "0 / 0 / " in said  # three entries a user are too few to learn from
    about = evaluate(*words, "--json").document["about"]
    assert (about["items learned from"], about["held-out items"]) == ("all", "only judge")
    plain = evaluate("--tasks", "LaMP_4", "--strategies", "bm25", "--control", "no")
    assert "histories" not in plain.out


def test_a_persona_is_measured_where_it_knows_the_task(run, data, app_models, tmp_path):
    models = persona_models(tmp_path / "models", app_models)

    def call(*more: str) -> Any:
        chosen = ("--models", str(models), "--encoder", "tiny-encoder", "--generator", "tiny-generator")
        words = ("--strategies", "pplug,pplug-task", "--persona", "persona", "--max-tokens", "4", "--json")
        return run("eval", "lamp", "--data", str(data), *chosen, *words, *more)

    document = call("--tasks", "LaMP_4").document
    assert [(each["strategy"], each["history"], each["n"]) for each in document["personas"]] == [
        ("pplug", "own", 3),
        ("pplug", "other", 3),
        ("pplug", "shuffled", 3),
        ("pplug-task", "own", 3),
    ]
    refused = call("--tasks", "LaMP_3", "--prior", "no")
    assert refused.code != 0
    assert "the persona 'persona' does not know 'LaMP_3'" in refused.document["error"]["message"]


def test_a_stopped_run_goes_on_from_its_answers(evaluate, tmp_path):
    more = ("--tasks", "LaMP_4", "--answers", str(tmp_path / "answers.jsonl"), "--json")
    first = evaluate("--limit", "1", *more).document
    n_answers = len((tmp_path / "answers.jsonl").read_text().splitlines())
    again = evaluate("--limit", "1", *more).document
    assert len((tmp_path / "answers.jsonl").read_text().splitlines()) == n_answers
    values = [[(row["strategy"], row["value"]) for row in document["rows"]] for document in (first, again)]
    assert values[0] == values[1]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--k", "one"), "--k takes numbers"),
        (("--k", "0"), "at least 1"),
        (("--lesson-items", "7"), "--lesson-items takes a number of at least 8, or 'all'"),
        (("--lesson-items", "some"), "or 'all', not 'some'"),
        (("--decoding", "beam"), "--decoding takes free and labels"),
        (("--strategies", "bm25", "--control", "dense"), "--control takes some of the strategies measured"),
        (("--strategies", "bm25+pplug"), "'bm25+pplug' needs a persona: name its bundle with --persona"),
    ],
)
def test_wrong_words_are_usage_errors(evaluate, more, message):
    ran = evaluate(*more)
    assert ran.code == 2
    assert message in " ".join(ran.err.split())


def test_an_unknown_strategy_and_missing_data_say_what_there_is(evaluate, run, tmp_path):
    ran = evaluate("--strategies", "magic", "--json")
    assert ran.code == 2
    assert "choose of none, recency, bm25, dense, hybrid" in ran.document["error"]["message"]
    ran = evaluate("--split", "test", "--json")
    assert ran.code == 6
    assert "no folder with test_questions.json" in ran.document["error"]["message"]


def test_without_an_encoder_only_strategies_without_vectors(evaluate):
    ran = evaluate("--encoder", "none", "--strategies", "bm25", "--tasks", "LaMP_4", "--json")
    assert ran.code == 0
    ran = evaluate("--encoder", "none", "--strategies", "dense", "--tasks", "LaMP_4", "--json")
    assert ran.code == 2
    assert "'dense' needs an encoder: choose of none, recency, bm25" in ran.document["error"]["message"]


def test_retrieval_needs_no_language_model(run, tmp_path, app_models):
    write_talks(tmp_path / "talks.json")
    models = ("--models", str(app_models), "--encoder", "tiny-encoder", "--generator", "nowhere")
    ran = run("eval", "retrieval", "--data", str(tmp_path), "--k", "1", *models, "--json")
    assert ran.code == 0
    assert {row["retriever"] for row in ran.document["rows"]} == {"recency", "bm25", "dense", "hybrid"}
    shown = run("eval", "retrieval", "--data", str(tmp_path), "--retrievers", "bm25", *models)
    assert "recall@5" in shown.out
    assert "3 questions; 2 without evidence left out" in shown.out
    assert run("eval", "retrieval", "--data", str(tmp_path), "--retrievers", "none", *models).code == 2


def write_talks(path: Path) -> None:
    path.write_text(json.dumps(TALKS))


def test_two_folds_are_told_asked_and_put_together(evaluate, run, data, tmp_path):
    others = [question("LaMP_4", f"t{n}", user=f"t{n}") for n in range(3)]
    others = [{**each, "input": f"{each['input']} {each['id']}"} for each in others]
    write_split(data / "LaMP_4", "LaMP_4", others, split="train")
    told = run("eval", "lamp-folds", "--data", str(data), "--from-history", "1", "--json").document["tasks"]
    assert [(each["task"], sum(each["users"]), sum(each["questions"])) for each in told] == [
        ("LaMP_3", 5, 10),
        ("LaMP_4", 6, 12),
    ]
    assert "share no item" in run("eval", "lamp-folds", "--data", str(data)).out
    asked = ("--tasks", "LaMP_4", "--strategies", "bm25", "--control", "no", "--from-history", "1")
    folders = [tmp_path / f"fold-{fold}" for fold in (1, 2)]
    for fold, folder in enumerate(folders, start=1):
        assert evaluate(*asked, "--ask-fold", str(fold), "--report", str(folder)).code == 0
        assert (folder / "fold.json").exists()
    both = ("--data", str(data), "--out", str(tmp_path / "both"))
    ran = run("eval", "lamp-report", str(folders[0]), str(folders[1]), *both)
    assert ran.code == 0
    assert "bm25 k=1" in ran.out
    document = json.loads((tmp_path / "both" / "lamp.json").read_text())
    assert {(row["n_users"], row["n"]) for row in document["rows"]} == {(6, 12)}
    page = (folders[1] / "lamp.md").read_text()
    over = run("eval", "lamp-report", *map(str, folders), "--data", str(data), "--out", str(folders[1]))
    assert (over.code, over.err.splitlines()[0]) == (2, "error: --out fold-2 holds the report of a single fold")
    assert (folders[1] / "lamp.md").read_text() == page
    again = run("eval", "lamp-report", str(folders[0]), str(folders[0]), *both)
    assert (again.code, again.err.splitlines()[0]) == (13, "error: both runs asked fold 1")


def test_a_second_run_on_the_same_answers_is_refused(evaluate, tmp_path):
    path = tmp_path / "answers.jsonl"
    asked = ("--tasks", "LaMP_4", "--strategies", "bm25", "--answers", str(path))
    with AnswerStore(path):
        ran = evaluate(*asked)
    assert (ran.code, ran.err.splitlines()) == (
        12,
        [
            "error: another run writes into 'answers.jsonl'",
            "hint: wait for it, or name another place",
        ],
    )
    assert evaluate(*asked).code == 0


def test_a_report_that_cannot_be_written_is_told_before_anything_is_measured(evaluate, tmp_path):
    (tmp_path / "file").write_text("")
    ran = evaluate("--tasks", "LaMP_4", "--report", str(tmp_path / "file"), "--answers", str(tmp_path / "answers"))
    assert (ran.code, "the report in 'file' cannot be written" in ran.err) == (12, True)
    assert not (tmp_path / "answers").exists()


def test_more_items_than_can_be_counted_are_refused(evaluate):
    ran = evaluate("--k", "1,2147483648", "--tasks", "LaMP_4")
    assert (ran.code, "--k takes numbers of at most 2147483647" in ran.err) == (2, True)


def test_a_fold_takes_no_other_files(evaluate):
    for wrong, reason in ((("--split", "test"), "leave out --split test"), (("--prior", "x"), "leave out --prior x")):
        ran = evaluate("--ask-fold", "1", *wrong)
        assert ran.code == 2
        assert reason in ran.err
