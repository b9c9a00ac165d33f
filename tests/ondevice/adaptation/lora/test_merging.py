"""A merged model answers as its base does with the adapter beside it, and is the base bit for bit elsewhere."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.adaptation.lora.gguf_in_memory import read_gguf
from ondevice.adaptation.lora.merging import merged_model
from ondevice.bundle import Bundle, FileEntry, GeneratorSpec, Manifest, write_manifest
from ondevice.config import EngineConfig
from ondevice.errors import CorruptError, ModelMismatchError
from ondevice.generation.llama.engine import Engine
from tests.tiny_generator import make_tiny_adapter, make_tiny_generator

PROMPT = "the user likes roses and writes of"
ADAPTED = {f"blk.{layer}.{part}.weight" for layer in range(2) for part in ("attn_q", "attn_v")}
_WRITTEN: list[str] | None = None


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if _WRITTEN is not None and event == "open" and "w" in str(arguments[1]):
        _WRITTEN.append(str(arguments[0]))


sys.addaudithook(_listen)


@pytest.fixture(scope="module", params=["F32", "Q8_0", "Q4_1"])
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A tiny base, its matrices quantized."""
    folder = tmp_path_factory.mktemp("base")
    bundle = make_tiny_generator(folder / "floats")
    if request.param == "F32":
        return bundle
    kind = gguf.GGMLQuantizationType[request.param]
    reader = gguf.GGUFReader(bundle.file("model"))
    (folder / "quantized").mkdir()
    writer = gguf.GGUFWriter(folder / "quantized" / "model.gguf", "llama")
    for key, field in reader.fields.items():
        if not key.startswith(("GGUF.", "general.architecture")):
            sub_type = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(key, field.contents(), field.types[0], sub_type=sub_type)
    for tensor in reader.tensors:
        if tensor.data.ndim == 2 and tensor.name.startswith("blk."):
            writer.add_tensor(tensor.name, gguf.quants.quantize(tensor.data, kind), raw_dtype=kind)
        else:
            writer.add_tensor(tensor.name, tensor.data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return as_bundle(folder / "quantized")


def as_bundle(folder: Path) -> Bundle:
    manifest = Manifest(
        kind="generator",
        name="tiny-other",
        version="1",
        license="Apache-2.0",
        source="made by the tests",
        files={"model": FileEntry.measure(folder, "model.gguf")},
        generator=GeneratorSpec(context_tokens=1024, base="tiny-other"),
    )
    write_manifest(folder, manifest)
    return Bundle.open(folder, kind="generator")


def logits(bundle: Bundle, adapter: bytes | None = None, scale: float = 1.0) -> NDArray[np.float32]:
    with Engine.open(bundle, config=EngineConfig(threads=1)) as engine:
        if adapter is not None:
            engine.use_adapter(engine.load_adapter(adapter), scale)
        engine.generate(PROMPT, max_tokens=1)
        return engine._desk.context.logits(-1).copy()


def cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_it_answers_as_base_and_adapter_do(base: Bundle, scale: float, tmp_path: Path) -> None:
    adapter = make_tiny_adapter()
    (tmp_path / "model.gguf").write_bytes(merged_model(base.file("model"), adapter, scale=scale))
    merged, beside = logits(as_bundle(tmp_path)), logits(base, adapter, scale)
    assert cosine(merged, beside) >= 0.999
    assert cosine(merged, logits(base)) < 0.9


def test_what_the_adapter_leaves_is_the_bases_bit_for_bit(base: Bundle) -> None:
    seen: list[tuple[int, int]] = []
    data = merged_model(base.file("model"), make_tiny_adapter(), on_progress=lambda *step: seen.append(step))
    before, after = gguf.GGUFReader(base.file("model")), read_gguf(data)
    assert [tensor.name for tensor in after.tensors] == [tensor.name for tensor in before.tensors]
    assert seen[-1] == (len(before.tensors), len(before.tensors))
    for old, new in zip(before.tensors, after.tensors, strict=True):
        if old.name in ADAPTED:
            is_float = old.tensor_type == gguf.GGMLQuantizationType.F32
            assert new.tensor_type.name == ("F16" if is_float else "Q8_0")
        else:
            assert (new.tensor_type, new.data.tobytes()) == (old.tensor_type, old.data.tobytes())
    fields = {key: field.contents() for key, field in before.fields.items() if not key.startswith("GGUF.")}
    assert {key: field.contents() for key, field in after.fields.items()} == fields


def test_no_rounding_takes_the_adapter_back(base: Bundle) -> None:
    small = make_tiny_adapter(alpha=0.005)  # its change is far below half a step of the base's grid
    before = {tensor.name: tensor for tensor in gguf.GGUFReader(base.file("model")).tensors}
    parts = {tensor.name: tensor.data.astype(np.float32) for tensor in read_gguf(small).tensors}
    found = wanted = 0.0
    for tensor in read_gguf(merged_model(base.file("model"), small)).tensors:
        if tensor.name in ADAPTED:
            old = before[tensor.name]
            change = np.float32(0.005 / 4) * parts[f"{tensor.name}.lora_b"] @ parts[f"{tensor.name}.lora_a"]
            new = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
            difference = new - gguf.quants.dequantize(old.data, old.tensor_type)
            found, wanted = found + float(np.vdot(difference, change)), wanted + float(np.vdot(change, change))
    assert found / wanted == pytest.approx(1, abs=0.1)


def test_no_file_is_written(base: Bundle) -> None:
    global _WRITTEN
    adapter = make_tiny_adapter()
    _WRITTEN = []
    try:
        first = merged_model(base.file("model"), adapter)
        assert _WRITTEN == []
    finally:
        _WRITTEN = None
    again = merged_model(base.file("model"), adapter)
    assert hashlib.sha256(first).digest() == hashlib.sha256(again).digest()


def test_what_does_not_fit_is_refused(base: Bundle) -> None:
    path = base.file("model")
    with pytest.raises(ModelMismatchError, match=r"has the shape \(64, 32\), and the weight \(64, 64\)"):
        merged_model(path, make_tiny_adapter(embedding=32))
    with pytest.raises(ModelMismatchError, match="architecture 'qwen2'"):
        merged_model(path, make_tiny_adapter(architecture="qwen2"))
    with pytest.raises(ValueError, match="other than 0, not 0"):
        merged_model(path, make_tiny_adapter(), scale=0.0)


def test_damage_is_told(base: Bundle) -> None:
    path, adapter = base.file("model"), make_tiny_adapter()
    for damaged in (b"", b"GGUF", adapter[:-9], adapter[:100], b"X" + adapter[1:]):
        with pytest.raises(CorruptError, match=f"of {len(damaged)} bytes is damaged"):
            merged_model(path, damaged)
    with pytest.raises(CorruptError, match="no LoRA adapter"):
        merged_model(path, path.read_bytes())
