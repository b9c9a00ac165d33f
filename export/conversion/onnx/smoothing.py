"""Outliers of activations, moved into the weights that meet them, where columns have scales of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from export.conversion.onnx.calibration import Calibration, channel_maxima, run_watched
from export.conversion.onnx.rounding import lost

if TYPE_CHECKING:
    import onnx

# What is tried for every input: the quantile of its channels above which one is an outlier, and how much of the excess
# moves into the weights.
STRENGTHS = ((0.5, 0.7), (0.8, 0.7), (0.9, 1.0), (0.97, 1.0))
_WORTHWHILE = 0.8  # of the error without it that may be left, for the division to earn its time
_N_ROWS = 512


def smooth(model: onnx.ModelProto, products: Sequence[str], calibration: Calibration) -> None:
    """Divide the outlier channels of what enters the products, and multiply the weights' rows in turn, in place.

    The product is the same in exact arithmetic; int8 loses less of it, because one large channel no longer sets the
    step for all others. Channel j is divided by max(1, max|x_j| / t) ** p, where t is a quantile of max|x| over the
    channels; of several pairs of quantile and p that one is taken, for each input, which loses least on the calibration
    texts, or none.

    Source: Xiao et al. 2022, arXiv:2211.10438.
    Deviation: the factor is 1 for all but outlier channels, and its strength is chosen for each input by the error it
        leaves; encoders carry a few huge channels, mostly in their first token. The division is a node of its own:
        after a post-norm layer the residual sum needs the values too.
    """
    from onnx import helper, numpy_helper

    nodes = {node.name: node for node in model.graph.node}
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    by_input: dict[str, list[str]] = {}
    for name in products:
        by_input.setdefault(nodes[name].input[0], []).append(name)
    maxima = channel_maxima(model, by_input, calibration)
    rows = sample_rows(model, list(by_input), calibration)
    for entering, names in by_input.items():
        weights = {name: numpy_helper.to_array(tensors[nodes[name].input[1]]) for name in names}
        factors = best_factors(rows[entering], np.concatenate(list(weights.values()), axis=1), maxima[entering])
        if factors is None:
            continue
        inverse = numpy_helper.from_array((1 / factors).astype(np.float32), f"{entering}.smoothing")
        model.graph.initializer.append(inverse)
        smoothed = f"{entering}.smoothed"
        place = min(index for index, node in enumerate(model.graph.node) if node.name in names)
        model.graph.node.insert(place, helper.make_node("Mul", [entering, inverse.name], [smoothed], name=smoothed))
        for node in model.graph.node:
            if node.name in weights:
                scaled = (weights[node.name] * factors[:, np.newaxis]).astype(np.float32)
                node.input[0] = smoothed
                tensors[node.input[1]].CopyFrom(numpy_helper.from_array(scaled, node.input[1]))


def sample_rows(
    model: onnx.ModelProto, names: Sequence[str], calibration: Calibration
) -> dict[str, NDArray[np.float32]]:
    """Run the graph on one of the calibration batches, the middle one, and return rows of some of its tensors.

    Shapes: by tensor name, float32[rows, channels]; at most a few hundred rows, the first of every text among them.
    """
    middle = Calibration(feeds=calibration.feeds[len(calibration.feeds) // 2 :][:1])
    values = next(iter(run_watched(model, list(names), middle)))
    found = {}
    for name, value in zip(names, values, strict=True):
        kept = max(1, _N_ROWS // value.shape[0])
        found[name] = np.ascontiguousarray(value[:, :kept].reshape(-1, value.shape[-1]))
    return found


def best_factors(
    states: NDArray[np.float32], weight: NDArray[np.float32], largest: NDArray[np.float32]
) -> NDArray[np.float32] | None:
    """Return what each channel is best divided by, or ``None`` where that saves too little to be worth its time.

    Shapes: states float32[rows, channels], weight float32[channels, n_out], largest magnitudes float32[channels]
        → float32[channels], each 1 or more.
    """
    exact = states @ weight
    least, best = _WORTHWHILE * lost(states, weight, exact), None
    for quantile, power in STRENGTHS:
        threshold = max(float(np.quantile(largest, quantile)), 1e-6)
        factors = (np.maximum(1.0, largest / threshold) ** power).astype(np.float32)
        left = lost(states / factors, weight * factors[:, np.newaxis], exact)
        if left < least:
            least, best = left, factors
    return best
