"""The causal language models that can be converted: their configuration, and what GGUF calls their weights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.errors import ConversionError

# Hugging Face class → the architecture's name in GGUF, and whether its rotary halves have to be interleaved.
_FAMILIES: Mapping[str, tuple[str, bool]] = {
    "LlamaForCausalLM": ("llama", True),
    "MistralForCausalLM": ("llama", True),
    "Qwen2ForCausalLM": ("qwen2", False),
}
_WHOLE = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}
_IN_LAYER = {
    "input_layernorm.weight": "attn_norm.weight",
    "self_attn.q_proj.weight": "attn_q.weight",
    "self_attn.q_proj.bias": "attn_q.bias",
    "self_attn.k_proj.weight": "attn_k.weight",
    "self_attn.k_proj.bias": "attn_k.bias",
    "self_attn.v_proj.weight": "attn_v.weight",
    "self_attn.v_proj.bias": "attn_v.bias",
    "self_attn.o_proj.weight": "attn_output.weight",
    "post_attention_layernorm.weight": "ffn_norm.weight",
    "mlp.gate_proj.weight": "ffn_gate.weight",
    "mlp.up_proj.weight": "ffn_up.weight",
    "mlp.down_proj.weight": "ffn_down.weight",
}
_LAYER = re.compile(r"model\.layers\.(\d+)\.(.+)")
_IGNORED = re.compile(r"\.rotary_emb\.inv_freq$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Architecture:
    """A causal language model's shape, as llama.cpp must know it.

    Args:
        name: GGUF's name of the family.
        n_layers: Blocks.
        width: Numbers in a state.
        n_inner: Numbers inside a feed-forward part.
        n_heads: Query heads.
        n_kv_heads: Key and value heads.
        head_size: Numbers in one head.
        context_tokens: The longest context it was trained for.
        n_vocabulary: Rows of the embedding table.
        norm_epsilon: Of every RMS normalization.
        rope_base: The base of the rotary positions.
        rope_scale: The factor of linear position scaling, 1 for none.
        is_tied: Whether the output layer is the embedding table.
        interleaves: Whether query and key rows change places: Hugging Face rotates the first half of a head against
            the second, llama.cpp neighbours against each other.
    """

    name: str
    n_layers: int
    width: int
    n_inner: int
    n_heads: int
    n_kv_heads: int
    head_size: int
    context_tokens: int
    n_vocabulary: int
    norm_epsilon: float
    rope_base: float
    rope_scale: float
    is_tied: bool
    interleaves: bool

    def tensor_name(self, name: str) -> str | None:
        """Return what GGUF calls a weight, or ``None`` for one that holds nothing the configuration does not say."""
        if _IGNORED.search(name):
            return None
        found = _WHOLE.get(name)
        if (layer := _LAYER.fullmatch(name)) and int(layer[1]) < self.n_layers and layer[2] in _IN_LAYER:
            found = f"blk.{int(layer[1])}.{_IN_LAYER[layer[2]]}"
        if found is None or (found.endswith(".bias") and self.name != "qwen2"):
            raise ConversionError(f"the architecture {self.name!r} has no place for the weight {name!r}")
        return found

    def expected(self) -> dict[str, tuple[int, ...]]:
        """Return every weight the model must have, by its GGUF name, with its shape (rows first)."""
        n_q, n_kv = self.n_heads * self.head_size, self.n_kv_heads * self.head_size
        shapes: dict[str, tuple[int, ...]] = {
            "token_embd.weight": (self.n_vocabulary, self.width),
            "output_norm.weight": (self.width,),
        }
        if not self.is_tied:
            shapes["output.weight"] = (self.n_vocabulary, self.width)
        for layer in range(self.n_layers):
            here = {
                "attn_norm.weight": (self.width,),
                "attn_q.weight": (n_q, self.width),
                "attn_k.weight": (n_kv, self.width),
                "attn_v.weight": (n_kv, self.width),
                "attn_output.weight": (self.width, n_q),
                "ffn_norm.weight": (self.width,),
                "ffn_gate.weight": (self.n_inner, self.width),
                "ffn_up.weight": (self.n_inner, self.width),
                "ffn_down.weight": (self.width, self.n_inner),
            }
            if self.name == "qwen2":
                here |= {"attn_q.bias": (n_q,), "attn_k.bias": (n_kv,), "attn_v.bias": (n_kv,)}
            shapes |= {f"blk.{layer}.{name}": shape for name, shape in here.items()}
        return shapes

    def arranged(self, name: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a weight with its rows in llama.cpp's order."""
        part = name.rpartition("blk.")[2].split(".", 1)[-1]
        if not self.interleaves or not part.startswith(("attn_q.", "attn_k.")):
            return values
        heads = self.n_heads if part.startswith("attn_q.") else self.n_kv_heads
        split = values.reshape(heads, 2, self.head_size // 2, *values.shape[1:])
        return np.ascontiguousarray(split.swapaxes(1, 2)).reshape(values.shape)


def read_architecture(config: Mapping[str, Any]) -> Architecture:
    """Return what ``config.json`` says, where llama.cpp can compute exactly that."""
    classes = config.get("architectures") or []
    family = _FAMILIES.get(str(classes[0])) if len(classes) == 1 else None
    if family is None:
        named = f"{classes[0]!r}" if classes else "without a name"
        raise ConversionError(
            f"the architecture {named} is not supported", hint=f"supported are: {', '.join(_FAMILIES)}"
        )
    _refuse_variants(config)
    n_heads, width = _number(config, "num_attention_heads"), _number(config, "hidden_size")
    head_size = int(config.get("head_dim") or width // n_heads)
    kv = config.get("num_key_value_heads")
    base, scale = _rope(config)
    if head_size % 2 or (kv and n_heads % int(kv)):
        raise ConversionError(f"{n_heads} heads of {head_size} numbers over {kv} key-value heads do not fit together")
    return Architecture(
        name=family[0],
        n_layers=_number(config, "num_hidden_layers"),
        width=width,
        n_inner=_number(config, "intermediate_size"),
        n_heads=n_heads,
        n_kv_heads=int(kv or n_heads),
        head_size=head_size,
        context_tokens=_number(config, "max_position_embeddings"),
        n_vocabulary=_number(config, "vocab_size"),
        norm_epsilon=float(config.get("rms_norm_eps", 1e-6)),
        rope_base=base,
        rope_scale=scale,
        is_tied=bool(config.get("tie_word_embeddings", False)),
        interleaves=family[1],
    )


def _refuse_variants(config: Mapping[str, Any]) -> None:
    if config.get("hidden_act", "silu") != "silu":
        raise ConversionError(f"the activation {config['hidden_act']!r} cannot be converted", hint="silu can")
    if config.get("quantization_config"):
        raise ConversionError("the weights are quantized already", hint="convert the original checkpoint")
    window, longest = config.get("sliding_window"), config.get("max_position_embeddings", 0)
    if window and config.get("use_sliding_window", True) and int(window) < int(longest):
        raise ConversionError(f"attention over a window of {window} of {longest} tokens cannot be converted")
    if any(kind != "full_attention" for kind in config.get("layer_types") or []):
        raise ConversionError("layers with other than full attention cannot be converted")


def _rope(config: Mapping[str, Any]) -> tuple[float, float]:
    found = {**(config.get("rope_scaling") or {}), **(config.get("rope_parameters") or {})}
    base = float(found.get("rope_theta", config.get("rope_theta", 10000.0)))
    kind = found.get("rope_type", found.get("type", "default"))
    if kind not in ("default", "linear") or float(found.get("partial_rotary_factor", 1.0)) != 1.0:
        raise ConversionError(
            f"rotary positions of the type {kind!r} cannot be converted", hint="default and linear can"
        )
    return base, float(found.get("factor", 1.0)) if kind == "linear" else 1.0


def _number(config: Mapping[str, Any], name: str) -> int:
    value = config.get(name)
    if type(value) is not int or value < 1:
        raise ConversionError(f"the configuration must state {name} as a whole number of 1 or more")
    return value
