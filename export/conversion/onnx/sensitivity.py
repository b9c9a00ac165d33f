"""Which products lose most when they run in int8, so that the worst can stay float32."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.conversion.onnx.calibration import Calibration, run_watched
from export.conversion.onnx.saving import load_graph
from export.conversion.onnx.smoothing import outlier_factors

_N_BATCHES = 3


def by_sensitivity(
    fp32: Path, products: Sequence[str], calibration: Calibration, *, smoothing: float | None = None
) -> list[str]:
    """Return the products, the most sensitive first.

    Each is judged by itself: the relative squared error of its output when its input is rounded to 8 bits with one
    step for the whole batch, and its weights to 8 bits with a step for every column, as the runtime does it.

    Args:
        fp32: The float32 graph.
        products: Names of its products.
        calibration: What runs through it.
        smoothing: The quantile above which outlier channels are smoothed first, as the recipe would.

    Raises:
        ConversionError: If the graph does not run.
    """
    from onnx import numpy_helper

    model = load_graph(fp32)
    nodes = {node.name: node for node in model.graph.node}
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    weights = {name: numpy_helper.to_array(tensors[nodes[name].input[1]]) for name in products}
    inputs = sorted({nodes[name].input[0] for name in products})
    some = Calibration(feeds=calibration.feeds[:: max(1, len(calibration.feeds) // _N_BATCHES)][:_N_BATCHES])
    lost: dict[str, float] = dict.fromkeys(products, 0.0)
    for values in run_watched(model, inputs, some):
        entering = dict(zip(inputs, values, strict=True))
        for name, own in weights.items():
            weight = own
            states = entering[nodes[name].input[0]].reshape(-1, weight.shape[0])
            exact = states @ weight
            if smoothing is not None:
                factors = outlier_factors(np.abs(states).max(axis=0), smoothing)
                if factors is not None:
                    states, weight = states / factors, weight * factors[:, np.newaxis]
            error = _rounded(states) @ _rounded_columns(weight) - exact
            lost[name] += float(np.square(error).sum() / max(float(np.square(exact).sum()), 1e-12))
    return sorted(products, key=lambda name: (-lost[name], name))


def _rounded(states: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = min(float(states.min()), 0.0), max(float(states.max()), 0.0)
    step = max((high - low) / 255, 1e-12)
    return np.asarray(np.rint(states / step) * step, dtype=np.float32)


def _rounded_columns(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    steps = np.maximum(np.abs(weight).max(axis=0, keepdims=True), 1e-12) / 127
    return np.asarray(np.rint(weight / steps) * steps, dtype=np.float32)
