"""Weights stored in fewer bytes than they are used in: embedding tables in int8, other tensors in float16."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from export.errors import ConversionError

if TYPE_CHECKING:
    import onnx

MIN_ROWS = 64  # a table of fewer rows is not worth the nodes
_MIN_HALF = 1024  # numbers; biases and scales stay as they are
_LARGEST_HALF = 65504.0


def store_tables(model: onnx.ModelProto, form: Literal["float", "half", "int8"]) -> None:
    """Store every table that a ``Gather`` looks rows up in as float16, or as int8 with a scale for each row, in place.

    Only the rows looked up become float32 again, so this costs next to nothing at run time.
    """
    from onnx import TensorProto, helper, numpy_helper

    if form == "float":
        return
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    for place, node in reversed(list(enumerate(model.graph.node))):
        table = tensors.get(node.input[0]) if node.op_type == "Gather" else None
        is_rows = table is not None and len(table.dims) == 2 and table.dims[0] >= MIN_ROWS
        if table is None or not is_rows or table.data_type != TensorProto.FLOAT or any(a.i for a in node.attribute):
            continue
        name, output = table.name, node.output[0]
        values = numpy_helper.to_array(table)
        rows, cast = f"{output}.rows", f"{output}.cast"
        node.output[0] = rows
        if form == "half":
            table.CopyFrom(numpy_helper.from_array(_half(values, name), name))
            after = [helper.make_node("Cast", [rows], [output], name=cast, to=TensorProto.FLOAT)]
        else:
            scales = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-12).astype(np.float32) / np.float32(127)
            table.CopyFrom(numpy_helper.from_array(np.rint(values / scales).astype(np.int8), name))
            scaling = numpy_helper.from_array(scales, f"{name}.scales")
            model.graph.initializer.append(scaling)
            after = [
                helper.make_node("Gather", [scaling.name, node.input[1]], [f"{output}.scale"], name=f"{output}.scale"),
                helper.make_node("Cast", [rows], [cast], name=cast, to=TensorProto.FLOAT),
                helper.make_node("Mul", [cast, f"{output}.scale"], [output], name=f"{output}.scaled"),
            ]
        for offset, each in enumerate(after, start=1):
            model.graph.node.insert(place + offset, each)


def store_halves(model: onnx.ModelProto) -> None:
    """Store every float32 tensor of some size as float16 followed by a cast, in place; arithmetic stays float32."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _MIN_HALF:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(_half(numpy_helper.to_array(tensor), name), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], name=f"{name}.cast", to=TensorProto.FLOAT))
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)


def _half(values: np.ndarray, name: str) -> np.ndarray:
    largest = float(np.abs(values).max(initial=0.0))
    if largest > _LARGEST_HALF:
        raise ConversionError(f"the tensor {name!r} has a number of {largest:.6g}, and float16 ends at {_LARGEST_HALF}")
    return values.astype(np.float16)
