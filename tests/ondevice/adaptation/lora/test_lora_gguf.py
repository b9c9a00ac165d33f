"""An adapter's bytes: what llama.cpp makes of them is what PyTorch makes of the adapter, and no file is written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ondevice.adaptation.lora.lora_gguf import LoraPair, adapter_bytes, lora_pairs, pairs_bytes
from ondevice.config import EngineConfig
from ondevice.errors import ModelMismatchError
from ondevice.generation.llama.engine import Engine
from tests.tiny_llm import HEADS, KV_HEADS, make_model, torch_logits, write_base, write_lora

PROMPT, ANSWER = "the user likes roses and writes of", " rain on the old garden wall"
PREFIX = "base_model.model.model.layers"
_OPENED: list[tuple[str, Any]] | None = None


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if _OPENED is not None and event in ("open", "os.open", "tempfile.mkstemp", "tempfile.mkdtemp"):
        _OPENED.append((event, arguments[:2]))


sys.addaudithook(_listen)


def matrices(rank: int = 3, n_in: int = 64, n_out: int = 64, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(seed)
    return {
        f"{PREFIX}.0.self_attn.q_proj.lora_A.weight": random.standard_normal((rank, n_in), dtype=np.float32),
        f"{PREFIX}.0.self_attn.q_proj.lora_B.weight": random.standard_normal((n_out, rank), dtype=np.float32),
    }


def encode(tensors: dict[str, NDArray[Any]], **settings: Any) -> bytes:
    known: dict[str, Any] = {"architecture": "llama", "alpha": 6.0, "n_heads": 4, "n_kv_heads": 2}
    return adapter_bytes(tensors, **known | settings)


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
@pytest.mark.parametrize("precision", ["f32", "f16"])
def test_the_engine_answers_with_it_as_pytorch_does(architecture: str, precision: Any, tmp_path: Path) -> None:
    model = make_model(architecture)
    bundle = write_base(model, tmp_path / "base")
    plain = torch_logits(model, [5, 6, 7])
    adapted = write_lora(model, tmp_path / "lora")
    assert not np.allclose(torch_logits(adapted, [5, 6, 7]), plain, atol=0.1)
    tensors = {name: parameter.detach().numpy() for name, parameter in adapted.named_parameters() if "lora_" in name}

    data = encode(tensors, architecture=architecture, n_heads=HEADS, n_kv_heads=KV_HEADS, precision=precision)

    with Engine.open(bundle, config=EngineConfig(threads=1)) as engine:
        tokens = engine._desk.vocabulary.tokenize_prompt(PROMPT)
        answer = engine._desk.vocabulary.tokenize_text(ANSWER)
        without = engine.log_likelihood(PROMPT, ANSWER)
        engine.use_adapter(engine.load_adapter(data))
        found = engine.log_likelihood(PROMPT, ANSWER)
    logits = torch.from_numpy(torch_logits(adapted, tokens + answer))
    wanted = torch.log_softmax(logits, dim=-1)[len(tokens) - 1 : -1].gather(1, torch.tensor([answer]).T)[:, 0].numpy()
    assert np.abs(found - wanted).max() < 0.03
    assert np.abs(without - wanted).max() > 0.5


def test_the_bytes_are_those_that_gguf_writes_to_a_file(tmp_path: Path) -> None:
    pairs = {
        f"blk.{layer}.attn_v.weight": LoraPair(
            a=np.full((3, 5), layer, dtype=np.float32), b=np.full((7, 3), 0.5, dtype=np.float32)
        )
        for layer in range(2)
    }
    writer = gguf.GGUFWriter(tmp_path / "adapter.gguf", "qwen2")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 2.5)
    for weight, pair in pairs.items():
        writer.add_tensor(f"{weight}.lora_a", pair.a)
        writer.add_tensor(f"{weight}.lora_b", pair.b)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    assert pairs_bytes(pairs, architecture="qwen2", alpha=2.5) == (tmp_path / "adapter.gguf").read_bytes()


def test_no_file_is_opened() -> None:
    global _OPENED
    tensors = matrices()
    encode(tensors)  # what is imported late is imported now
    _OPENED = []
    try:
        encode(tensors)
        assert _OPENED == []
        with open("/dev/null", "rb"):
            assert len(_OPENED) == 1  # it would have been seen
    finally:
        _OPENED = None


def test_llama_rows_are_put_pair_after_pair_and_qwen_rows_stay() -> None:
    tensors = matrices(rank=1, n_out=8)
    tensors[f"{PREFIX}.0.self_attn.q_proj.lora_B.weight"] = np.arange(8, dtype=np.float32).reshape(8, 1)
    weight = "blk.0.attn_q.weight"
    llama = lora_pairs(tensors, architecture="llama", n_heads=2, n_kv_heads=1)[weight]
    qwen = lora_pairs(tensors, architecture="qwen2", n_heads=2, n_kv_heads=1)[weight]
    assert llama.b[:, 0].tolist() == [0, 2, 1, 3, 4, 6, 5, 7]
    assert qwen.b[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 6, 7]


def test_names_of_a_live_model_and_of_a_saved_one_mean_the_same() -> None:
    tensors = matrices()
    live = {name.replace(".weight", ".default.weight"): values for name, values in tensors.items()}
    bare = {name.removeprefix("base_model.model."): values for name, values in tensors.items()}
    assert encode(tensors) == encode(live) == encode(bare)


def test_f16_halves_the_size() -> None:
    tensors = matrices(rank=64)
    assert len(encode(tensors, precision="f16")) < 0.6 * len(encode(tensors))


def drop(ending: str) -> Callable[[dict[str, NDArray[Any]]], object]:
    return lambda tensors: tensors.pop(f"{PREFIX}.0.self_attn.q_proj.{ending}")


def put(ending: str, values: NDArray[Any]) -> Callable[[dict[str, NDArray[Any]]], object]:
    return lambda tensors: tensors.update({f"{PREFIX}.0.{ending}": values})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (drop("lora_A.weight"), "matrix A of 'blk.0.attn_q.weight' is missing"),
        (drop("lora_B.weight"), "matrix B of 'blk.0.attn_q.weight' is missing"),
        (lambda tensors: tensors.clear(), "holds no tensors"),
        (put("self_attn.q_proj.lora_B.weight", np.ones((64, 2))), "ranks 3 and 2"),
        (put("self_attn.q_proj.lora_B.weight", np.ones((62, 3))), "62 rows .* into 4 heads"),
        (put("self_attn.q_proj.lora_B.weight", np.full((64, 3), np.nan)), "not finite"),
        (put("self_attn.q_proj.lora_B.weight", np.ones(64)), r"shape \(64,\)"),
        (put("self_attn.q_proj.lora_B.default.weight", np.ones((64, 3))), "given twice"),
        (put("self_attn.rotary.lora_A.weight", np.ones((3, 64))), "no LoRA matrix"),
        (put("self_attn.q_proj.lora_magnitude_vector", np.ones(64)), "no LoRA matrix"),
    ],
)
def test_what_is_no_whole_adapter_is_refused(change: Callable[[dict[str, Any]], object], says: str) -> None:
    tensors: dict[str, NDArray[Any]] = dict(matrices())
    change(tensors)
    with pytest.raises(ValueError, match=says):
        encode(tensors)


@pytest.mark.parametrize("alpha", [0.0, float("nan"), float("inf")])
def test_an_alpha_that_llama_cpp_would_misread_is_refused(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha must be a finite number other than 0"):
        encode(matrices(), alpha=alpha)


def test_numbers_too_large_for_half_precision_are_refused() -> None:
    tensors = matrices()
    tensors[f"{PREFIX}.0.self_attn.q_proj.lora_B.weight"][0, 0] = 7e4
    with pytest.raises(ValueError, match=r"7e\+04 .* too large for float16, at most 65504"):
        encode(tensors, precision="f16")


def test_another_architecture_is_refused() -> None:
    with pytest.raises(ModelMismatchError, match="'gpt2' are not supported, only for llama, qwen2"):
        encode(matrices(), architecture="gpt2")
