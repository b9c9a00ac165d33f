"""The conversion commands on tiny models made on the spot: each ends in a bundle that opens, or in one error."""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from export.cli.export import app, main
from ondevice import PublisherKey, install_bundle
from ondevice.bundle import Bundle
from tests.export.cli.commands import Commands
from tests.tiny_checkpoints import make_tiny_checkpoint
from tests.tiny_classifier import make_classifier
from tests.tiny_llm import make_model, write_base, write_lora
from tests.tiny_models import WORDS

run, document = Commands(app).run, Commands(app).document


@pytest.fixture(scope="module")
def lora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a base model's bundle and a LoRA for it, of another name."""
    folder = tmp_path_factory.mktemp("lora")
    model = make_model("llama")
    write_base(model, folder / "base")
    write_lora(model, folder / "peft")
    (folder / "texts.txt").write_text("five boats and a rose garden\n\nsnow on the lake\n")
    return folder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a trained encoder, and tasks to rank on."""
    folder = tmp_path_factory.mktemp("encoder")
    make_tiny_checkpoint(folder / "trained")
    (folder / "tasks").mkdir()
    for name, step in (("corpus", 3), ("queries", 5)):
        rows = [{"id": str(place), "text": " ".join(WORDS[place::step][:4])} for place in range(20)]
        (folder / "tasks" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_encoder_from_weights_to_a_device(encoder: Path, tmp_path: Path) -> None:
    source, out, tasks = encoder / "trained", tmp_path / "mine", ("--data", f"retrieval:{encoder / 'tasks'}")
    given = ("--license", "MIT", "--bound", "cosine_mean_min=0.9", *tasks)
    wanted = ("--out", out, "--recipe", "int8-dynamic", "--version", "1.0", "--training-data", "random numbers")
    made = document("encoder", source, *wanted, *given)
    assert (made["manifest"]["name"], made["manifest"]["training_data"]) == ("mine", "random numbers")
    before = [each["measure"] for each in made["manifest"]["gate"]]
    assert document("parity", out, "--reference", source, *tasks, "--write")["gate"][0]["measure"] == "cosine_mean"
    gate = json.loads((out / "manifest.json").read_text("utf-8"))["gate"]
    assert sorted(each["measure"] for each in gate) == sorted(before)
    publisher = document("keygen", tmp_path / "key", "--unencrypted")["publisher"]
    archive = document("publish", out, "--key", tmp_path / "key", "--out", tmp_path)["archive"]
    installed = install_bundle(archive, models=tmp_path / "models", publishers=[PublisherKey.from_text(publisher)])
    assert installed.bundle.id == made["id"]


def test_a_usual_bound_that_the_data_cannot_measure_is_left_out_aloud(encoder: Path, tmp_path: Path) -> None:
    given = ("encoder", encoder / "trained", "--license", "MIT", "--recipe", "fp32", "--out", tmp_path / "o")
    tasks = ("--data", f"retrieval:{encoder / 'tasks'}")
    asked = run(*given, *tasks, "--bound", "ndcg_drop_max=0.005")
    assert (asked.exit_code, "nothing measured it" in asked.stderr) == (10, True)
    usual = run(*given, *tasks)
    assert (usual.exit_code, usual.stderr) == (0, "no data has judgements, so the bound ndcg_drop_max is left out\n")


def test_an_encoder_outside_its_bound_is_not_written(encoder: Path, tmp_path: Path) -> None:
    given = ("--license", "MIT", "--recipe", "fp32", "--bound", "cosine_mean_min=1.5")
    command: tuple[object, ...] = ("encoder", encoder / "trained", *given, "--data", f"retrieval:{encoder / 'tasks'}")
    assert document(*command, "--out", tmp_path / "o", code=10)["error"]["type"] == "ParityError"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_is_named_with_the_extra(
    encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = encoder / "trained"
    monkeypatch.setitem(sys.modules, "safetensors", None)
    error = document("encoder", source, "--out", tmp_path / "o", "--license", "MIT", code=1)["error"]
    assert (error["type"], error["hint"]) == ("ImportError", 'run: pip install "ondevice-export[train]"')
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("option", [("--recipe", "int3"), ("--data", "text:x"), ("--bound", "sparkle=1")])
def test_an_unknown_value_is_a_usage_error(option: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["encoder", "source", "--out", "o", *option, "--json"])
    assert caught.value.code == 2
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "UsageError"


def test_adapter(lora: Path, tmp_path: Path) -> None:
    out = tmp_path / "my-adapter"
    given = (lora / "peft", "--base", lora / "base", "--out", out, "--training-data", "made by the tests")
    made = document("adapter", *given, "--version", "2.1", "--data", f"text:{lora / 'texts.txt'}")
    bundle = Bundle.open(out, kind="adapter")
    assert (made["id"], made["folder"]) == (bundle.id, str(out))
    assert (bundle.name, bundle.version) == ("my-adapter", "2.1")
    assert made["manifest"] == json.loads((out / "manifest.json").read_text("utf-8"))
    assert {each["data"] for each in made["manifest"]["gate"]} == {"given"}
    again = document("adapter", *given, code=10)["error"]
    assert again["hint"] == "name a new folder with --out"


def test_an_adapter_outside_its_bound_is_not_written(lora: Path, tmp_path: Path) -> None:
    given: tuple[object, ...] = (
        "adapter",
        lora / "peft",
        "--base",
        lora / "base",
        "--out",
        tmp_path / "a",
        "--license",
        "MIT",
    )
    given = (*given, "--data", f"text:{lora / 'texts.txt'}")
    error = document(*given, "--bound", "logits_cosine_min=1.1", code=10)["error"]
    assert error["type"] == "ParityError"
    assert list(tmp_path.iterdir()) == []


def test_llm_and_its_parity(lora: Path, tmp_path: Path) -> None:
    out, source = tmp_path / "small", lora / "base" / "model.gguf"
    given = ("--data", f"text:{lora / 'texts.txt'}", "--bound", "perplexity_rise_max=0.5")
    made = document("llm", source, "--out", out, "--license", "MIT", "--quantization", "q8_0", *given)
    assert made["manifest"]["recipe"] == "q8_0"
    assert made["manifest"]["made_from"] == {"model.gguf": sha256(source.read_bytes()).hexdigest()}
    rise = [each for each in made["manifest"]["gate"] if each["measure"] == "perplexity_rise"]
    assert [(each["data"], each["bound"]) for each in rise] == [("texts", 0.5)]
    measured = document("parity", out, "--reference", source, *given)["gate"]
    assert [each["value"] for each in measured if each["measure"] == "perplexity_rise"] == [rise[0]["value"]]


def test_merge(lora: Path, tmp_path: Path) -> None:
    out = tmp_path / "merged"
    given = ("merge", lora / "peft", "--base", lora / "base", "--out", out, "--data", f"text:{lora / 'texts.txt'}")
    shown = run(*given, "--quantization", "f16")
    assert shown.exit_code == 0, shown.output
    assert "logits_cosine_quantized" in shown.stdout
    assert Bundle.open(out, kind="generator").manifest.recipe is not None


def test_an_unknown_quantization_names_the_known(lora: Path, tmp_path: Path) -> None:
    given = ("--base", lora / "base", "--out", tmp_path / "o", "--quantization", "q9")
    error = document("merge", lora / "peft", *given, code=10)["error"]
    assert "q8_0" in error["hint"]


def test_projector(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    layers = {"0.weight": random.standard_normal((24, 12)), "2.weight": random.standard_normal((8, 24))}
    save_file({name: values.astype(np.float32) for name, values in layers.items()}, tmp_path / "w.safetensors")
    given = ("projector", tmp_path / "w.safetensors", "--license", "CC0-1.0", "--activation", "gelu")
    made = document(*given, "--out", tmp_path / "small", "--recipe", "fp16", "--paper", "none")
    bundle = Bundle.open(tmp_path / "small", kind="projector")
    assert made["id"] == bundle.id
    assert bundle.manifest.paper == "none"
    again = document("parity", tmp_path / "small", "--reference", tmp_path / "w.safetensors", "--activation", "gelu")
    assert [each["value"] for each in again["gate"]] == [result.value for result in bundle.manifest.gate]
    assert (
        document(*given, "--out", tmp_path / "other", "--recipe", "int9", code=10)["error"]["type"] == "ConversionError"
    )
    assert not (tmp_path / "other").exists()


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a trained classifier, another one, and pairs to choose among."""
    folder = tmp_path_factory.mktemp("classifier")
    make_classifier(folder / "trained")
    make_classifier(folder / "other", seed=9)
    choices = [{"first": f"{one} the {two}"} for one in WORDS[30:36] for two in WORDS[40:44]]
    (folder / "pairs.jsonl").write_text(json.dumps({"candidates": choices}) + "\n")
    return folder


def test_selector_and_its_parity(classifier: Path, tmp_path: Path) -> None:
    source, out = classifier / "trained", tmp_path / "small"
    given = ("--data", f"pairs:{classifier / 'pairs.jsonl'}", "--bound", "agreement_min=0")
    wanted = ("--out", out, "--license", "MIT", "--recipe", "int8-dynamic", "--report", tmp_path / "report")
    made = document("selector", source, *wanted, *given)
    assert (tmp_path / "report" / "report.md").is_file()
    assert made["manifest"]["name"] == "small"
    assert made["manifest"]["recipe"].startswith("int8-dynamic")
    before = (out / "manifest.json").read_bytes()
    measured = document("parity", out, "--reference", source, *given)
    assert [each["measure"] for each in measured["gate"]][:2] == ["agreement", "regret"]
    assert measured["gate"][0]["data"] == "pairs"
    assert (out / "manifest.json").read_bytes() == before
    assert document("parity", out, "--reference", source, *given, "--write")["is_written"]
    gate = json.loads((out / "manifest.json").read_text("utf-8"))["gate"]
    assert len(gate) == len(made["manifest"]["gate"])
    assert Bundle.open(out, kind="selector").id == made["id"]
    refused = document("parity", out, "--reference", classifier / "other", *given, code=7)["error"]
    assert refused["type"] == "ModelMismatchError"
