"""Tensors out of safetensors files, as float32 and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.errors import ConversionError

Array = NDArray[np.float32]
_FLOATING = ("F32", "F16", "BF16", "F64")


def read_tensors(folder: Path, names: Sequence[str], *, prefix: str = "") -> dict[str, Array]:
    """Read every floating tensor of the safetensors files among ``names``, by its name without the prefix."""
    from safetensors import SafetensorError, safe_open

    tensors: dict[str, Array] = {}
    for name in names:
        if not name.endswith(".safetensors"):
            continue
        try:
            with safe_open(str(folder / name), framework="pt") as file:
                for key in file.keys():  # noqa: SIM118 (the file is no mapping)
                    if file.get_slice(key).get_dtype() in _FLOATING:
                        tensors[key.removeprefix(prefix)] = file.get_tensor(key).float().numpy()
        except (SafetensorError, OSError) as error:
            raise ConversionError(f"the weights {name!r} cannot be read: {type(error).__name__}") from None
    return tensors


def take(tensors: Mapping[str, Array], name: str, axes: int) -> Array:
    """Return a tensor that must be there, with that many axes and finite numbers only."""
    tensor = tensors.get(name)
    if tensor is None:
        raise ConversionError(f"the weights lack the tensor {name!r}")
    if tensor.ndim != axes:
        raise ConversionError(f"the tensor {name!r} must have {axes} axes, not {tensor.ndim}")
    if not np.isfinite(tensor).all():
        raise ConversionError(f"the tensor {name!r} holds {int((~np.isfinite(tensor)).sum())} numbers not finite")
    return tensor
