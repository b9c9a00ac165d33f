"""Which products lose most when they run in int8, so that the worst can stay float32."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from export.conversion.onnx.calibration import Calibration
from export.conversion.onnx.rounding import lost
from export.conversion.onnx.saving import load_graph
from export.conversion.onnx.smoothing import best_factors, sample_rows


def by_sensitivity(
    fp32: Path, products: Sequence[str], calibration: Calibration, *, is_smoothed: bool = False
) -> list[str]:
    """Return the products, the most sensitive first: each is judged by itself, by what int8 loses of its output.

    Args:
        fp32: The float32 graph.
        products: Names of its products.
        calibration: What runs through it.
        is_smoothed: Whether outlier channels are smoothed first, as the recipe would.
    """
    from onnx import numpy_helper

    model = load_graph(fp32)
    nodes = {node.name: node for node in model.graph.node}
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    rows = sample_rows(model, sorted({nodes[name].input[0] for name in products}), calibration)
    losses: dict[str, float] = {}
    for name in products:
        states, weight = rows[nodes[name].input[0]], numpy_helper.to_array(tensors[nodes[name].input[1]])
        exact = states @ weight
        factors = best_factors(states, weight, np.abs(states).max(axis=0)) if is_smoothed else None
        if factors is not None:
            states, weight = states / factors, weight * factors[:, np.newaxis]
        losses[name] = lost(states, weight, exact)
    return sorted(products, key=lambda name: (-losses[name], name))
