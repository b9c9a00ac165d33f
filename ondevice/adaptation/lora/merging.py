"""A user's adapter added to the weights it was trained on: a whole model in memory that needs no adapter beside it.

An adapter beside the base costs a little time with every token, and is swapped at once; a merged model is as fast as
its base, and there is one of that size for each user. Changed weights that the base keeps quantized become Q8_0, on a
grid a little wider than usual: the base's weights may lie exactly on the usual one, a LoRA's change is smaller than a
step of it, and rounding to it takes most of the change back.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.lora.gguf_files import copy_metadata, dequantized, open_gguf
from ondevice.adaptation.lora.gguf_in_memory import gguf_bytes, read_gguf
from ondevice.adaptation.lora.lora_gguf import LoraPair
from ondevice.errors import BundleError, CorruptError, ModelMismatchError

_FLOAT16_MAX = float(np.finfo(np.float16).max)
_FLOATS = ("F32", "F16", "BF16")
_BLOCK = 32
_WIDER = 33 / 32
"""How much wider than usual a step of Q8_0 is: old steps then fall anywhere between two new ones."""


def merged_model(
    base: Path, adapter: bytes, *, scale: float = 1.0, on_progress: Callable[[int, int], None] | None = None
) -> bytes:
    """Return a GGUF model whose weights are ``W + scale · alpha / rank · b @ a``.

    The changed ones are Q8_0, or float16 where they were floats or their rows do not divide into blocks of 32. All
    else, the metadata included, is the base's bit for bit. The base's hash is the bundle's business: pass a file that
    a bundle has verified.

    Args:
        base: The GGUF file that the adapter was trained on.
        adapter: The GGUF adapter, as :func:`~ondevice.adaptation.lora.lora_gguf.adapter_bytes` makes it.
        scale: How strongly the adapter counts.
        on_progress: Told after each tensor.

    Raises:
        ImportError: If the extra ``adapt`` is not installed.
        CorruptError: If the adapter is damaged.
        BundleError: If the base is no GGUF model, is damaged, or the sum is too large for float16.
        ModelMismatchError: If the adapter does not fit the base, or the base has a type that cannot be dequantized.
        ValueError: If the scale is 0 or not finite.
    """
    import gguf

    if not np.isfinite(scale) or scale == 0:
        raise ValueError(f"the adapter's scale must be a finite number other than 0, not {scale}")
    reader = open_gguf(base)
    architecture, factor, pairs = _adapter_parts(adapter)
    found = reader.get_field("general.architecture")
    if found is None or found.contents() != architecture:
        raise ModelMismatchError(f"the adapter is for the architecture {architecture!r}, and the model has another")
    writer = gguf.GGUFWriter(None, architecture)
    writer.data_alignment = int(reader.alignment)
    copy_metadata(reader, writer)
    for done, tensor in enumerate(reader.tensors, 1):
        pair = pairs.pop(tensor.name, None)
        if pair is None:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
        else:
            _add_merged(writer, tensor, pair, scale * factor / pair.rank)
        if on_progress is not None:
            on_progress(done, len(reader.tensors))
    if pairs:
        raise ModelMismatchError(f"the adapter changes {len(pairs)} weights that the model does not have")
    return gguf_bytes(writer)


def _adapter_parts(data: bytes) -> tuple[str, float, dict[str, LoraPair]]:
    """Return the adapter's architecture, its alpha, and its matrices by the weight they change."""
    reader = read_gguf(data)
    halves = {tensor.name: tensor.data.astype(np.float32) for tensor in reader.tensors}
    names = [name.removesuffix(".lora_a") for name in halves if name.endswith(".lora_a")]
    architecture, alpha = reader.get_field("general.architecture"), reader.get_field("adapter.lora.alpha")
    if (
        architecture is None
        or alpha is None
        or not names
        or set(halves) != {f"{name}.lora_{side}" for name in names for side in "ab"}
    ):
        raise CorruptError(f"the {len(data)} bytes are no LoRA adapter")
    pairs = {name: LoraPair(a=halves[f"{name}.lora_a"], b=halves[f"{name}.lora_b"]) for name in names}
    return str(architecture.contents()), float(alpha.contents()), pairs


def _add_merged(writer: Any, tensor: Any, pair: LoraPair, factor: float) -> None:  # noqa: ANN401 - gguf's objects
    import gguf

    weight = dequantized(tensor)
    change = pair.b @ pair.a
    if change.shape != weight.shape:
        raise ModelMismatchError(
            f"the adapter's change of {tensor.name!r} has the shape {change.shape}, and the weight {weight.shape}"
        )
    merged: NDArray[np.float32] = weight + np.float32(factor) * change
    largest = float(np.abs(merged).max())
    if not largest <= _FLOAT16_MAX:  # written so that a NaN is refused too
        raise BundleError(f"the merged tensor {tensor.name!r} holds {largest:.3g}, too large for float16")
    if tensor.tensor_type.name in _FLOATS or merged.shape[1] % _BLOCK:
        writer.add_tensor(tensor.name, merged.astype(np.float16))
    else:
        writer.add_tensor(tensor.name, wide_q8_0(merged), raw_dtype=gguf.GGMLQuantizationType.Q8_0)


def wide_q8_0(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return rows of Q8_0 blocks, each a float16 step and 32 int8 multiples of it, on the wider grid.

    Shapes: float32[n_rows, n_columns], the columns a multiple of 32; uint8[n_rows, n_columns / 32 * 34].
    """
    blocks = values.reshape(-1, _BLOCK)
    steps = (np.abs(blocks).max(axis=1, keepdims=True) * np.float32(_WIDER / 127)).astype(np.float16)
    rounded = np.rint(blocks / np.where(steps > 0, steps, 1).astype(np.float32)).astype(np.int8)
    return np.hstack([steps.view(np.uint8), rounded.view(np.uint8)]).reshape(len(values), -1)
