"""Writing a GGUF model anew with floating-point weights, changed on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from export.conversion.gguf.base_model import read_gguf
from export.errors import ConversionError
from ondevice.adaptation.lora import gguf_files
from ondevice.errors import ModelMismatchError

Change = Callable[[str, NDArray[np.float32]], NDArray[np.float32]]

_OF_THE_OLD_WEIGHTS = ("general.file_type", "general.quantization_version", "quantize.")
_FLOAT16_MAX = float(np.finfo(np.float16).max)


def write_floating(
    source: Path,
    out: Path,
    *,
    precision: Literal["f16", "f32"] = "f16",
    change: Change | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write ``source`` to ``out`` with its matrices dequantized and all its metadata kept, tensor after tensor.

    Args:
        source: A GGUF model, quantized or not.
        out: The file to write; nothing is left of it when this fails.
        precision: What matrices become; vectors stay float32.
        change: Called with the name and the float32 values of each matrix; what it returns is written instead.
        on_progress: Told after each tensor.
    """
    finished = False
    try:
        _write(source, out, precision, change, on_progress)
        finished = True
    finally:
        if not finished:
            out.unlink(missing_ok=True)


def _write(
    source: Path,
    out: Path,
    precision: Literal["f16", "f32"],
    change: Change | None,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    import gguf

    reader = read_gguf(source)
    architecture = reader.get_field("general.architecture")
    if architecture is None:
        raise ConversionError(f"the file {source.name!r} states no architecture")
    writer = gguf.GGUFWriter(out, architecture.contents())
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16 if precision == "f16" else gguf.LlamaFileType.ALL_F32)
    gguf_files.copy_metadata(reader, writer, without=_OF_THE_OLD_WEIGHTS)
    for tensor in reader.tensors:
        shape = [int(size) for size in reversed(tensor.shape)]
        kind = _stored_type(shape, precision)
        writer.add_tensor_info(tensor.name, shape, kind, int(np.prod(shape)) * kind.itemsize)
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for done, tensor in enumerate(reader.tensors, 1):
            writer.write_tensor_data(_converted(tensor, precision, change))
            if on_progress is not None:
                on_progress(done, len(reader.tensors))
    finally:
        writer.close()


def _stored_type(shape: list[int], precision: Literal["f16", "f32"]) -> np.dtype[Any]:
    return np.dtype(np.float16 if precision == "f16" and len(shape) > 1 else np.float32)


def dequantized(tensor: Any) -> NDArray[np.float32]:  # noqa: ANN401 - a gguf.ReaderTensor
    """Return a tensor's values as float32, in NumPy's order of axes."""
    try:
        return gguf_files.dequantized(tensor)
    except ModelMismatchError as error:
        raise ConversionError(str(error)) from None


def _converted(tensor: Any, precision: Literal["f16", "f32"], change: Change | None) -> NDArray[np.floating]:  # noqa: ANN401
    values = dequantized(tensor)
    if values.ndim > 1 and change is not None:
        values = change(tensor.name, values)
    if not np.isfinite(values).all():
        raise ConversionError(f"the tensor {tensor.name!r} holds numbers that are not finite")
    stored = _stored_type(list(values.shape), precision)
    largest = float(np.abs(values).max(initial=0.0))
    if stored == np.float16 and largest > _FLOAT16_MAX:
        raise ConversionError(
            f"the tensor {tensor.name!r} holds {largest:.3g}, more than float16's {_FLOAT16_MAX:.0f}",
            hint="keep it in float32",
        )
    return np.ascontiguousarray(values.astype(stored))
