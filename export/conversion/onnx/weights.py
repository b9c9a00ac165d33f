"""The weights of a post-norm transformer encoder, whatever its family calls them.

BERT (Devlin et al. 2018, arXiv:1810.04805), RoBERTa (arXiv:1907.11692), XLM-R (arXiv:1911.02116), DistilBERT
(arXiv:1910.01108) and MPNet (arXiv:2004.09297) compute the same thing; they differ in names, in where positions start
to count, and in MPNet's bias by distance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from export.conversion.onnx.checkpoint import HubCheckpoint, first_position
from export.conversion.onnx.tensors import Array, read_tensors, take
from export.errors import ConversionError

ACTIVATIONS = ("gelu", "relu")

_BERT = {
    "word": "embeddings.word_embeddings",
    "positions": "embeddings.position_embeddings",
    "types": "embeddings.token_type_embeddings",
    "norm": "embeddings.LayerNorm",
    "query": "encoder.layer.{}.attention.self.query",
    "key": "encoder.layer.{}.attention.self.key",
    "value": "encoder.layer.{}.attention.self.value",
    "attended": "encoder.layer.{}.attention.output.dense",
    "attended_norm": "encoder.layer.{}.attention.output.LayerNorm",
    "up": "encoder.layer.{}.intermediate.dense",
    "down": "encoder.layer.{}.output.dense",
    "down_norm": "encoder.layer.{}.output.LayerNorm",
}
_MPNET = {
    **{key: name for key, name in _BERT.items() if key != "types"},
    "query": "encoder.layer.{}.attention.attn.q",
    "key": "encoder.layer.{}.attention.attn.k",
    "value": "encoder.layer.{}.attention.attn.v",
    "attended": "encoder.layer.{}.attention.attn.o",
    "attended_norm": "encoder.layer.{}.attention.LayerNorm",
    "distance": "encoder.relative_attention_bias",
}
_DISTILBERT = {
    "word": _BERT["word"],
    "positions": _BERT["positions"],
    "norm": _BERT["norm"],
    "query": "transformer.layer.{}.attention.q_lin",
    "key": "transformer.layer.{}.attention.k_lin",
    "value": "transformer.layer.{}.attention.v_lin",
    "attended": "transformer.layer.{}.attention.out_lin",
    "attended_norm": "transformer.layer.{}.sa_layer_norm",
    "up": "transformer.layer.{}.ffn.lin1",
    "down": "transformer.layer.{}.ffn.lin2",
    "down_norm": "transformer.layer.{}.output_layer_norm",
}
_FAMILIES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "bert": ("bert.", _BERT),
    "roberta": ("roberta.", _BERT),
    "xlm-roberta": ("roberta.", _BERT),
    "mpnet": ("mpnet.", _MPNET),
    "distilbert": ("distilbert.", _DISTILBERT),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Linear:
    """A matrix float32[n_in, n_out] that a row of states is multiplied with from the right, and its bias."""

    weight: Array
    bias: Array


@dataclass(frozen=True, kw_only=True, slots=True)
class Norm:
    """Scale and shift of a layer normalization, each float32[dim]."""

    scale: Array
    shift: Array


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """One layer: attention, then the two matrices of the feed-forward part, each followed by its normalization."""

    query: Linear
    key: Linear
    value: Linear
    attended: Linear
    attended_norm: Norm
    up: Linear
    down: Linear
    down_norm: Norm


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """All weights of an encoder.

    Args:
        word: Token embeddings, float32[vocabulary, dim].
        positions: Embeddings of the positions a text can have, its first token's first, float32[positions, dim].
        types: Embeddings of the token types, float32[types, dim]; ``None`` where the family has none.
        norm: What follows the sum of the embeddings.
        layers: In order.
        distance: MPNet's attention bias for every distance from ``1 - positions`` to ``positions - 1``,
            float32[heads, 2 * positions - 1]; ``None`` elsewhere.
        heads: Attention heads.
        epsilon: Of every normalization.
        activation: ``gelu`` (by the error function) or ``relu``.
    """

    word: Array
    positions: Array
    types: Array | None
    norm: Norm
    layers: tuple[Layer, ...]
    distance: Array | None
    heads: int
    epsilon: float
    activation: str


def read_body(checkpoint: HubCheckpoint) -> Body:
    """Read a checkpoint's weights as float32."""
    config = checkpoint.config
    _check_variant(checkpoint)
    prefix, names = _FAMILIES[checkpoint.architecture]
    tensors = read_tensors(checkpoint.folder, checkpoint.weights, prefix=prefix)
    n_layers = int(config.get("num_hidden_layers", config.get("n_layers", 0)))
    heads = int(config.get("num_attention_heads", config.get("n_heads", 0)))
    if n_layers < 1 or heads < 1 or checkpoint.dim % heads:
        raise ConversionError(f"{n_layers} layers of {heads} heads do not fit vectors of {checkpoint.dim} numbers")

    def linear(key: str, layer: int) -> Linear:
        name = names[key].format(layer)
        return Linear(
            weight=np.ascontiguousarray(take(tensors, f"{name}.weight", 2).T), bias=take(tensors, f"{name}.bias", 1)
        )

    def norm(key: str, layer: int = 0) -> Norm:
        name = names[key].format(layer)
        return Norm(scale=take(tensors, f"{name}.weight", 1), shift=take(tensors, f"{name}.bias", 1))

    first = first_position(config)
    positions = np.ascontiguousarray(take(tensors, f"{names['positions']}.weight", 2)[first:])
    return Body(
        word=take(tensors, f"{names['word']}.weight", 2),
        positions=positions,
        types=take(tensors, f"{names['types']}.weight", 2) if "types" in names else None,
        norm=norm("norm"),
        layers=tuple(
            Layer(
                query=linear("query", i),
                key=linear("key", i),
                value=linear("value", i),
                attended=linear("attended", i),
                attended_norm=norm("attended_norm", i),
                up=linear("up", i),
                down=linear("down", i),
                down_norm=norm("down_norm", i),
            )
            for i in range(n_layers)
        ),
        distance=_distance(take(tensors, f"{names['distance']}.weight", 2), len(positions))
        if "distance" in names
        else None,
        heads=heads,
        epsilon=float(config.get("layer_norm_eps", 1e-12)),
        activation=str(config.get("hidden_act", config.get("activation", "gelu"))),
    )


def _check_variant(checkpoint: HubCheckpoint) -> None:
    config = checkpoint.config
    activation = config.get("hidden_act", config.get("activation", "gelu"))
    if activation not in ACTIVATIONS:
        raise ConversionError(
            f"the activation {activation!r} cannot be converted", hint=f"supported are: {', '.join(ACTIVATIONS)}"
        )
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise ConversionError(f"positions of type {config['position_embedding_type']!r} cannot be converted")
    for flag in ("is_decoder", "add_cross_attention", "quantization_config"):
        if config.get(flag):
            raise ConversionError(f"a model with {flag} set cannot be converted")


def _distance(table: Array, positions: int) -> Array:
    """Spread MPNet's table of buckets over every distance, so that a device looks one number up.

    Shapes: float32[buckets, heads] → float32[heads, 2 * positions - 1].
    """
    import torch
    from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

    distances = torch.arange(1 - positions, positions)
    buckets = MPNetEncoder.relative_position_bucket(distances, num_buckets=len(table)).numpy()
    return np.ascontiguousarray(table[buckets].T)
