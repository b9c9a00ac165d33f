"""A derived file is made here from the pinned input, and the folder's manifest answers for what was made."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from export.errors import ConversionError, FetchError
from export.models import FetchOptions, RegisteredModel, Registry, check_model, fetch_model, parse_registry
from export.models.describing import manifest_of
from export.quantization import Quantization, quantize_gguf
from ondevice.bundle import Bundle, FileEntry, read_manifest
from ondevice.errors import CorruptError
from tests.tiny_generator import make_tiny_generator
from tests.tiny_host import make_wheel, sha256, wheel_file

RECIPE = Quantization(name="tiny recipe", mixture="Q8_0", tensors=((r"ffn_gate", "IQ4_NL"),))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_generator(tmp_path_factory.mktemp("source") / "model").file("model")


@pytest.fixture(scope="module")
def wheel(source: Path) -> bytes:
    return make_wheel("tiny-llm", {"tiny_llm/model.gguf": source.read_bytes()})


@pytest.fixture(scope="module")
def registry(source: Path, wheel: bytes, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    made = tmp_path_factory.mktemp("made") / "made.gguf"
    quantize_gguf(source, made, RECIPE)
    original, result = FileEntry.measure(source.parent, source.name), FileEntry.measure(made.parent, made.name)
    return parse_registry(
        {
            "format": 1,
            "defaults": ["tiny"],
            "wheels": {"tiny-llm==1.0": {"sha256": sha256(wheel), "bytes": len(wheel)}},
            "models": {
                "tiny": {
                    "kind": "generator",
                    "version": "1",
                    "title": "tiny",
                    "license": "MIT",
                    "origin": "made in a test",
                    "generator": {"context_tokens": 1024, "base": "tiny"},
                    "files": {
                        "model": {
                            "path": "model.gguf",
                            "sha256": result.sha256,
                            "bytes": result.bytes,
                            "derived": {
                                "sha256": original.sha256,
                                "bytes": original.bytes,
                                "quantization": {
                                    "name": RECIPE.name,
                                    "mixture": RECIPE.mixture,
                                    "tensors": dict(RECIPE.tensors),
                                },
                            },
                            "sources": [
                                {"index": {"parts": [{"wheel": "tiny-llm==1.0", "member": "tiny_llm/model.gguf"}]}}
                            ],
                        }
                    },
                }
            },
        }
    )


@pytest.fixture
def carried(wheel: bytes, tmp_path: Path) -> FetchOptions:
    folder = tmp_path / "carried"
    folder.mkdir()
    (folder / wheel_file("tiny-llm")).write_bytes(wheel)
    return FetchOptions(folder=folder)


@pytest.fixture
def tiny(registry: Registry) -> RegisteredModel:
    return registry.get("tiny")


def _elsewhere(model: RegisteredModel) -> RegisteredModel:
    """Return the model as a release would pin it that was measured on a machine with other rounding."""
    return replace(model, files=tuple(replace(file, sha256="0" * 64) for file in model.files))


def test_the_input_is_verified_and_the_result_is_the_pinned_one(
    tmp_path: Path, tiny: RegisteredModel, carried: FetchOptions, source: Path
) -> None:
    notes: list[str] = []
    report = fetch_model(tiny, tmp_path / "models", options=carried, on_note=notes.append)
    assert notes == []
    assert [file.origin for file in report.files] == ["folder"]
    bundle = Bundle.open(tmp_path / "models" / "tiny", kind="generator")
    assert bundle.manifest == manifest_of(tiny)
    assert bundle.manifest.recipe == "tiny recipe"
    assert bundle.manifest.made_from == {"model.gguf": sha256(source.read_bytes())}
    assert sorted(path.name for path in bundle.folder.iterdir()) == ["manifest.json", "model.gguf"]
    assert check_model(tiny, tmp_path / "models").state == "ready"
    assert fetch_model(tiny, tmp_path / "models", options=carried).files[0].origin == "kept"


def test_other_rounding_is_said_and_the_manifest_answers_for_the_bytes(
    tmp_path: Path, tiny: RegisteredModel, carried: FetchOptions
) -> None:
    pinned = _elsewhere(tiny)
    notes: list[str] = []
    fetch_model(pinned, tmp_path / "models", options=carried, on_note=notes.append)
    assert len(notes) == 1
    assert "differs in its last bits" in notes[0]
    folder = tmp_path / "models" / "tiny"
    assert Bundle.open(folder, kind="generator").files["model"].sha256 == tiny.files[0].sha256
    assert check_model(pinned, tmp_path / "models").state == "ready"
    assert fetch_model(pinned, tmp_path / "models", options=carried).files[0].origin == "kept"
    data = bytearray((folder / "model.gguf").read_bytes())
    data[-1] ^= 1
    (folder / "model.gguf").write_bytes(data)
    assert check_model(pinned, tmp_path / "models").state == "damaged"
    with pytest.raises(CorruptError):
        Bundle.open(folder, kind="generator")
    assert fetch_model(pinned, tmp_path / "models", options=carried).files[0].origin == "folder"
    assert check_model(pinned, tmp_path / "models").state == "ready"


@pytest.mark.parametrize("field", ["recipe", "made_from"])
def test_a_manifest_of_another_making_does_not_count(
    tmp_path: Path, tiny: RegisteredModel, carried: FetchOptions, field: str
) -> None:
    pinned = _elsewhere(tiny)
    fetch_model(pinned, tmp_path / "models", options=carried)
    path = tmp_path / "models" / "tiny" / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest[field] = {"recipe": "another", "made_from": {"model.gguf": "1" * 64}}[field]
    path.write_text(json.dumps(manifest), "utf-8")
    assert check_model(pinned, tmp_path / "models").state == "damaged"
    fetch_model(pinned, tmp_path / "models", options=carried)
    assert read_manifest(path.parent).recipe == "tiny recipe"


def test_another_size_is_refused_and_nothing_is_left(
    tmp_path: Path, tiny: RegisteredModel, carried: FetchOptions
) -> None:
    wrong = replace(tiny, files=(replace(tiny.files[0], bytes=tiny.files[0].bytes + 32),))
    with pytest.raises(FetchError, match=r"was made with \d+ bytes, but \d+ are pinned"):
        fetch_model(wrong, tmp_path / "models", options=carried)
    assert list((tmp_path / "models" / "tiny").iterdir()) == []


def test_an_input_that_llama_cpp_cannot_quantize_is_refused(tmp_path: Path, tiny: RegisteredModel) -> None:
    folder = tmp_path / "carried"
    folder.mkdir()
    (folder / "bad.gguf").write_bytes(b"GGUF no model")
    derivation = tiny.files[0].derivation
    assert derivation is not None
    bad = replace(derivation, sha256=sha256(b"GGUF no model"), bytes=13)
    broken = replace(tiny, files=(replace(tiny.files[0], derivation=bad),))
    with pytest.raises(ConversionError, match="could not quantize"):
        fetch_model(broken, tmp_path / "models", options=FetchOptions(folder=folder))
    assert list((tmp_path / "models" / "tiny").iterdir()) == []
