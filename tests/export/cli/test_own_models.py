"""The user's own models at the command line: added, listed, taken into use, measured, removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from export.cli.models import app
from ondevice.bundle.chosen import Chosen, read_chosen
from ondevice.cli.access import ModelChoice
from ondevice.config import DEFAULT_ENCODER, DEFAULT_GENERATOR
from tests.export.cli.commands import Commands
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder

run, document = Commands(app).run, Commands(app).document


@pytest.fixture
def models(tmp_path: Path) -> Path:
    make_tiny_generator(tmp_path / "models" / "mine", name="mine")
    make_tiny_encoder(tmp_path / "models" / "words", name="words")
    return tmp_path / "models"


def choice(models: Path, **given: str | None) -> ModelChoice:
    return ModelChoice.from_options({"models": models, "encoder": None, "generator": None, "adapter": None,
                                     "publisher": None, **given})  # fmt: skip


def test_a_file_is_added_listed_with_its_speed_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("export.cli.own_models.ADD_SECONDS", 0.1)
    source, models = make_tiny_generator(tmp_path / "found").file("model"), tmp_path / "models"
    added = document("add", source, "--name", "mine", "--license", "MIT", "--models", models)
    assert (added["name"], added["kind"], added["license"], added["context_tokens"]) == (
        "mine",
        "generator",
        "MIT",
        1024,
    )
    assert added["write_tokens_s"] > 0
    (own,) = document("list", "--models", models)["own"]
    assert (own["name"], own["license"], own["context_tokens"], own["state"]) == ("mine", "MIT", 1024, "ready")
    assert own["write_tokens_s"] == pytest.approx(added["write_tokens_s"], abs=0.1)
    assert document("remove", "mine", "--yes", "--models", models)["n_bytes"] > own["bytes"]
    assert document("list", "--models", models)["own"] == []


def test_what_is_taken_into_use_counts_where_nothing_is_named(models: Path) -> None:
    assert (choice(models).generator, choice(models).encoder) == (DEFAULT_GENERATOR, DEFAULT_ENCODER)
    assert "is the generator of all commands" in run("use", "mine", "--models", models).stdout
    assert "ondevice reencode" in run("use", "words", "--models", models).stdout
    assert (choice(models).generator, choice(models).encoder) == ("mine", "words")
    assert (choice(models, generator="other").generator, choice(models, encoder="none").encoder) == ("other", None)
    listed = document("list", "--models", models)
    assert [each["name"] for each in listed["own"] if each["is_in_use"]] == ["mine", "words"]
    assert not any(each["is_in_use"] for each in listed["models"])
    run("remove", "mine", "--yes", "--models", models)
    assert read_chosen(models) == Chosen(encoder="words")


def test_only_what_is_here_and_answers_or_encodes_is_taken_into_use(models: Path) -> None:
    assert document("use", "none-such", "--models", models, code=6)["error"]["message"].startswith("there is no model")
    assert document("use", "../mine", "--models", models, code=6)["error"]["type"] == "NotFoundError"
    manifest = json.loads((models / "words" / "manifest.json").read_text())
    del manifest["encoder"]
    manifest |= {"kind": "projector", "projector": {"n_in": 1, "n_out": 1}}
    (models / "words" / "manifest.json").write_text(json.dumps(manifest))
    assert "of kind 'projector'" in document("use", "words", "--models", models, code=7)["error"]["message"]


def test_a_model_is_removed_only_if_that_is_confirmed(models: Path) -> None:
    assert run("remove", "mine", "--models", models).exit_code == 1
    assert (models / "mine" / "manifest.json").exists()
    for name in ("..", "../models", "/", "", ".fetching"):
        assert run("remove", name, "--yes", "--models", models).exit_code == 6
    (models / "linked").symlink_to(models / "mine")
    assert run("remove", "linked", "--yes", "--models", models).exit_code == 0
    assert (models / "mine" / "manifest.json").exists()


def test_measuring_what_is_no_language_model_is_refused(models: Path) -> None:
    assert document("measure", "words", "--models", models, code=7)["error"]["type"] == "BundleError"


def test_a_file_that_is_no_model_is_refused_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"<html>Not found</html>")
    refused = document("add", tmp_path / "x.gguf", "--models", tmp_path / "models", code=10)
    assert refused["error"]["message"] == "it is no GGUF file"
