"""What is done with every GGUF model's file, by whoever trains on it, merges into it, or converts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ondevice.errors import BundleError, ModelMismatchError

_BY_THE_WRITER = ("GGUF.", "general.architecture")


def open_gguf(path: Path) -> Any:  # noqa: ANN401 - gguf's reader
    """Map a GGUF file.

    Raises:
        ImportError: If the extra ``adapt`` is not installed.
        BundleError: If the file is no GGUF file or cut short.
    """
    try:
        import gguf
    except ImportError:
        raise ImportError("training adapters needs the extra 'adapt': run: pip install 'ondevice-sdk[adapt]'") from None
    try:
        return gguf.GGUFReader(path)
    except (ValueError, IndexError, KeyError, OSError, UnicodeDecodeError, OverflowError):
        raise BundleError(f"the file {path.name!r} is no GGUF model, or cut short") from None


def dequantized(tensor: Any) -> NDArray[np.float32]:  # noqa: ANN401 - a gguf.ReaderTensor
    """Return a tensor's values as float32, in NumPy's order of axes.

    Raises:
        ModelMismatchError: If its type cannot be dequantized here.
    """
    import gguf

    try:
        values: NDArray[np.float32] = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
    except NotImplementedError:
        raise ModelMismatchError(
            f"the tensor {tensor.name!r} is of the type {tensor.tensor_type.name}, which cannot be dequantized here"
        ) from None
    return values.astype(np.float32, copy=False)


def copy_metadata(reader: Any, writer: Any, *, without: tuple[str, ...] = ()) -> None:  # noqa: ANN401 - gguf's objects
    """Give a new file all metadata of another, but for what the writer states itself and keys that begin like these."""
    import gguf

    for key, field in reader.fields.items():
        if not key.startswith((*_BY_THE_WRITER, *without)):
            kind = field.types[0]
            sub_type = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(key, field.contents(), kind, sub_type=sub_type)
