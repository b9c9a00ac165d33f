"""What runs through a graph on given texts: the batches themselves, and how large each channel's activations get."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from export.conversion.onnx.tokenizing import batches_of, load_tokenizer
from export.errors import ConversionError
from ondevice.retrieval.encoding.session import load_runtime

if TYPE_CHECKING:
    import onnx

N_CALIBRATION = 64
_ERRORS_ONLY = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """Batches of model inputs, each a mapping from input name to int64[texts, tokens]."""

    feeds: tuple[Mapping[str, NDArray[np.int64]], ...]

    def __repr__(self) -> str:
        """Show the numbers, never a token."""
        return f"Calibration({len(self.feeds)} batches)"


def calibrate_on(texts: Sequence[str], tokenizer: Path, *, max_tokens: int, batch: int = 8) -> Calibration:
    """Tokenize calibration texts, at most ``max_tokens`` of each."""
    if not texts:
        raise ValueError("there must be texts to calibrate on")
    tokens = load_tokenizer(tokenizer)
    tokens.no_padding()
    tokens.enable_truncation(max_length=max_tokens)
    batches = [rows for _, rows in batches_of(tokens, texts, batch=batch)]
    return Calibration(feeds=tuple({"input_ids": ids, "attention_mask": mask} for ids, mask in batches))


def channel_maxima(
    model: onnx.ModelProto, tensors: Iterable[str], calibration: Calibration
) -> dict[str, NDArray[np.float32]]:
    """Run the graph and return the largest magnitude in each channel (the last axis) of some of its tensors.

    Shapes: by tensor name, float32[channels].
    """
    names = sorted(set(tensors))
    found: dict[str, NDArray[np.float32]] = {}
    for values in run_watched(model, names, calibration):
        for name, value in zip(names, values, strict=True):
            largest = np.abs(value).reshape(-1, value.shape[-1]).max(axis=0)
            found[name] = np.maximum(found.get(name, largest), largest)
    for name, value in found.items():
        if not np.isfinite(value).all():
            raise ConversionError(f"the activations of {name!r} are not finite on the calibration texts")
    return found


def run_watched(
    model: onnx.ModelProto, outputs: list[str], calibration: Calibration
) -> Iterable[list[NDArray[np.float32]]]:
    """Run the graph on every batch and yield the named inner values of each, in the order of the names."""
    import onnx
    from onnx import TensorProto, helper

    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    del watched.graph.output[:]
    watched.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs)
    session = _session(watched)
    wanted = {each.name for each in session.get_inputs()}
    for feed in calibration.feeds:
        rows = {name: feed.get(name, np.zeros_like(feed["input_ids"])) for name in wanted}
        try:
            yield session.run(outputs, rows)
        except Exception as error:  # onnxruntime raises its own types; the message could hold input values
            raise ConversionError(f"the graph fails on the calibration texts: {type(error).__name__}") from None


def _session(model: onnx.ModelProto) -> Any:  # noqa: ANN401 (an onnxruntime session)
    runtime = load_runtime()
    options = runtime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # as above
        raise ConversionError(f"the graph cannot be loaded: {type(error).__name__}") from None
