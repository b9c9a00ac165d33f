"""From a folder or a GGUF file to a bundle that a device opens, with what the gate measured in it, or to nothing."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from export.conversion.about import About
from export.conversion.gguf.llm import convert_llm
from export.conversion.gguf.quantize import RECIPES
from export.conversion.gguf.search import damage_by_part, ladder
from export.errors import ConversionError, ParityError
from export.gate.bounds import Bounds
from ondevice.bundle import Bundle
from ondevice.bundle.probes import read_probes
from ondevice.generation.llama.engine import Engine
from tests.tiny_folders import save_folder
from tests.tiny_generator import make_tiny_generator

TEXTS = ("The cat slept on the warm stone by the wall.", "In 1984 the rain fell on the garden.")
ABOUT = About(name="tiny", version="1.0.0", license="MIT")
LOOSE = Bounds(perplexity_rise_max=9.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("llama")
    save_folder(place, seed=3)
    return place


@pytest.fixture(scope="module")
def gguf_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_generator(tmp_path_factory.mktemp("tiny") / "model").file("model")


def test_a_folder_becomes_a_bundle_that_answers(folder: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    manifest = convert_llm(
        folder,
        tmp_path / "out",
        ABOUT,
        quantization="q8_0",
        base="Tiny",
        texts=TEXTS,
        data="two sentences",
        bounds=LOOSE,
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(n, 5) for n in range(1, 6)]
    bundle = Bundle.open(tmp_path / "out", kind="generator")
    assert bundle.manifest == manifest
    assert sorted(path.name for path in bundle.folder.iterdir()) == ["manifest.json", "model.gguf", "probes.json"]
    assert (manifest.recipe, manifest.generator.base if manifest.generator else None) == ("q8_0", "Tiny")
    assert manifest.made_from["model.safetensors"] == sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    measured = {result.measure: result for result in manifest.gate}
    assert measured["logits_cosine"].value > 0.9999
    assert measured["perplexity_rise"].bound == 9.0
    assert (measured["perplexity"].data, measured["file_bytes"].value) == (
        "two sentences",
        manifest.files["model"].bytes,
    )
    assert read_probes(bundle) is not None
    with Engine.open(bundle) as engine:
        assert engine.generate("The cat", max_tokens=4).n_tokens <= 4


def test_the_same_source_gives_the_same_model(gguf_file: Path, tmp_path: Path) -> None:
    ids = [
        convert_llm(gguf_file, tmp_path / name, ABOUT, quantization="q4_0", texts=TEXTS, bounds=LOOSE).files["model"]
        for name in ("one", "two")
    ]
    assert ids[0] == ids[1]


def test_auto_takes_the_smallest_within_the_bounds(
    gguf_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {name: RECIPES[name] for name in ("q8_0", "q4_0")}
    monkeypatch.setattr("export.conversion.gguf.llm.RECIPES", few)
    manifest = convert_llm(
        gguf_file,
        tmp_path / "any",
        ABOUT,
        texts=TEXTS,
        calibration=TEXTS[:1],
        bounds=LOOSE,
        report=tmp_path / "report",
    )
    assert manifest.recipe == "q4_0"
    assert (tmp_path / "report" / "report.md").is_file()
    assert {"read_tokens_per_s", "write_tokens_per_s"} <= {result.measure for result in manifest.gate}
    with pytest.raises(ParityError, match="no quantization keeps perplexity within -50"):
        convert_llm(gguf_file, tmp_path / "none", ABOUT, texts=TEXTS, bounds=Bounds(perplexity_rise_max=-0.5))
    assert not (tmp_path / "none").exists()


def test_the_damage_of_each_kind_of_matrix_orders_the_ladder(gguf_file: Path, tmp_path: Path) -> None:
    damage = damage_by_part(gguf_file, tmp_path, TEXTS)
    assert list(damage.values()) == sorted(damage.values())
    assert len(damage) == 7
    rungs = ladder(damage)
    assert [len(rung.tensors) for rung in rungs] == [1, 2, 3, 4, 5, 6, 7]
    assert next(iter(damage)) in rungs[0].name
    assert list(tmp_path.iterdir()) == []


def test_what_is_out_of_bounds_or_broken_leaves_nothing(folder: Path, gguf_file: Path, tmp_path: Path) -> None:
    poisoned = make_tiny_generator(tmp_path / "sick", poison=float("nan")).file("model")
    with pytest.raises(ConversionError, match=r"cannot be run by llama\.cpp: the model's logits are not numbers"):
        convert_llm(poisoned, tmp_path / "out", ABOUT, quantization="q8_0", texts=TEXTS)
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(gguf_file.read_bytes()[:-20_000])
    with pytest.raises(ConversionError, match="cut short"):
        convert_llm(cut, tmp_path / "out", ABOUT, quantization="q8_0", texts=TEXTS)
    with pytest.raises(ConversionError, match="no quantization 'q9'"):
        convert_llm(gguf_file, tmp_path / "out", ABOUT, quantization="q9", texts=TEXTS)
    with pytest.raises(ParityError, match="no quantization keeps"):
        convert_llm(
            gguf_file,
            tmp_path / "out",
            ABOUT,
            quantization="q4_0",
            texts=TEXTS,
            bounds=Bounds(perplexity_rise_max=-0.5),
        )
    assert not (tmp_path / "out").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".out")]


def test_weights_that_overflow_are_named(folder: Path, tmp_path: Path) -> None:
    import shutil

    sick = Path(shutil.copytree(folder, tmp_path / "sick"))
    tensors = load_file(sick / "model.safetensors")
    tensors["model.norm.weight"][0] = np.inf
    save_file(tensors, sick / "model.safetensors")
    with pytest.raises(ConversionError, match=r"'model\.norm\.weight' holds 1 numbers not finite"):
        convert_llm(sick, tmp_path / "out", ABOUT, quantization="q8_0", texts=TEXTS)
    assert not (tmp_path / "out").exists()
