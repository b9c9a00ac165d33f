"""Weights-only modules: linear layers in a safetensors file, checked to follow on one another."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.conversion.onnx.checkpoint import weight_files
from export.conversion.onnx.tensors import read_tensors, take
from export.conversion.onnx.weights import Linear
from export.errors import ConversionError

ACTIVATIONS = ("gelu", "gelu_tanh", "relu", "silu", "tanh", "none")
"""What may stand between two layers; ``gelu`` is by the error function, ``gelu_tanh`` its approximation."""

_PART = re.compile(r"(?:(?P<layer>.+)\.)?(?P<part>weight|bias)")
_NUMBER = re.compile(r"(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Layers:
    """A chain of linear layers with the same activation between every two, none after the last.

    Args:
        linears: In order; each maps float32[n, n_in] to float32[n, n_out].
        activation: One of :data:`ACTIVATIONS`.
    """

    linears: tuple[Linear, ...]
    activation: str

    @property
    def n_in(self) -> int:
        """Numbers in a vector that goes in."""
        return int(self.linears[0].weight.shape[0])

    @property
    def n_out(self) -> int:
        """Numbers in a vector that comes out."""
        return int(self.linears[-1].weight.shape[1])

    def apply(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute the module in double precision: float64[n, n_in] → float64[n, n_out]."""
        for index, linear in enumerate(self.linears):
            if index > 0:
                vectors = _activate(self.activation, vectors)
            vectors = vectors @ linear.weight.astype(np.float64) + linear.bias
        return vectors


def find_weights(source: Path) -> Path:
    """Return the safetensors file that ``source`` is, or that the folder ``source`` holds."""
    if source.is_dir():
        names = weight_files(source)
        if len(names) > 1:
            raise ConversionError(f"the weights in {source.name!r} are in {len(names)} files, but a projector has one")
        return source / names[0]
    if not source.is_file():
        raise ConversionError(f"there is no file {source.name!r}")
    if source.suffix != ".safetensors":
        raise ConversionError(
            f"the file {source.name!r} is not a safetensors file",
            hint="pickled weights are never read, because unpickling runs code: save them as safetensors",
        )
    return source


def read_layers(path: Path, *, activation: str | None = None) -> Layers:
    """Read linear layers as PyTorch saves them: ``<layer>.weight`` [n_out, n_in] and perhaps ``<layer>.bias`` [n_out].

    Layers follow in the order of their names, numbers in them compared as numbers.

    Args:
        path: A safetensors file.
        activation: What stands between the layers; it must be given where there are two or more.
    """
    tensors = read_tensors(path.parent, [path.name])
    names = _layer_names(path, list(tensors))
    linears = []
    for name in names:
        dot = f"{name}." if name else ""
        weight = take(tensors, f"{dot}weight", 2)
        bias = (
            take(tensors, f"{dot}bias", 1) if f"{dot}bias" in tensors else np.zeros(weight.shape[0], dtype=np.float32)
        )
        if bias.shape != weight.shape[:1]:
            raise ConversionError(f"the layer {name!r} gives {weight.shape[0]} numbers, but its bias has {len(bias)}")
        linears.append(Linear(weight=np.ascontiguousarray(weight.T), bias=bias))
    _check_chain(names, linears)
    return Layers(linears=tuple(linears), activation=_checked(activation, len(linears)))


def _layer_names(path: Path, floating: list[str]) -> list[str]:
    from safetensors import safe_open

    with safe_open(str(path), framework="np") as file:
        present = sorted(file.keys())
    parts = {key: _PART.fullmatch(key) for key in present}
    strange = [key for key in present if parts[key] is None or key not in floating]
    if strange:
        raise ConversionError(
            f"the tensor {strange[0]!r} is no floating-point part of a linear layer",
            hint="only <layer>.weight and <layer>.bias are converted",
        )
    names = {match["layer"] or "" for match in parts.values() if match}
    if not names:
        raise ConversionError(f"the file {path.name!r} holds no tensor")
    return sorted(names, key=_natural)


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in _NUMBER.split(name)]


def _check_chain(names: Sequence[str], linears: Sequence[Linear]) -> None:
    for name, linear in zip(names, linears, strict=True):
        if 0 in linear.weight.shape:
            raise ConversionError(f"the layer {name!r} is empty")
    for place in range(1, len(linears)):
        given, taken = linears[place - 1].weight.shape[1], linears[place].weight.shape[0]
        if given != taken:
            raise ConversionError(
                f"the layer {names[place]!r} takes {taken} numbers, but {names[place - 1]!r} before it gives {given}"
            )


def _checked(activation: str | None, n_layers: int) -> str:
    known = f"known are: {', '.join(ACTIVATIONS)}"
    if activation is None and n_layers > 1:
        raise ConversionError(f"there are {n_layers} layers, but no activation was named", hint=known)
    if activation is not None and activation not in ACTIVATIONS:
        raise ConversionError(f"the activation {activation!r} is not known", hint=known)
    if activation not in (None, "none") and n_layers == 1:
        raise ConversionError(f"there is one layer, so the activation {activation!r} has no place")
    return activation or "none"


def _activate(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
    if name == "relu":
        return np.maximum(x, 0)
    if name == "tanh":
        return np.tanh(x)
    if name == "silu":
        return np.asarray(x / (1 + np.exp(-x)))
    if name == "gelu":
        return np.asarray(x / 2 * (1 + np.vectorize(math.erf, otypes=[np.float64])(x / math.sqrt(2))))
    if name == "gelu_tanh":
        return np.asarray(x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))
    return x
