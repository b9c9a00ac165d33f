"""From token states to one vector a text: pooling and L2 normalization."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ondevice.bundle import Pooling


def pool(states: NDArray[np.float32], mask: NDArray[Any], pooling: Pooling) -> NDArray[np.float32]:
    """Reduce each text's token states to one vector.

    ``mean`` averages over the tokens whose mask is 1 (Reimers & Gurevych 2019, arXiv:1908.10084), ``cls`` takes the
    first token, ``none`` returns what a graph that pools itself gave.

    Shapes: states float32[n, tokens, d] (``none``: float32[n, d]); mask int[n, tokens] of 0 and 1 → float32[n, d].

    Raises:
        ValueError: If the shapes do not fit each other or the pooling.
    """
    if pooling == "none":
        if states.ndim != 2:
            raise ValueError(f"a graph that pools itself must give 2 axes, not {states.ndim}")
        return states
    if states.ndim != 3 or states.shape[:2] != mask.shape:
        raise ValueError(f"states of shape {states.shape} do not fit a mask of shape {mask.shape}")
    if pooling == "cls":
        return np.ascontiguousarray(states[:, 0])
    weights = mask.astype(np.float32)
    summed = np.einsum("ntd,nt->nd", states, weights)
    counted = np.maximum(weights.sum(axis=1, keepdims=True), 1.0)
    return np.asarray(summed / counted, dtype=np.float32)


def normalize(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale every row to L2 norm 1; a row of zeros has no direction and stays zero.

    Shapes: float32[n, d] → float32[n, d].
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0, norms, 1.0), dtype=np.float32)
