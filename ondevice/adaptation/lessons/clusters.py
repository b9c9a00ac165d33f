"""Groups of vectors that lie close together: principal axes, then k-means, the same for the same seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MAX_ROUNDS = 100


def principal_rows(vectors: NDArray[np.float32], share: float) -> NDArray[np.float64]:
    """Return the rows along the fewest principal axes that hold ``share`` of the variance.

    Shapes: float32[n, d] → float64[n, m], m at least 1.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    held = np.cumsum(sizes**2)
    m = int(np.searchsorted(held, share * held[-1])) + 1
    rows: NDArray[np.float64] = (left * sizes)[:, :m]
    return rows


def k_means(rows: NDArray[np.float64], k: int, *, seed: int) -> NDArray[np.intp]:
    """Return each row's cluster, 0 to k - 1; some may have no row.

    Lloyd's rounds from a start drawn as in Arthur & Vassilvitskii 2007 (k-means++). Of equally near centres the first
    counts. Shapes: float64[n, d] → int[n].

    Raises:
        ValueError: If ``k`` is not between 1 and n.
    """
    if not 1 <= k <= len(rows):
        raise ValueError(f"k must be between 1 and the {len(rows)} rows, not {k}")
    centres = _start(rows, k, np.random.default_rng(seed))
    labels: NDArray[np.intp] = _squared_distances(rows, centres).argmin(axis=1)
    for _ in range(_MAX_ROUNDS):
        for cluster in np.unique(labels):  # an empty cluster keeps its centre
            centres[cluster] = rows[labels == cluster].mean(axis=0)
        nearest = _squared_distances(rows, centres).argmin(axis=1)
        if np.array_equal(nearest, labels):
            break
        labels = nearest
    return labels


def _start(rows: NDArray[np.float64], k: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Draw rows as centres, each with a chance that grows with its distance from those before."""
    chosen = [int(random.integers(len(rows)))]
    nearest = _squared_distances(rows, rows[chosen])[:, 0]
    while len(chosen) < k:
        total = nearest.sum()
        chosen.append(int(random.choice(len(rows), p=nearest / total if total > 0 else None)))
        nearest = np.minimum(nearest, _squared_distances(rows, rows[chosen[-1:]])[:, 0])
    return rows[chosen]


def _squared_distances(rows: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    squares = (rows**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1)[None] - 2 * rows @ centres.T
    distances: NDArray[np.float64] = np.maximum(squares, 0.0)
    return distances
