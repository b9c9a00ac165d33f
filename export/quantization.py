"""Quantizing a GGUF file by llama.cpp itself: which type each tensor gets is data, the arithmetic is llama.cpp's.

This module stands below the registry and below conversion, because both quantize; it needs no extra.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.errors import ConversionError
from ondevice.safety.regular_files import open_regular

Importance = Mapping[str, NDArray[np.float32]]
"""By the name of a weight: how much each of its input columns counts, float32[n_in], 0 or more."""

TENSOR_TYPES: Mapping[str, int] = {
    "F32": 0,
    "F16": 1,
    "Q4_0": 2,
    "Q4_1": 3,
    "Q5_0": 6,
    "Q5_1": 7,
    "Q8_0": 8,
    "Q3_K": 11,
    "Q4_K": 12,
    "Q5_K": 13,
    "Q6_K": 14,
    "IQ4_NL": 20,
    "IQ4_XS": 23,
    "BF16": 30,
}
"""The tensor types a quantization may name, with their numbers in the GGUF format."""

MIXTURES: Mapping[str, int] = {
    "F32": 0,
    "F16": 1,
    "Q4_0": 2,
    "Q4_1": 3,
    "Q8_0": 7,
    "Q5_0": 8,
    "Q5_1": 9,
    "Q3_K_M": 12,
    "Q4_K_S": 14,
    "Q4_K_M": 15,
    "Q5_K_S": 16,
    "Q5_K_M": 17,
    "Q6_K": 18,
    "IQ4_NL": 25,
    "IQ4_XS": 30,
    "BF16": 32,
}
"""llama.cpp's own mixtures by name (``llama_ftype``)."""

_MAGIC = b"GGUF"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantization:
    """Which type the tensors of a language model get.

    Args:
        name: What tables and manifests call it.
        mixture: llama.cpp's own mixture (``Q8_0``, ``Q4_K_M`` …); it decides for tensors that nothing below names.
        token_embedding: The type of the token embeddings, which is the output layer's too where the two are tied.
        output: The type of an output layer of its own.
        tensors: Pairs of a regular expression and a type; the first that is found in a tensor's name decides.
        needs_importance: Whether it is only as good as its table says when an importance matrix is given.
    """

    name: str
    mixture: str
    token_embedding: str | None = None
    output: str | None = None
    tensors: tuple[tuple[str, str], ...] = ()
    needs_importance: bool = False

    def __post_init__(self) -> None:
        """Refuse names that llama.cpp does not know, before it is asked."""
        if self.mixture not in MIXTURES:
            raise ValueError(f"there is no mixture {self.mixture!r}; there are: {', '.join(MIXTURES)}")
        for kind in (self.token_embedding, self.output, *(kind for _, kind in self.tensors)):
            if kind is not None and kind not in TENSOR_TYPES:
                raise ValueError(f"there is no tensor type {kind!r}; there are: {', '.join(TENSOR_TYPES)}")
        for pattern, _ in self.tensors:
            re.compile(pattern)


def quantize_gguf(
    source: Path, out: Path, quantization: Quantization, *, importance: Importance | None = None, threads: int = 0
) -> None:
    """Write ``source`` with other tensor types to ``out``; the same input gives the same bytes.

    A source that is quantized already is quantized again from its own values, so its loss comes on top.

    Args:
        source: A GGUF file.
        out: The file to write; nothing is left of it when this fails.
        quantization: Which tensor gets which type.
        importance: How much each input column counts, from :func:`export.conversion.gguf.importance.importance_of`.
        threads: CPU threads, 0 for all.

    Raises:
        ConversionError: If llama.cpp cannot read the source, or cannot give a tensor its type.
    """
    from ondevice.generation.llama.native import lib
    from ondevice.generation.llama.runtime_log import listening

    _require_gguf(source)
    if quantization.needs_importance and importance is None:
        raise ConversionError(
            f"the quantization {quantization.name!r} needs an importance matrix", hint="give texts to measure it on"
        )
    params = lib.llama_model_quantize_default_params()
    params.nthread = threads
    params.ftype = MIXTURES[quantization.mixture]
    params.allow_requantize = True
    if quantization.token_embedding is not None:
        params.token_embedding_type = TENSOR_TYPES[quantization.token_embedding]
    if quantization.output is not None:
        params.output_tensor_type = TENSOR_TYPES[quantization.output]
    # llama.cpp reads both lists up to an entry without a name; the arrays must live until it returns.
    overrides = (lib.llama_model_tensor_override * (len(quantization.tensors) + 1))()
    for entry, (pattern, kind) in zip(overrides, quantization.tensors, strict=False):
        entry.pattern, entry.type = pattern.encode(), TENSOR_TYPES[kind]
    columns = {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in (importance or {}).items()}
    matrix = (lib.llama_model_imatrix_data * (len(columns) + 1))()
    for item, (name, values) in zip(matrix, columns.items(), strict=False):
        item.name, item.size = name.encode(), values.size
        item.data = values.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
    if quantization.tensors:
        params.tt_overrides = overrides
    if columns:
        params.imatrix = matrix
    lib.llama_backend_init()
    finished = False
    try:
        with listening():
            code = lib.llama_model_quantize(str(source).encode(), str(out).encode(), ctypes.byref(params))
        finished = code == 0
    finally:
        if not finished:
            out.unlink(missing_ok=True)
    if not finished:
        raise ConversionError(
            f"llama.cpp could not quantize {source.name!r} as {quantization.name!r}",
            hint="the file may be damaged, or cut short, or its tensors too narrow for the type",
        )


def _require_gguf(source: Path) -> None:
    try:
        with open_regular(source) as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise ConversionError(f"the file {source.name!r} cannot be read: {error.strerror}") from None
    if magic != _MAGIC:
        raise ConversionError(f"the file {source.name!r} is not a GGUF file")
