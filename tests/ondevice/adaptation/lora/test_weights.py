"""The dequantized weights compute what llama.cpp computes from the file, for every kind of file there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from export.conversion.gguf.quantize import named_quantization, quantize_gguf
from export.gate.logits import LogitsReader
from ondevice.adaptation.lora.weights import load_base, read_shape
from ondevice.errors import BundleError, ModelMismatchError
from tests.tiny_llm import EMBEDDING, HEADS, INNER, KV_HEADS, LAYERS, VOCABULARY, make_model, torch_logits, write_base

TOKENS = [1, *range(40, 120, 3), 7, 7, 250]


def llama_logits(path: Path) -> Any:
    with LogitsReader(path, context_tokens=64, threads=1) as reader:
        return reader.read(TOKENS)


def worst_cosine(first: Any, second: Any) -> float:
    first, second = (rows - rows.mean(axis=1, keepdims=True) for rows in (first, second))
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return float(((first * second).sum(axis=1) / lengths).min())


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
@pytest.mark.parametrize("is_tied", [False, True])
def test_a_float_file_gives_the_very_weights_back(architecture: str, is_tied: bool, tmp_path: Path) -> None:
    model = make_model(architecture, is_tied=is_tied)
    path = write_base(model, tmp_path / "base").file("model")
    base = load_base(path)
    assert (torch_logits(base.model, TOKENS) == torch_logits(model, TOKENS)).all()
    assert worst_cosine(torch_logits(base.model, TOKENS), llama_logits(path)) > 0.9999


@pytest.mark.parametrize("quantization", ["q8_0", "iq4_nl", "q8_0+iq4_nl:ffn_gate", "f16"])
def test_a_quantized_file_gives_what_llama_cpp_computes_from_it(quantization: str, tmp_path: Path) -> None:
    path = write_base(make_model("llama"), tmp_path / "base").file("model")
    quantized = tmp_path / "quantized.gguf"
    quantize_gguf(path, quantized, named_quantization(quantization))
    base, served = torch_logits(load_base(quantized).model, TOKENS), llama_logits(quantized)
    assert worst_cosine(base, served) > 0.999  # llama.cpp rounds activations to 8 bits where weights are quantized
    if quantization == "iq4_nl":
        assert worst_cosine(torch_logits(load_base(path).model, TOKENS), served) < 0.99


def test_rotary_factors_of_long_context_models_are_used(tmp_path: Path) -> None:
    path = write_base(make_model("llama"), tmp_path / "base").file("model")
    factors = np.linspace(1, 8, EMBEDDING // HEADS // 2, dtype=np.float32)
    changed = rewrite(path, tmp_path / "changed.gguf", added={"rope_freqs.weight": factors})
    assert worst_cosine(torch_logits(load_base(changed).model, TOKENS), llama_logits(changed)) > 0.9999
    assert worst_cosine(torch_logits(load_base(path).model, TOKENS), llama_logits(changed)) < 0.999


def test_the_base_is_frozen_and_its_shape_is_read(tmp_path: Path) -> None:
    path = write_base(make_model("llama"), tmp_path / "base").file("model")
    seen: list[tuple[int, int]] = []
    base = load_base(path, on_progress=lambda done, total: seen.append((done, total)))
    assert not base.model.training
    assert not any(parameter.requires_grad for parameter in base.model.parameters())
    assert base.shape == read_shape(path)
    assert (base.shape.n_blocks, base.shape.dim, base.shape.ffn_dim) == (LAYERS, EMBEDDING, INNER)
    assert (base.shape.n_heads, base.shape.n_kv_heads, base.shape.vocabulary) == (HEADS, KV_HEADS, VOCABULARY)
    for projection in ("q_proj", "v_proj", "down_proj"):
        layer = dict(base.model.named_modules())
        weight = next(each for name, each in layer.items() if name.endswith(projection)).weight
        assert base.shape.layer(projection) == tuple(reversed(weight.shape))
    assert seen[-1] == (len(seen), len(seen))


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"no such thing" * 50)
    with pytest.raises(BundleError, match=r"'model\.gguf' is no GGUF model"):
        load_base(path)
    whole = write_base(make_model("llama"), tmp_path / "base").file("model").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BundleError, match=r"'model\.gguf'"):
        load_base(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"architecture": "gpt2"}, "architecture 'gpt2'"),
        ({"values": {"llama.rope.scaling.type": "yarn"}}, "scaled \\(yarn\\)"),
        ({"values": {"llama.rope.dimension_count": 8}}, "rotates 8 of 16"),
        ({"added": {"blk.0.ffn_gate_inp.weight": np.ones((4, 4), np.float32)}}, "ffn_gate_inp"),
        ({"dropped": "blk.1.ffn_up.weight"}, "1 of its parts are missing"),
    ],
)
def test_what_cannot_be_trained_is_said(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = write_base(make_model("llama"), tmp_path / "base").file("model")
    with pytest.raises(ModelMismatchError, match=message):
        load_base(rewrite(path, tmp_path / "changed.gguf", **changes))


def test_damaged_numbers_are_refused(tmp_path: Path) -> None:
    path = write_base(make_model("llama"), tmp_path / "base").file("model")
    norm = np.full(EMBEDDING, np.nan, np.float32)
    with pytest.raises(BundleError, match="not finite"):
        load_base(rewrite(path, tmp_path / "nan.gguf", added={"output_norm.weight": norm}))
    with pytest.raises(BundleError, match="shapes"):
        load_base(rewrite(path, tmp_path / "short.gguf", added={"output_norm.weight": np.ones(8, np.float32)}))


def rewrite(
    source: Path,
    out: Path,
    *,
    architecture: str = "llama",
    values: dict[str, Any] | None = None,
    added: dict[str, Any] | None = None,
    dropped: str = "",
) -> Path:
    """Write a float GGUF again with other metadata and tensors."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(out, architecture)
    values = values or {}
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key == "general.architecture" or key in values:
            continue
        kind = field.types[0]
        sub_type = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(key, field.contents(), kind, sub_type=sub_type)
    for key, value in values.items():
        writer.add_key_value(key, value, gguf.GGUFValueType.get_type(value))
    tensors = {tensor.name: np.array(tensor.data) for tensor in reader.tensors if tensor.name != dropped}
    for name, data in (tensors | (added or {})).items():
        writer.add_tensor(name, data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return out
