"""A user's adapter added to the weights it was trained on: a whole model in memory that needs no adapter beside it.

An adapter beside the base costs a little time with every token, and is swapped at once; a merged model is as fast as
its base, and there is one of that size for each user. The changed weights are kept as float16: the base's lie on the
grid of the type they were quantized to, a LoRA's change is smaller than a step of it, and rounding takes most of it
back.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.gguf_in_memory import gguf_bytes, read_gguf
from ondevice.adaptation.lora_gguf import LoraPair
from ondevice.adaptation.weights import open_gguf
from ondevice.errors import BundleError, CorruptError, ModelMismatchError

_BY_THE_WRITER = ("GGUF.", "general.architecture")
_FLOAT16_MAX = float(np.finfo(np.float16).max)


def merged_model(
    base: Path, adapter: bytes, *, scale: float = 1.0, on_progress: Callable[[int, int], None] | None = None
) -> bytes:
    """Return a GGUF model whose weights are ``W + scale · alpha / rank · b @ a``, the adapted ones as float16.

    All else, the metadata included, is the base's bit for bit. The base's hash is the bundle's business: pass a file
    that a bundle has verified.

    Args:
        base: The GGUF file that the adapter was trained on.
        adapter: The GGUF adapter, as :func:`~ondevice.adaptation.lora_gguf.adapter_bytes` makes it.
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
    _copy_metadata(reader, writer)
    for done, tensor in enumerate(reader.tensors, 1):
        pair = pairs.pop(tensor.name, None)
        if pair is None:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
        else:
            writer.add_tensor(tensor.name, _merged(tensor, pair, scale * factor / pair.rank))
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


def _merged(tensor: Any, pair: LoraPair, factor: float) -> NDArray[np.float16]:  # noqa: ANN401 - a gguf.ReaderTensor
    import gguf

    try:
        weight = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32, copy=False)
    except NotImplementedError:
        raise ModelMismatchError(
            f"the tensor {tensor.name!r} is of the type {tensor.tensor_type.name}, which cannot be dequantized here"
        ) from None
    change = pair.b @ pair.a
    if change.shape != weight.shape:
        raise ModelMismatchError(
            f"the adapter's change of {tensor.name!r} has the shape {change.shape}, and the weight {weight.shape}"
        )
    merged: NDArray[np.float32] = weight + np.float32(factor) * change
    largest = float(np.abs(merged).max())
    if not largest <= _FLOAT16_MAX:  # written so that a NaN is refused too
        raise BundleError(f"the merged tensor {tensor.name!r} holds {largest:.3g}, too large for float16")
    return merged.astype(np.float16)


def _copy_metadata(reader: Any, writer: Any) -> None:  # noqa: ANN401 - gguf's objects
    import gguf

    for key, field in reader.fields.items():
        if not key.startswith(_BY_THE_WRITER):
            kind = field.types[0]
            sub_type = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(key, field.contents(), kind, sub_type=sub_type)
