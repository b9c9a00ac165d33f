"""The quantizations this release offers by name."""

from __future__ import annotations

from collections.abc import Mapping

from export.errors import ConversionError
from export.quantization import MIXTURES, Quantization, quantize_gguf

__all__ = ["PARTS", "RECIPES", "Quantization", "mixed", "named_quantization", "quantize_gguf"]

PARTS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
"""The matrices of a layer, as GGUF calls them."""


def mixed(parts: tuple[str, ...], kind: str, *, rest: str = "Q8_0") -> Quantization:
    """Return a quantization with these matrices of all layers as ``kind`` and everything else as ``rest``."""
    return Quantization(
        name=f"{rest.lower()}+{kind.lower()}:{','.join(parts)}",
        mixture=rest,
        tensors=tuple((rf"^blk\..*\.{part}\.weight$", kind) for part in parts),
    )


_OFFERED = (
    Quantization(name="f16", mixture="F16"),
    Quantization(name="bf16", mixture="BF16"),
    Quantization(name="q8_0", mixture="Q8_0"),
    Quantization(name="q6_k", mixture="Q6_K"),
    Quantization(name="q5_k_m", mixture="Q5_K_M"),
    Quantization(name="q4_k_m", mixture="Q4_K_M"),
    Quantization(name="q4_0", mixture="Q4_0", token_embedding="Q8_0", output="Q8_0"),  # noqa: S106 - a type of tensor
    Quantization(name="iq4_nl", mixture="IQ4_NL", token_embedding="Q8_0", output="Q8_0"),  # noqa: S106 - a type of tensor
    # What the default generator is served in (registry.json): the gates of the middle layers of a model with 30.
    Quantization(
        name="q8_0+iq4_nl:ffn_gate[3-12]",
        mixture="Q8_0",
        tensors=((r"^blk\.([3-9]|1[0-2])\.ffn_gate\.weight$", "IQ4_NL"),),
    ),
    mixed(("ffn_gate",), "IQ4_NL"),
    mixed(("ffn_gate", "attn_q", "attn_k"), "IQ4_NL"),
    mixed(("ffn_gate", "ffn_up", "attn_q", "attn_k", "attn_output"), "IQ4_NL"),
)
RECIPES: Mapping[str, Quantization] = {each.name: each for each in _OFFERED}
"""By name: llama.cpp's usual mixtures, and mixtures in which only the matrices that bear it best get four bits."""


def named_quantization(name: str) -> Quantization:
    """Return a recipe of that name, or llama.cpp's own mixture."""
    if found := RECIPES.get(name.lower()):
        return found
    if name.upper() in MIXTURES:
        return Quantization(name=name.lower(), mixture=name.upper())
    raise ConversionError(f"there is no quantization {name!r}", hint=f"there are: {', '.join(RECIPES)}")
