"""A trained persona becomes a bundle that a device loads, and a damaged one does not."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from typer.testing import CliRunner

from export.cli.export import app
from export.conversion.about import About
from export.conversion.onnx.linear_layers import Layers
from export.conversion.onnx.persona import convert_persona, torch_rows
from export.conversion.onnx.persona_folder import PROJECTOR_NAME, REPORT_NAME, ROWS_NAME, read_trained
from export.conversion.onnx.projector import Storage, projector_graph
from export.errors import ConversionError, ParityError
from export.gate.bounds import Bounds
from export.publishing.card import model_card
from export.publishing.parity import ParityData, measure_bundle
from ondevice.bundle import Bundle
from ondevice.errors import ModelMismatchError
from ondevice.retrieval.encoding.persona_model import PersonaModel
from ondevice.trial.kinds import try_bundle
from tests.export.training.persona.made_people import CONFIG, learn, people, tiny_bundles, write_people
from tests.tiny_llm import make_model, write_base
from tests.tiny_models import make_tiny_encoder

Bundles = tuple[Bundle, Bundle]
ABOUT = About(name="tiny-persona", version="1")


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Bundles:
    return tiny_bundles(tmp_path_factory.mktemp("bundles"))


@pytest.fixture(scope="module")
def source(bundles: Bundles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    learn(bundles, people(write_people(folder / "lamp")), folder / "persona", config=replace(CONFIG, epochs=1))
    return folder / "persona"


def damaged(source: Path, folder: Path, name: str, tensor: str, factor: float) -> Path:
    """Return a copy in which one tensor is another."""
    shutil.copytree(source, folder)
    tensors = load_file(folder / name)
    tensors[tensor] = tensors[tensor] * np.float32(factor)
    save_file(tensors, folder / name)
    return folder


def test_the_bundle_makes_the_rows_that_were_trained(bundles: Bundles, source: Path, tmp_path: Path) -> None:
    manifest = convert_persona(source, *bundles, tmp_path / "out", ABOUT)
    spec, gate = manifest.persona, {result.measure: result for result in manifest.gate}
    assert spec is not None
    assert (spec.encoder, spec.bases) == (bundles[1].id, (bundles[0].files["model"].sha256,))
    assert (spec.tasks, spec.n_rows, spec.n_task_rows, spec.rank) == (("LaMP_4",), 2, 2, 4)
    assert manifest.license == "Apache-2.0"
    assert (gate["cosine_worst"].bound, gate["divergence"].bound) == (0.999, 1e-3)
    assert gate["divergence"].value < 1e-4
    assert gate["divergence"].n == 32
    assert gate["served_divergence"].bound is None
    assert gate["served_cosine_mean"].value > 0.999
    trained, random = read_trained(source), np.random.default_rng(0)
    query, items = random.standard_normal(16).astype(np.float32), random.standard_normal((9, 16)).astype(np.float32)
    query, items = query / np.linalg.norm(query), items / np.linalg.norm(items, axis=1, keepdims=True)
    bundle = Bundle.open(tmp_path / "out", kind="persona")
    with PersonaModel.open(bundle, threads=1) as persona:
        for history in (items, items[:0]):
            made = persona.rows(query, history, "LaMP_4").rows
            np.testing.assert_allclose(made, torch_rows(trained, query, history, "LaMP_4"), atol=0.2)
    assert "encoder | `tiny-encoder" in model_card(manifest, has_license_text=False)
    results = measure_bundle(bundle.folder, source, data=ParityData())
    assert {result.measure for result in results} == {"relative_error", "cosine_worst"}
    try_bundle(bundle, bundles[0].folder)


def test_without_quantization_the_rows_are_pytorchs(bundles: Bundles, source: Path, tmp_path: Path) -> None:
    manifest = convert_persona(source, *bundles, tmp_path / "out", ABOUT, recipe="fp32")
    assert (manifest.recipe or "").startswith("fp32")
    trained, items = read_trained(source), np.eye(16, dtype=np.float32)[:5]
    with PersonaModel.open(Bundle.open(tmp_path / "out", kind="persona"), threads=1) as persona:
        made = persona.rows(items[0], items, "LaMP_4").rows
    np.testing.assert_allclose(made, torch_rows(trained, items[0], items, "LaMP_4"), atol=1e-5)


def test_a_projector_that_is_not_the_trained_one_is_refused(
    bundles: Bundles, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def graph(layers: Layers, storage: Storage) -> object:
        first, second = layers.linears
        other = replace(second, weight=np.roll(second.weight, 1, axis=0))
        return projector_graph(replace(layers, linears=(first, other)), storage)

    monkeypatch.setattr("export.conversion.onnx.persona.projector_graph", graph)
    with pytest.raises(ParityError, match=r"cosine_worst on built-in .* at least 0\.999 is needed"):
        convert_persona(source, *bundles, tmp_path / "out", ABOUT)
    assert not (tmp_path / "out").exists()
    with pytest.raises(ParityError, match=r"divergence on built-in .* at most 0\.001 is allowed"):
        convert_persona(source, *bundles, tmp_path / "out", ABOUT, bounds=Bounds(divergence_max=1e-3))


def test_another_base_another_encoder_and_a_damaged_folder_are_refused(
    bundles: Bundles, source: Path, tmp_path: Path
) -> None:
    base, encoder = bundles
    other = write_base(make_model("llama", seed=1), tmp_path / "other")
    with pytest.raises(ModelMismatchError, match="trained on another language model than 'tiny-base'"):
        convert_persona(source, other, encoder, tmp_path / "out", ABOUT)
    stranger = make_tiny_encoder(tmp_path / "stranger", dim=16, seed=8)
    with pytest.raises(ModelMismatchError, match="was trained with the encoder 'tiny-encoder"):
        convert_persona(source, base, stranger, tmp_path / "out", ABOUT)
    with pytest.raises(ConversionError, match="not finite"):
        convert_persona(
            damaged(source, tmp_path / "nan", ROWS_NAME, "null", np.nan), base, encoder, tmp_path / "out", ABOUT
        )
    cut = damaged(source, tmp_path / "cut", PROJECTOR_NAME, "0.bias", 1.0)
    (cut / REPORT_NAME).unlink()
    with pytest.raises(ConversionError, match=r"lacks training\.json"):
        convert_persona(cut, base, encoder, tmp_path / "out", ABOUT)


def test_the_commands_train_and_convert(bundles: Bundles, tmp_path: Path) -> None:
    base, encoder = (str(bundle.folder) for bundle in bundles)
    data = write_people(tmp_path / "lamp", n_users=8)
    train = ["train", "persona", base, "--encoder", encoder, "--data", str(data), "--out", str(tmp_path / "trained")]
    sizes = ["--epochs", "1", "--rank", "2", "--history-pairs", "1", "--max-tokens", "200", "--threads", "1"]
    result = CliRunner().invoke(app, [*train, *sizes, "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["n_users"], document["n_steps"], document["stopped"]) == (8, 1, "done")
    assert set(document["losses"]["LaMP_4"]) == {"none", "task", "mean", "own", "other", "empty"}
    assert result.stderr.splitlines()[1] == "14 questions to learn from, 2 of other users held out"
    convert = ["persona", str(tmp_path / "trained"), "--base", base, "--encoder", encoder]
    made = CliRunner().invoke(app, [*convert, "--out", str(tmp_path / "out"), "--recipe", "int8", "--json"])
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["manifest"]["persona"]["rank"] == 2
    wrong = CliRunner().invoke(app, [*train, "--with-items", "2"])
    assert wrong.exit_code == 2
    assert "with_items must be between 0 and 1" in wrong.output
    again = CliRunner().invoke(app, [*train, *sizes, "--json"])
    assert json.loads(again.stdout)["error"]["type"] == "ConversionError"
