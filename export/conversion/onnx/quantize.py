"""A recipe applied: a float32 graph in, a quantized graph out."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export.conversion.onnx.calibration import Calibration
from export.conversion.onnx.recipes import Recipe
from export.conversion.onnx.saving import load_graph, save_graph
from export.conversion.onnx.smoothing import smooth
from export.conversion.onnx.storing import store_halves, store_tables
from export.errors import ConversionError
from ondevice.retrieval.encoding.session import load_runtime
from ondevice.safety.temporary_folder import temporary_folder

if TYPE_CHECKING:
    import onnx

BLOCK = 32
# Level 4 of MatMulNBits: activations are rounded to int8 too, block by block, so that products run in integers.
_INTEGER_BLOCKS = 4


def apply_recipe(fp32: Path, recipe: Recipe, out: Path, calibration: Calibration | None = None) -> None:
    """Write the quantized form of a float32 graph; the same graph, recipe and calibration give the same bytes.

    Any graph will do whose weights stand in it as constants of ``MatMul`` and ``Gather`` nodes.

    Raises:
        ConversionError: If the graph has nothing to quantize or the runtime's tools fail on it.
        StorageError: If the disk refuses.
        ValueError: If the recipe needs calibration texts and none are given, or it excludes nodes the graph lacks.
    """
    if recipe.needs_calibration and calibration is None:
        raise ValueError(f"the recipe {recipe.name!r} needs calibration texts")
    model = load_graph(fp32)
    products = product_nodes(model)
    unknown = sorted(set(recipe.excluded) - set(products))
    if unknown:
        raise ValueError(f"the recipe {recipe.name!r} excludes {unknown[0]!r}, which is no product of the graph")
    if not products:
        raise ConversionError("the graph has no product with constant weights, so there is nothing to quantize")
    chosen = [name for name in products if name not in recipe.excluded]
    if recipe.smoothing and calibration is not None:
        smooth(model, chosen, calibration)
    model = _quantized(model, recipe, chosen, calibration)
    store_tables(model, recipe.tables)
    if recipe.half:
        store_halves(model)
    save_graph(model, out)


def product_nodes(model: onnx.ModelProto) -> list[str]:
    """Return the names of the ``MatMul`` nodes whose second factor is a constant matrix, in the graph's order."""
    matrices = {tensor.name for tensor in model.graph.initializer if len(tensor.dims) == 2}
    return [node.name for node in model.graph.node if node.op_type == "MatMul" and node.input[1] in matrices]


def _quantized(
    model: onnx.ModelProto, recipe: Recipe, chosen: Sequence[str], calibration: Calibration | None
) -> onnx.ModelProto:
    if recipe.scheme == "float" or not chosen:
        return model
    load_runtime()  # its telemetry must be off before anything below imports it
    try:
        with _quiet_quantizer():
            if recipe.scheme == "blocks":
                return _in_blocks(model, recipe, chosen)
            with temporary_folder() as folder:
                return _in_integers(model, recipe, chosen, calibration, folder)
    except Exception as error:  # the tools raise whatever comes up
        raise ConversionError(f"the recipe {recipe.name!r} fails on this graph: {type(error).__name__}") from error


def _in_blocks(model: onnx.ModelProto, recipe: Recipe, chosen: Sequence[str]) -> onnx.ModelProto:
    from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer

    config = DefaultWeightOnlyQuantConfig(
        block_size=BLOCK, is_symmetric=True, accuracy_level=_INTEGER_BLOCKS, bits=recipe.bits
    )
    others = [node.name for node in model.graph.node if node.name not in set(chosen)]
    quantizer = MatMulNBitsQuantizer(model, nodes_to_exclude=others, algo_config=config)
    quantizer.process()
    quantized: onnx.ModelProto = quantizer.model.model
    return quantized


def _in_integers(
    model: onnx.ModelProto, recipe: Recipe, chosen: Sequence[str], calibration: Calibration | None, folder: Path
) -> onnx.ModelProto:
    from onnx import TensorProto
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_dynamic, quantize_static

    source, out = folder / "float.onnx", folder / "int.onnx"
    save_graph(model, source)
    common: dict[str, Any] = {
        "op_types_to_quantize": ["MatMul"],
        "nodes_to_quantize": list(chosen),
        "per_channel": recipe.per_channel,
        "reduce_range": recipe.reduce_range,
        "weight_type": QuantType.QInt8 if recipe.weights == "int8" else QuantType.QUInt8,
    }
    # The tools infer types only for operators of the ONNX standard, not for the runtime's fused ones.
    extra = {"DefaultTensorType": TensorProto.FLOAT}
    if recipe.scheme == "dynamic":
        quantize_dynamic(str(source), str(out), extra_options=extra, **common)
    elif calibration is not None:
        _declare_floats(model, chosen)
        save_graph(model, source, keep_types=True)
        quantize_static(
            str(source),
            str(out),
            _Reader(calibration),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            extra_options={
                **extra,
                "MatMulConstBOnly": True,
                # What leaves a product goes into float operators, so rounding it too would only lose.
                "OpTypesToExcludeOutputQuantization": ["MatMul"],
            },
            **common,
        )
    return load_graph(out)


def _declare_floats(model: onnx.ModelProto, products: Sequence[str]) -> None:
    from onnx import TensorProto, helper

    chosen = set(products)
    names = {node.input[0] for node in model.graph.node if node.name in chosen}
    model.graph.value_info.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in sorted(names)
    )


class _Reader:
    """Hands the calibration batches to the runtime's tools, one a call, then ``None``."""

    def __init__(self, calibration: Calibration) -> None:
        self._feeds = iter(calibration.feeds)

    def get_next(self) -> Any:  # noqa: ANN401 (the tools' own interface)
        return next(self._feeds, None)


@contextmanager
def _quiet_quantizer() -> Iterator[None]:
    """Keep the tools' advice out of the root logger's output while the block runs."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
