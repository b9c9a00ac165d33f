"""The model the device serves, dequantized, as PyTorch trains it.

An adapter is trained on the very weights it will be put on: what quantization rounded away is rounded away here too.
Everything is built from the GGUF file; nothing is looked up by name anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.lora.gguf_files import dequantized, open_gguf
from ondevice.adaptation.recipes.recipe import ModelShape
from ondevice.errors import BundleError, ModelMismatchError
from ondevice.safety.waiting import spin_little

ARCHITECTURES = ("llama", "qwen2")
"""What can be trained, as GGUF names it."""

_BLOCK = re.compile(r"blk\.(\d{1,4})\.(\w+)\.(weight|bias)")
_IN_BLOCK = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_OUTSIDE = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
_ROTARY_FACTORS = "rope_freqs.weight"


@dataclass(frozen=True, kw_only=True, slots=True, weakref_slot=True, eq=False)
class BaseModel:
    """A frozen base model in PyTorch. It is on the CPU, in evaluation mode, and no parameter wants a gradient.

    Args:
        model: A ``LlamaForCausalLM`` or ``Qwen2ForCausalLM`` with float32 weights.
        shape: Its sizes.
    """

    model: Any
    shape: ModelShape


def load_base(path: Path, *, on_progress: Callable[[int, int], None] | None = None) -> BaseModel:
    """Read a GGUF model with all its weights dequantized to float32.

    The file's hash is the bundle's business: pass a file that a bundle has verified.

    Args:
        path: The GGUF file.
        on_progress: Told after each tensor.

    Raises:
        ImportError: If the extra ``adapt`` is not installed.
        BundleError: If the file is no GGUF model, is damaged, or holds numbers that are not finite.
        ModelMismatchError: If the model has an architecture, or a part, that cannot be trained.
    """
    spin_little()  # before PyTorch loads
    reader = open_gguf(path)
    shape = _shape(reader, path)
    model = _empty_model(reader, path, shape)
    weights: dict[str, Any] = {}
    for done, tensor in enumerate(reader.tensors, 1):
        if tensor.name != _ROTARY_FACTORS:
            name = _torch_name(tensor.name)
            weights[name] = _parameter(tensor, shape)
        if on_progress is not None:
            on_progress(done, len(reader.tensors))
    _fill(model, weights, path)
    factors = [tensor for tensor in reader.tensors if tensor.name == _ROTARY_FACTORS]
    if factors:
        model.model.rotary_emb.inv_freq /= _parameter(factors[0], shape)
    return BaseModel(model=model.eval().requires_grad_(False), shape=shape)


def read_shape(path: Path) -> ModelShape:
    """Return a GGUF model's sizes, reading its header only.

    Raises:
        ImportError: If the extra ``adapt`` is not installed.
        BundleError: If the file is no GGUF model or lacks a size.
        ModelMismatchError: If the model has an architecture that cannot be trained.
    """
    return _shape(open_gguf(path), path)


class _Header:
    """The metadata below the architecture's name."""

    def __init__(self, reader: Any, path: Path) -> None:  # noqa: ANN401 - gguf's reader
        self._reader, self._path = reader, path
        self.architecture = str(self.value("general.architecture"))

    def value(self, key: str, default: object = None) -> Any:  # noqa: ANN401 - whatever the file holds
        field = self._reader.get_field(key)
        if field is None:
            if default is None:
                raise BundleError(f"the model {self._path.name!r} does not state its {key}")
            return default
        return field.contents()

    def own(self, key: str, default: object = None) -> Any:  # noqa: ANN401 - whatever the file holds
        return self.value(f"{self.architecture}.{key}", default)


def _shape(reader: Any, path: Path) -> ModelShape:  # noqa: ANN401 - gguf's reader
    header = _Header(reader, path)
    if header.architecture not in ARCHITECTURES:
        raise ModelMismatchError(
            f"a model of the architecture {header.architecture!r} cannot be trained, only {', '.join(ARCHITECTURES)}"
        )
    dim, n_heads = int(header.own("embedding_length")), int(header.own("attention.head_count"))
    tables = [tensor for tensor in reader.tensors if tensor.name == "token_embd.weight"]
    if not tables:
        raise BundleError(f"the model {path.name!r} has no token embeddings")
    return ModelShape(
        architecture=header.architecture,
        n_blocks=int(header.own("block_count")),
        dim=dim,
        n_heads=n_heads,
        n_kv_heads=int(header.own("attention.head_count_kv", n_heads)),
        head_dim=int(header.own("attention.key_length", dim // n_heads)),
        ffn_dim=int(header.own("feed_forward_length")),
        vocabulary=int(tables[0].shape[1]),
    )


def _empty_model(reader: Any, path: Path, shape: ModelShape) -> Any:  # noqa: ANN401 - gguf's reader, a torch module
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

    header = _Header(reader, path)
    scaling = header.own("rope.scaling.type", "none")
    if scaling != "none":
        raise ModelMismatchError(f"a model whose rotary positions are scaled ({scaling}) cannot be trained")
    rotated = int(header.own("rope.dimension_count", shape.head_dim))
    if rotated != shape.head_dim:
        raise ModelMismatchError(
            f"a model that rotates {rotated} of {shape.head_dim} numbers per head cannot be trained"
        )
    config_type, model_type = {
        "llama": (LlamaConfig, LlamaForCausalLM),
        "qwen2": (Qwen2Config, Qwen2ForCausalLM),
    }[shape.architecture]
    has_biases = any(tensor.name == "blk.0.attn_q.bias" for tensor in reader.tensors)
    config = config_type(
        vocab_size=shape.vocabulary,
        hidden_size=shape.dim,
        intermediate_size=shape.ffn_dim,
        num_hidden_layers=shape.n_blocks,
        num_attention_heads=shape.n_heads,
        num_key_value_heads=shape.n_kv_heads,
        head_dim=shape.head_dim,
        max_position_embeddings=int(header.own("context_length")),
        rms_norm_eps=float(header.own("attention.layer_norm_rms_epsilon")),
        rope_parameters={"rope_type": "default", "rope_theta": float(header.own("rope.freq_base", 10_000.0))},
        tie_word_embeddings=all(tensor.name != "output.weight" for tensor in reader.tensors),
        **({"attention_bias": has_biases} if shape.architecture == "llama" else {}),
        use_cache=False,
    )
    with torch.device("meta"):
        model = model_type(config)
    # What is computed and not stored has no values on the meta device: make it again, where it can be used.
    model.model.rotary_emb = type(model.model.rotary_emb)(config=config)
    return model


def _torch_name(name: str) -> str:
    if name in _OUTSIDE:
        return _OUTSIDE[name]
    match = _BLOCK.fullmatch(name)
    if match is None or match[2] not in _IN_BLOCK:
        raise ModelMismatchError(f"a model with the tensor {name!r} cannot be trained")
    return f"model.layers.{int(match[1])}.{_IN_BLOCK[match[2]]}.{match[3]}"


def _parameter(tensor: Any, shape: ModelShape) -> Any:  # noqa: ANN401 - a gguf tensor, a torch tensor
    import torch

    values = dequantized(tensor)
    if not np.isfinite(values).all():
        raise BundleError(f"the model's tensor {tensor.name!r} holds numbers that are not finite")
    heads = {"attn_q": shape.n_heads, "attn_k": shape.n_kv_heads}.get(tensor.name.split(".")[-2])
    if heads is not None and shape.architecture == "llama":
        values = _halves(values, heads)
    if values.base is not None or not values.flags.writeable:  # a view: of the file, or in another order
        values = values.copy()
    return torch.from_numpy(values)


def _halves(rows: NDArray[np.float32], n_heads: int) -> NDArray[np.float32]:
    """Put the rows of each head from pair after pair, as llama.cpp keeps them, to all first, then all second parts."""
    pairs = rows.reshape(n_heads, len(rows) // n_heads // 2, 2, -1)
    return pairs.swapaxes(1, 2).reshape(rows.shape)


def _fill(model: Any, weights: Mapping[str, Any], path: Path) -> None:  # noqa: ANN401 - a torch module
    if model.config.tie_word_embeddings:
        weights = {**weights, "lm_head.weight": weights["model.embed_tokens.weight"]}
    try:
        missing, unknown = model.load_state_dict(weights, strict=False, assign=True)
    except RuntimeError:
        raise BundleError(f"the tensors of the model {path.name!r} do not have the shapes its header says") from None
    if missing or unknown:
        raise ModelMismatchError(
            f"the model {path.name!r} cannot be trained: "
            f"{len(missing)} of its parts are missing, {len(unknown)} are not known"
        )
    model.tie_weights()
