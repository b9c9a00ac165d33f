"""A selector's checkpoint: a sequence classifier with one output, its head, and its float32 graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from export.conversion.onnx.checkpoint import HubCheckpoint, first_position, read_checkpoint
from export.conversion.onnx.graph import GraphWriter, write_body
from export.conversion.onnx.layout import MODULES, Layout, read_license, read_modules, read_object
from export.conversion.onnx.saving import save_graph
from export.conversion.onnx.tensors import read_tensors, take
from export.conversion.onnx.weights import Body, Linear, read_body
from export.errors import ConversionError

SUFFIX = "ForSequenceClassification"
_SETTINGS = ("sentence_bert_config.json", "config_sentence_transformers.json", "tokenizer_config.json")
# Per family: the layer over the first token's state, its activation, and the layer that gives the score.
_HEADS = {
    "bert": ("pooler.dense", "Tanh", "classifier"),
    "distilbert": ("pre_classifier", "Relu", "classifier"),
    "mpnet": ("classifier.dense", "Tanh", "classifier.out_proj"),
    "roberta": ("classifier.dense", "Tanh", "classifier.out_proj"),
    "xlm-roberta": ("classifier.dense", "Tanh", "classifier.out_proj"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What turns the first token's state into a score: a layer, an activation (an ONNX operator), a layer."""

    dense: Linear
    activation: str
    score: Linear


def read_classifier(folder: Path, *, max_tokens: int | None = None) -> HubCheckpoint:
    """Read the folder of a sequence classifier with one output, as transformers or sentence-transformers save it.

    Args:
        folder: The folder.
        max_tokens: Where longer pairs are to be cut; ``None`` takes what the tokenizer and the positions allow.

    Raises:
        ConversionError: If it is no such classifier, has more than one output, puts a prompt before its texts, or
            anything that :func:`read_checkpoint` refuses.
    """
    config = read_object(folder / "config.json")
    architectures = config.get("architectures")
    named = architectures[0] if isinstance(architectures, list) and len(architectures) == 1 else None
    if not isinstance(named, str) or not named.endswith(SUFFIX):
        raise ConversionError(
            f"the model in {folder.name!r} is no sequence classifier", hint=f"its architecture must end in {SUFFIX}"
        )
    labels = config.get("id2label")
    n_outputs = len(labels) if isinstance(labels, dict) else config.get("num_labels", 2)
    if n_outputs != 1:
        raise ConversionError(f"the classifier has {n_outputs} outputs, but a selector has one")
    settings, prompts, tokenizer = (
        read_object(folder / name) if (folder / name).is_file() else {} for name in _SETTINGS
    )
    if (folder / MODULES).is_file() and [kind for kind, _ in read_modules(folder)] != ["Transformer"]:
        raise ConversionError("a selector of several modules cannot be converted")
    if prompts.get("default_prompt_name") is not None:
        raise ConversionError("a selector that puts a prompt before its texts cannot be converted")
    lengths = [settings.get("max_seq_length"), tokenizer.get("model_max_length"), max_tokens]
    return read_checkpoint(
        folder,
        layout=Layout(
            max_tokens=_least(lengths, config),
            lowercases=settings.get("do_lower_case") is True,
            license=read_license(folder),
            files=tuple(name for name in (*_SETTINGS, MODULES) if (folder / name).is_file()),
        ),
    )


def read_head(checkpoint: HubCheckpoint) -> Head:
    """Read the head's weights."""
    dense, activation, score = _HEADS[checkpoint.architecture]
    family = {"xlm-roberta": "roberta"}.get(checkpoint.architecture, checkpoint.architecture)
    tensors = read_tensors(checkpoint.folder, checkpoint.weights, prefix=f"{family}.")

    def linear(name: str, n_out: int) -> Linear:
        weight, bias = take(tensors, f"{name}.weight", 2), take(tensors, f"{name}.bias", 1)
        if weight.shape != (n_out, checkpoint.dim) or bias.shape != (n_out,):
            raise ConversionError(
                f"the layer {name!r} has the shape {list(weight.shape)}, but {[n_out, checkpoint.dim]} is needed"
            )
        return Linear(weight=np.ascontiguousarray(weight.T), bias=bias)

    return Head(dense=linear(dense, checkpoint.dim), activation=activation, score=linear(score, 1))


def export_classifier(checkpoint: HubCheckpoint, out: Path) -> None:
    """Write a selector as a float32 ONNX file; the same checkpoint gives the same bytes.

    Inputs: ``input_ids``, ``attention_mask`` and, where the model tells two texts apart, ``token_type_ids``,
    int64[texts, tokens]; output: ``scores``, float32[texts].
    """
    body, head = read_body(checkpoint), read_head(checkpoint)
    writer = GraphWriter()
    token_types = _has_types(body)
    states = write_body(writer, body, token_types=token_types)
    first = writer.node("Gather", [states, writer.constant("cls", np.array(0, np.int64))], "first_state", axis=1)
    pooled = writer.node(head.activation, [_dense(writer, first, head.dense, "head.dense")], "head.active")
    scored = _dense(writer, pooled, head.score, "head.score")
    writer.node("Squeeze", [scored, writer.constant("score_axis", np.array([1], np.int64))], "scores")
    inputs = ["input_ids", "attention_mask", *(["token_type_ids"] if token_types else [])]
    save_graph(writer.model(inputs, "scores", ["texts"]), out)


def _has_types(body: Body) -> bool:
    return body.types is not None and len(body.types) > 1


def _dense(writer: GraphWriter, states: str, linear: Linear, name: str) -> str:
    weight = writer.constant(f"{name}.weight", linear.weight)
    return writer.node("Gemm", [states, weight, writer.constant(f"{name}.bias", linear.bias)], name)


def _least(lengths: list[Any], config: Mapping[str, Any]) -> int | None:
    """Return the shortest of the limits that are given, and no more than there are positions for."""
    given = [length for length in lengths if length is not None]
    if any(type(length) is not int or length < 5 for length in given):
        raise ConversionError("a length limit must be a whole number of 5 or more")
    positions = config.get("max_position_embeddings")
    if not given or type(positions) is not int:
        return None
    return int(min(*given, positions - first_position(config)))
