"""Outliers of activations, moved into the weights that meet them, where columns have scales of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from export.conversion.onnx.calibration import Calibration, channel_maxima

if TYPE_CHECKING:
    import onnx

_FLOOR = 1e-5


def smooth(model: onnx.ModelProto, products: Sequence[str], calibration: Calibration, *, strength: float) -> None:
    """Divide what enters the products by a factor for each channel, and multiply the weights' rows by it, in place.

    The product is the same in exact arithmetic; int8 loses less of it, because one large channel no longer sets the
    step for all others. The factor of channel j is max|x_j|^strength / max|W_j|^(1 - strength), one for all products
    of the same input.

    Source: Xiao et al. 2022, arXiv:2211.10438.
    Deviation: the division is a node of its own. In a post-norm transformer the normalization also feeds the residual
        sum, so the factor cannot be folded into it.
    """
    from onnx import helper, numpy_helper

    nodes = {node.name: node for node in model.graph.node}
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    by_input: dict[str, list[str]] = {}
    for name in products:
        by_input.setdefault(nodes[name].input[0], []).append(name)
    maxima = channel_maxima(model, by_input, calibration)
    for entering, names in by_input.items():
        weights = {name: numpy_helper.to_array(tensors[nodes[name].input[1]]) for name in names}
        factors = _factors(maxima[entering], list(weights.values()), strength)
        inverse = numpy_helper.from_array((1 / factors).astype(np.float32), f"{entering}.smoothing")
        model.graph.initializer.append(inverse)
        smoothed = f"{entering}.smoothed"
        place = min(index for index, node in enumerate(model.graph.node) if node.name in names)
        model.graph.node.insert(place, helper.make_node("Mul", [entering, inverse.name], [smoothed], name=smoothed))
        for name, weight in weights.items():
            node = next(node for node in model.graph.node if node.name == name)
            node.input[0] = smoothed
            tensors[node.input[1]].CopyFrom(
                numpy_helper.from_array((weight * factors[:, np.newaxis]).astype(np.float32), node.input[1])
            )


def _factors(
    largest: NDArray[np.float32], weights: Sequence[NDArray[np.float32]], strength: float
) -> NDArray[np.float32]:
    rows = np.max([np.abs(weight).max(axis=1) for weight in weights], axis=0)
    factors = np.maximum(largest, _FLOOR) ** strength / np.maximum(rows, _FLOOR) ** (1 - strength)
    return np.asarray(np.maximum(factors, _FLOOR), dtype=np.float32)
