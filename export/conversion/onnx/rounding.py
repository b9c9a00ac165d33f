"""What int8 makes of a product, computed in float32: how much of it is lost."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def lost(states: NDArray[np.float32], weight: NDArray[np.float32], exact: NDArray[np.float32]) -> float:
    """Return the squared error of a product in int8, relative to the squared exact product of the same row, on average.

    Every row counts alike: a first token with huge values must not decide for all others.

    The states are rounded to 8 bits with one step for all of them, the weights with a step for every column, as the
    runtime does it.

    Shapes: float32[rows, n_in], float32[n_in, n_out], float32[rows, n_out].
    """
    error = _rounded(states) @ _rounded_columns(weight) - exact
    return float(np.mean(np.square(error).sum(axis=1) / np.maximum(np.square(exact).sum(axis=1), 1e-12)))


def _rounded(states: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = min(float(states.min()), 0.0), max(float(states.max()), 0.0)
    step = max((high - low) / 255, 1e-12)
    return np.asarray(np.rint(states / step) * step, dtype=np.float32)


def _rounded_columns(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    steps = np.maximum(np.abs(weight).max(axis=0, keepdims=True), 1e-12) / 127
    return np.asarray(np.rint(weight / steps) * steps, dtype=np.float32)
