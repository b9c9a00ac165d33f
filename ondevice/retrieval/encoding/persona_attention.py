"""How a request looks at the user's items: softmax attention beside an item of nobody, in double precision.

Source: Liu et al. 2024, arXiv:2409.11901 (Persona-Plug): items attend to the request by their vectors, and their mean
is projected into the language model. Deviations: a learned map of the request's vector, a learned temperature, and rows
of nobody that stand in for a history that says nothing of the request. Several rows as in PERSOMA, arXiv:2408.00960.

Sums are taken item by item in the order given, and not by BLAS: the same items give the same bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Wide = NDArray[np.float64]

_SMALLEST_NORM = 1e-6


def map_query(query: NDArray[np.float32], u: NDArray[np.float32], v: NDArray[np.float32]) -> Wide:
    """Return the request's vector as it looks at items: q + U Vᵀ q, at length 1.

    Shapes: query float32[n]; u, v float32[n, rank] → float64[n].
    """
    wide = query.astype(np.float64)
    inner = (v.astype(np.float64) * wide[:, None]).sum(axis=0)
    mapped = wide + (u.astype(np.float64) * inner[None, :]).sum(axis=1)
    unit: Wide = mapped / max(float(np.sqrt((mapped * mapped).sum())), _SMALLEST_NORM)
    return unit


def attend(query: Wide, vectors: NDArray[np.float32], *, temperature: float, null_score: float) -> tuple[Wide, float]:
    """Return each item's weight and that of nobody; together they are 1.

    Shapes: query float64[d]; vectors float32[n, d] → float64[n].
    """
    scores = np.append((vectors.astype(np.float64) * query[None, :]).sum(axis=1), null_score) / temperature
    weights = np.exp(scores - scores.max())
    weights /= weights.sum()
    return weights[:-1], float(weights[-1])


def spread_evenly(n: int) -> tuple[Wide, float]:
    """Return the same weight for each item, and none for nobody; without items nobody has all."""
    return (np.full(n, 1 / n), 0.0) if n else (np.empty(0), 1.0)


def mixed(
    weights: Wide, null_weight: float, projected: NDArray[np.float32], null_rows: NDArray[np.float32], *, gain: float
) -> NDArray[np.float32]:
    """Return the user's rows: the items' weighted mean at length ``gain``, and nobody's rows, each by its weight.

    Shapes: weights float64[n]; projected float32[n, rows, size]; null_rows float32[rows, size] → float32[rows, size].
    """
    nobody = null_rows.astype(np.float64)
    if not len(weights):
        return nobody.astype(np.float32)
    mean = (weights[:, None, None] * projected.astype(np.float64)).sum(axis=0)
    norms = np.maximum(np.sqrt((mean * mean).sum(axis=1, keepdims=True)), _SMALLEST_NORM)
    rows: NDArray[np.float32] = (null_weight * nobody + (1 - null_weight) * gain * mean / norms).astype(np.float32)
    return rows
