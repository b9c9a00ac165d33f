"""The importance matrix holds the mean squares of what really goes into each weight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from export.conversion.gguf.importance import importance_of
from export.errors import ConversionError
from export.gate.logits import LogitsReader
from ondevice.bundle import Bundle
from ondevice.errors import BundleError
from tests.tiny_llm import make_model, write_base

TEXTS = ("the cat slept on the warm stone", "rain fell on the garden wall")


@pytest.fixture(scope="module")
def model() -> Any:
    return make_model("llama")


@pytest.fixture(scope="module")
def base(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_base(model, tmp_path_factory.mktemp("base") / "model")


def test_it_is_the_mean_square_of_every_input_that_pytorch_sees(model: Any, base: Bundle) -> None:
    told: list[tuple[int, int]] = []
    importance = importance_of(base.file("model"), TEXTS, on_progress=lambda done, total: told.append((done, total)))
    seen: dict[str, list[Any]] = {}
    layers = {
        f"blk.{i}.{name}.weight": part for i, layer in enumerate(model.model.layers) for name, part in _parts(layer)
    }
    hooks = [
        part.register_forward_pre_hook(lambda _, inputs, name=name: seen.setdefault(name, []).append(inputs[0][0]))
        for name, part in layers.items()
    ]
    with LogitsReader(base.file("model"), threads=1) as reader, torch.no_grad():
        for text in TEXTS:
            model(input_ids=torch.tensor([reader.vocabulary.tokenize_prompt(text)]))
    for hook in hooks:
        hook.remove()
    assert told == [(1, 2), (2, 2)]
    assert set(layers) <= set(importance)
    for name, inputs in seen.items():
        expected = torch.cat(inputs).square().mean(dim=0).numpy()
        assert importance[name].dtype == np.float32
        np.testing.assert_allclose(importance[name], expected, rtol=0.05, atol=1e-3)


def _parts(layer: Any) -> list[tuple[str, Any]]:
    attention, inner = layer.self_attn, layer.mlp
    return [
        ("attn_q", attention.q_proj),
        ("attn_k", attention.k_proj),
        ("attn_v", attention.v_proj),
        ("attn_output", attention.o_proj),
        ("ffn_gate", inner.gate_proj),
        ("ffn_up", inner.up_proj),
        ("ffn_down", inner.down_proj),
    ]


def test_it_needs_texts_and_a_model(base: Bundle, tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="at least one text"):
        importance_of(base.file("model"), [])
    (tmp_path / "no.gguf").write_bytes(b"GGUF")
    with pytest.raises(BundleError, match="cannot load"):
        importance_of(tmp_path / "no.gguf", TEXTS)
