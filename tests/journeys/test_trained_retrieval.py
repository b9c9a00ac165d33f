"""From a data set to a device: the commands of docs/how-to/train-retrievers.md, on tiny models."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from export.cli.export import app
from export.training.notes import read_selector_note
from ondevice import ModelSet, Personalizer
from ondevice.bundle import Bundle, FoldSpec, read_manifest, write_manifest
from ondevice.evaluation.folds import fold_digest, read_folds
from tests.export.training.lamp_files import headlines, write_split, write_users
from tests.tiny_checkpoints import make_tiny_checkpoint
from tests.tiny_classifier import write_classifier_tokenizer
from tests.tiny_generator import make_tiny_generator

RUNNER = CliRunner()


def run(*arguments: object, code: int = 0) -> Any:
    result = RUNNER.invoke(app, [*map(str, arguments), "--json"])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a data set, a generator, and an encoder in floats and as the bundle that devices have."""
    folder = tmp_path_factory.mktemp("builder")
    write_split(folder / "lamp" / "LaMP_4", *headlines(10, n_items=5))
    make_tiny_generator(folder / "models" / "base", context_tokens=1024)
    make_tiny_checkpoint(folder / "floats")
    write_classifier_tokenizer(folder / "floats")
    run("encoder", folder / "floats", "--out", folder / "models" / "initial", "--license", "MIT", "--recipe", "fp32")
    return folder


def test_a_query_side_retriever_and_a_selector_reach_the_device(place: Path, tmp_path: Path) -> None:
    models, data = place / "models", place / "lamp"
    asked = ["--data", data, "--encoder", models / "initial"]
    told = run("feedback", "documents", models / "base", *asked, "--out", place / "documents.jsonl", "--history", 1)
    assert told["requests"] >= 10
    assert 0 <= told["reward_first"] <= told["reward_best"] <= 1
    fast: Sequence[object] = ["--encoder", place / "floats", "--epochs", 2, "--learning-rate", "1e-3"]
    made = run(
        "train", "ropg", place / "documents.jsonl", *fast, "--signal", "likelihood", "--shape", "query",
        "--out", place / "ropg-kd",
    )  # fmt: skip
    assert made["config"]["shape"] == "query"
    convert = ["encoder", place / "ropg-kd", "--out", models / "ropg-kd", "--license", "MIT", "--recipe", "fp32"]
    refused = run(*convert, code=10)
    assert "--passages" in refused["error"]["hint"]
    run(*convert, "--passages", models / "initial")
    retriever = Bundle.open(models / "ropg-kd", kind="encoder").manifest
    assert retriever.encoder is not None
    assert retriever.encoder.passages == Bundle.open(models / "initial", kind="encoder").id
    assert "2404.05970" in str(retriever.paper)
    assert "10 users" in str(retriever.training_data)

    pool = ["--with", models / "ropg-kd", "--k", 2, "--out", place / "pool.jsonl"]
    told = run("feedback", "pool", models / "base", *asked, *pool)
    assert set(told["reward"]) == {"none", "recency", "bm25", "dense", "ropg-kd"}
    told = [*fast, "--signal", "likelihood", "--max-tokens", 24]
    run("train", "rspg", place / "pool.jsonl", *told, "--out", place / "rspg")
    run(
        "selector", place / "rspg", "--out", models / "rspg", "--license", "MIT", "--recipe", "fp32",
        "--bound", "agreement_min=0.5",
    )  # fmt: skip
    selector = Bundle.open(models / "rspg", kind="selector").manifest.selector
    assert selector is not None
    assert (selector.pool, selector.k) == (("none", "recency", "bm25", "dense", "ropg-kd"), 2)

    with Personalizer.create(
        tmp_path / "me.profile",
        app_key=bytes(32),
        models=ModelSet(models, encoder="initial", generator="base", retrievers=["ropg-kd"], selector="rspg"),
    ) as me:
        me.add("A river in the rain", fields={"title": "rain"})
        me.add("The dog and the cat", fields={"title": "dog"})
        assert [hit.item.text for hit in me.search("river", retriever="ropg-kd", k=2)]
        for mode in ("rspg-pre", "rspg-post"):
            reply = me.generate("A headline about a river", selector=mode, max_tokens=4)
            assert reply.selection is not None
            assert reply.selection.mode == mode
            assert reply.retriever == reply.selection.retriever


def test_a_fold_is_known_from_the_question_to_the_bundle(place: Path, tmp_path: Path) -> None:
    models, data = place / "models", tmp_path / "lamp"
    write_users(data / "LaMP_4", *headlines(16, n_items=5))
    folds = {fold: FoldSpec(fold=fold, digests={"LaMP_4": fold_digest(read_folds(data / "LaMP_4"))}) for fold in (1, 2)}
    learned = shutil.copytree(models / "base", tmp_path / "learned")
    write_manifest(learned, replace(read_manifest(learned), learned_fold=folds[1]))

    asked = ["--data", data, "--encoder", models / "initial", "--out", tmp_path / "documents.jsonl"]
    for options in ([], ["--ask-fold", 1]):
        refused = run("feedback", "documents", learned, *asked, *options, code=7)
        assert "the model 'learned' has learned from" in refused["error"]["message"]
        assert "--ask-fold 2" in refused["error"]["hint"]
    assert run("feedback", "documents", learned, *asked, "--ask-fold", 2)["ask_fold"] == 2
    fast = ["--encoder", place / "floats", "--epochs", 1, "--signal", "likelihood"]
    made = run("train", "ropg", tmp_path / "documents.jsonl", *fast, "--out", tmp_path / "ropg")
    assert made["learned_fold"] == asdict(folds[2])
    run("encoder", tmp_path / "ropg", "--out", tmp_path / "ropg-kd", "--license", "MIT", "--recipe", "fp32")
    assert read_manifest(tmp_path / "ropg-kd").learned_fold == folds[2]

    pool = [*asked[:-1], tmp_path / "pool.jsonl", "--with", tmp_path / "ropg-kd", "--k", 2]
    refused = run("feedback", "pool", models / "base", *pool, "--ask-fold", 2, code=7)
    assert "the model 'ropg-kd' has learned from" in refused["error"]["message"]
    run("feedback", "pool", models / "base", *pool, "--ask-fold", 1)
    made = run("train", "rspg", tmp_path / "pool.jsonl", *fast, "--max-tokens", 24, "--out", tmp_path / "rspg")
    assert made["learned_fold"] == asdict(folds[1])
    note = read_selector_note(tmp_path / "rspg")
    assert note is not None
    assert note.learned_fold == folds[1]


def test_a_generator_that_hides_whom_it_learned_from_is_spoken_of(place: Path, tmp_path: Path) -> None:
    trained = shutil.copytree(place / "models" / "base", tmp_path / "trained")
    write_manifest(trained, replace(read_manifest(trained), training_data="LaMP, all users"))
    asked = ["--data", place / "lamp", "--encoder", place / "models" / "initial", "--limit", 2]
    for base, is_told in ((trained, True), (place / "models" / "base", False)):
        told = RUNNER.invoke(app, [*map(str, ("feedback", "documents", base, *asked, "--out", tmp_path / "x"))])
        assert told.exit_code == 0, told.output
        assert ("was trained on 'LaMP, all users', and does not tell" in told.stderr) is is_told


def test_a_wrong_choice_of_words_is_usage(place: Path, tmp_path: Path) -> None:
    feedback = tmp_path / "none.jsonl"
    for arguments in (
        ["train", "ropg", feedback, "--encoder", place / "floats", "--out", tmp_path / "x", "--objective", "ppo"],
        ["train", "rspg", feedback, "--encoder", place / "floats", "--out", tmp_path / "x", "--modes", "mid"],
        ["feedback", "pool", place, "--data", place, "--encoder", place, "--out", feedback, "--built-in", "none"],
        ["feedback", "documents", place, "--data", place, "--encoder", place, "--out", feedback, "--set-size", "16"],
        ["feedback", "documents", place, "--data", place, "--encoder", place, "--out", feedback, "--history-only"],
        ["feedback", "pool", place, "--data", place, "--encoder", place, "--out", feedback, "--ask-fold", "3"],
        [
            "feedback", "pool", place, "--data", place, "--encoder", place, "--out", feedback, "--ask-fold", "1",
            "--split", "dev",
        ],
    ):  # fmt: skip
        assert RUNNER.invoke(app, [*map(str, arguments)]).exit_code == 2


def test_what_is_missing_is_said_and_nothing_is_left(place: Path, tmp_path: Path) -> None:
    models = place / "models"
    document = run(
        "train", "ropg", tmp_path / "none.jsonl", "--encoder", place / "floats", "--out", tmp_path / "x", code=6
    )
    assert document["error"]["type"] == "NotFoundError"
    asked = ["--data", tmp_path, "--encoder", models / "initial", "--out", tmp_path / "y.jsonl"]
    document = run("feedback", "documents", models / "base", *asked, code=6)
    assert document["error"]["type"] == "NotFoundError"
    assert list(tmp_path.iterdir()) == []
