"""A merged model computes without an adapter what the base computes with it, in whatever types it is stored."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from export.conversion.about import About
from export.conversion.gguf.adapter_parity import AdaptedReader
from export.conversion.gguf.floating import write_floating
from export.conversion.gguf.merge import merge_adapter
from export.errors import ConversionError, ParityError
from export.gate.bounds import Bounds
from export.quantization import Quantization, quantize_gguf
from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.errors import ModelMismatchError
from ondevice.generation.llama.engine import Engine
from tests.tiny_folders import save_folder
from tests.tiny_llm import edit_config, edit_tensors, make_model, torch_logits, write_base, write_lora

TOKENS = [1, 70, 105, 118, 101, 37, 80, 99, 105, 44, 37, 102, 110, 200]
TEXTS = ["five boats, and a rose garden in the rain"]


def merge(
    peft: Path, base: Path, out: Path, quantization: Any = "F16", license: str | None = None, **settings: Any
) -> Bundle:
    about = About(name="tiny-merged", version="1", license=license)
    manifest = merge_adapter(peft, base, out, about, quantization=quantization, **{"texts": TEXTS} | settings)
    bundle = Bundle.open(out, kind="generator")
    assert bundle.manifest == manifest
    return bundle


def logits(path: Path) -> Any:
    with AdaptedReader(path) as model:
        return model.read(TOKENS)


def cosine(first: Any, second: Any) -> float:
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return float(((first * second).sum(axis=1) / norms).min())


@pytest.mark.parametrize(("architecture", "is_tied"), [("llama", False), ("llama", True), ("qwen2", True)])
def test_the_merged_model_computes_what_peft_computes(architecture: str, is_tied: bool, tmp_path: Path) -> None:
    model = make_model(architecture, is_tied=is_tied)
    base = write_base(model, tmp_path / "base")
    plain = torch_logits(model, TOKENS)
    adapted = torch_logits(write_lora(model, tmp_path / "lora", use_rslora=True, rank_pattern={"q_proj": 2}), TOKENS)

    bundle = merge(tmp_path / "lora", base.folder, tmp_path / "merged")

    assert cosine(logits(bundle.file("model")), adapted) > 0.9995
    assert cosine(plain, adapted) < 0.9
    gate = {result.measure: result for result in bundle.manifest.gate}
    assert gate["logits_cosine"].bound == 0.999
    assert gate["logits_cosine_quantized"].value > 0.9995
    assert gate["logits_cosine_unadapted"].value < 0.9


class Made:
    def __init__(self, folder: Path) -> None:
        model = make_model("llama")
        self.base = write_base(model, folder / "base")
        self.peft = folder / "lora"
        self.adapted = torch_logits(write_lora(model, self.peft), TOKENS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("made"))


def test_a_quantized_base_is_brought_to_floats_first(made: Made, tmp_path: Path) -> None:
    small = tmp_path / "small.gguf"
    quantize_gguf(made.base.file("model"), small, Quantization(name="q8_0", mixture="Q8_0"))
    bundle = merge(made.peft, small, tmp_path / "merged", "Q8_0", license="MIT")
    assert cosine(logits(bundle.file("model")), made.adapted) > 0.99
    kinds = {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(bundle.file("model")).tensors}
    assert kinds["blk.0.attn_q.weight"] == "Q8_0"
    assert kinds["blk.0.attn_norm.weight"] == "F32"


def report(**changes: Any) -> str:
    return json.dumps({"tasks": ["LaMP_2"], "base_sha256": "0" * 64, "config": {"max_tokens": 300}} | changes)


@pytest.mark.parametrize(
    ("text", "learned"),
    [
        (None, None),
        (report(), 300),
        (report(config={"max_tokens": 10**6}), 1024),  # the base's context
        (json.dumps({"epochs": 3}), None),  # somebody else's file of that name
        ("no json", None),
    ],
)
def test_the_model_says_how_long_prompts_its_task_adapter_learned(
    made: Made, tmp_path: Path, text: str | None, learned: int | None
) -> None:
    peft = shutil.copytree(made.peft, tmp_path / "peft")
    if text is not None:
        (peft / "training.json").write_text(text)
    bundle = merge(peft, made.base.folder, tmp_path / "merged")
    assert bundle.generator is not None
    assert bundle.generator.prompt_tokens == learned
    with Engine.open(bundle, config=EngineConfig(threads=1)) as engine:
        assert (engine.learned_budget() is None) is (learned is None)


def test_a_training_that_tells_no_length_is_refused(made: Made, tmp_path: Path) -> None:
    peft = shutil.copytree(made.peft, tmp_path / "peft")
    wrong: list[object] = [{}, {"max_tokens": "768"}, {"max_tokens": 0}, {"max_tokens": True}, []]
    for config in wrong:
        (peft / "training.json").write_text(report(config=config))
        with pytest.raises(ConversionError, match="tells no max_tokens"):
            merge(peft, made.base.folder, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_all_metadata_are_kept(made: Made, tmp_path: Path) -> None:
    bundle = merge(made.peft, made.base.folder, tmp_path / "merged", "Q8_0")
    own = {"general.file_type", "general.quantization_version"}
    before, after = (
        {key: field.contents() for key, field in gguf.GGUFReader(one.file("model")).fields.items() if "GGUF" not in key}
        for one in (made.base, bundle)
    )
    assert {key: after[key] for key in before if key not in own} == {
        key: value for key, value in before.items() if key not in own
    }
    assert set(after) <= set(before) | own
    assert len(after["tokenizer.ggml.tokens"]) == 262


def test_the_bundle_answers_and_says_what_it_is(made: Made, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    bundle = merge(made.peft, made.base.folder, tmp_path / "merged", on_progress=lambda done, n: told.append((done, n)))
    with Engine.open(bundle, config=EngineConfig(threads=1)) as engine:
        assert engine.generate("rain", max_tokens=3).n_tokens > 0
    assert bundle.license == "Apache-2.0"
    assert bundle.generator is not None
    assert (bundle.generator.base, bundle.generator.context_tokens) == ("tiny-base", 1024)
    assert set(bundle.manifest.made_from) == {"adapter_config.json", "adapter_model.safetensors", "model.gguf"}
    assert bundle.manifest.recipe == "peft lora merged in float16, then f16"
    assert told == [(step, 5) for step in range(1, 6)]
    assert sorted(path.name for path in bundle.folder.iterdir()) == ["manifest.json", "model.gguf", "probes.json"]


def test_the_same_input_gives_the_same_bytes(made: Made, tmp_path: Path) -> None:
    first, again = (merge(made.peft, made.base.folder, tmp_path / name, "Q8_0") for name in ("first", "again"))
    assert first.files == again.files


def test_nothing_is_left_when_it_fails(made: Made, tmp_path: Path) -> None:
    out = tmp_path / "out" / "merged"
    with pytest.raises(ParityError, match="logits_cosine on given"):
        merge(made.peft, made.base.folder, out, bounds=Bounds(logits_cosine_min=1.5))
    with pytest.raises(ValueError, match="no mixture 'Q9'"):
        merge(made.peft, made.base.folder, out, "q9")
    peft = tmp_path / "lora"
    shutil.copytree(made.peft, peft)
    edit_tensors(peft, layers__0__self_attn__q_proj__lora_B__weight=np.full((64, 4), 3e38, np.float32))
    with pytest.raises(ConversionError, match=r"'blk.0.attn_q.weight' holds numbers that are not finite"):
        merge(peft, made.base.folder, out)
    edit_tensors(peft, layers__0__self_attn__q_proj__lora_B__weight=np.full((64, 4), 1e6, np.float32))
    with pytest.raises(ConversionError, match=r"'blk.0.attn_q.weight' holds .* more than float16's 65504"):
        merge(peft, made.base.folder, out)
    edit_config(peft, use_dora=True)
    with pytest.raises(ConversionError, match="DoRA"):
        merge(peft, made.base.folder, out)
    assert not out.parent.exists() or not list(out.parent.iterdir())


def test_an_adapter_for_another_base_is_refused(made: Made, tmp_path: Path) -> None:
    write_lora(make_model("llama", layers=3), tmp_path / "lora")
    with pytest.raises(ModelMismatchError, match="changes layer 2, but the base model has 2 layers"):
        merge(tmp_path / "lora", made.base.folder, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_floats_are_kept_exactly_and_a_damaged_model_is_refused(made: Made, tmp_path: Path) -> None:
    source = made.base.file("model")
    write_floating(source, tmp_path / "same.gguf", precision="f32")
    before, after = ({t.name: t.data for t in gguf.GGUFReader(p).tensors} for p in (source, tmp_path / "same.gguf"))
    assert all(np.array_equal(before[name], after[name]) for name in before)
    poisoned = write_base(_poisoned(), tmp_path / "poisoned")
    with pytest.raises(ConversionError, match=r"'output_norm.weight' holds numbers that are not finite"):
        write_floating(poisoned.file("model"), tmp_path / "out.gguf")
    assert not (tmp_path / "out.gguf").exists()


def _poisoned() -> Any:
    model = make_model("llama")
    model.model.norm.weight.data[0] = float("nan")
    return model


def test_merging_back_into_the_grid_the_base_lies_on_is_refused(tmp_path: Path) -> None:
    model = make_model("llama")
    base = write_base(model, tmp_path / "base")
    write_lora(model, tmp_path / "lora", lora_alpha=0.3)
    small = tmp_path / "small.gguf"
    quantize_gguf(base.file("model"), small, Quantization(name="q4_1", mixture="Q4_1"))
    with pytest.raises(ParityError, match="adapter_kept on weights"):
        merge(tmp_path / "lora", small, tmp_path / "merged", "Q4_1", license="MIT")
    bundle = merge(tmp_path / "lora", small, tmp_path / "merged", "Q8_0", license="MIT")
    assert {result.measure: result.value for result in bundle.manifest.gate}["adapter_kept"] > 0.95


def test_a_base_that_lies_on_the_grid_of_q8_0_keeps_the_adapter_all_the_same(tmp_path: Path) -> None:
    model = make_model("llama")
    base = write_base(model, tmp_path / "base")
    write_lora(model, tmp_path / "lora", lora_alpha=0.03)
    served = tmp_path / "served.gguf"
    quantize_gguf(base.file("model"), served, Quantization(name="q8_0", mixture="Q8_0"))
    bundle = merge(tmp_path / "lora", served, tmp_path / "merged", "Q8_0", license="MIT")
    assert {result.measure: result.value for result in bundle.manifest.gate}["adapter_kept"] > 0.95


def test_a_folder_that_is_not_converted_yet_is_merged_into(tmp_path: Path) -> None:
    model = save_folder(tmp_path / "folder")
    tokens = [5, 70, 105, 118, 101, 37, 80]
    adapted = torch_logits(write_lora(model, tmp_path / "lora"), tokens)
    bundle = merge(tmp_path / "lora", tmp_path / "folder", tmp_path / "merged", license="MIT")
    with AdaptedReader(bundle.file("model")) as reader:
        assert cosine(reader.read(tokens), adapted) > 0.9995
    assert {"config.json", "model.safetensors", "adapter_model.safetensors"} <= set(bundle.manifest.made_from)
    assert sorted(path.name for path in bundle.folder.iterdir()) == ["manifest.json", "model.gguf", "probes.json"]
