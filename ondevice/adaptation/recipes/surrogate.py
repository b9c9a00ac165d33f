"""What a dozen measurements say about the points not measured, and which of those is worth the next one.

A Gaussian process over the points, whose length scales are not fitted but averaged over: with a handful of
measurements the likeliest length scales are mostly chance. Draws from a prior under which few dimensions matter are
weighted by how well they explain what was measured.

Source: Eriksson & Jankowiak 2021, arXiv:2103.00349 (sparse axis-aligned prior); Emmerich et al. 2006 (expected
hypervolume improvement).
Deviation: importance-weighted draws instead of a Markov chain; and since the size of an adapter is known before it is
trained, only the loss is uncertain, and the expected improvement has a closed form.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_N_DRAWS = 512
_N_KEPT = 32
"""Draws of the length scales, and how many of them, the likeliest, are averaged over."""

_erf = np.vectorize(math.erf, otypes=[np.float64])

_NOISE = 0.05
"""Variance of a measurement, on the scale of the spread between measurements."""


class Surrogate:
    """Beliefs about the loss at every point of a space, after some were measured."""

    def __init__(self, features: Floats, losses: Floats, *, seed: int) -> None:
        """Take the measurements in.

        Shapes: features float64[n, d] between 0 and 1; losses float64[n], n at least 1.
        """
        random = np.random.default_rng(seed)
        n_dimensions = features.shape[1]
        shrinkage = np.abs(0.3 * random.standard_cauchy((_N_DRAWS, 1)))
        inverse_scales = np.minimum(np.abs(random.standard_cauchy((_N_DRAWS, n_dimensions))) * shrinkage, 30.0)
        self._inverse_scales = inverse_scales
        self._features = features
        self._centre = float(losses.mean())
        self._scale = max(float(losses.std()), 1e-9)
        targets = (losses - self._centre) / self._scale
        kernel = self._kernel(features, features) + _NOISE * np.eye(len(losses))
        factor = np.linalg.cholesky(kernel)
        whitened = np.linalg.solve(factor, np.broadcast_to(targets[:, None], (_N_DRAWS, len(targets), 1)))[..., 0]
        spread = np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
        log_likelihood = -0.5 * (whitened**2).sum(axis=1) - spread
        kept = np.argsort(-log_likelihood, kind="stable")[:_N_KEPT]
        self._inverse_scales, self._factor = inverse_scales[kept], factor[kept]
        self._coefficients = np.linalg.solve(self._factor.transpose(0, 2, 1), whitened[kept][..., None])
        weights = np.exp(log_likelihood[kept] - log_likelihood.max())
        self.weights: Floats = weights / weights.sum()

    def beliefs(self, features: Floats) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of the loss at each point, under each draw of the length scales.

        Shapes: float64[m, d] → float64[draws, m] twice; :attr:`weights` float64[draws] sum to 1.
        """
        cross = self._kernel(features, self._features)
        mean = (cross @ self._coefficients)[..., 0]
        explained = np.linalg.solve(self._factor, cross.transpose(0, 2, 1))
        variance = np.maximum(1 - (explained**2).sum(axis=1), 1e-12)
        return self._centre + self._scale * mean, self._scale * np.sqrt(variance)

    def _kernel(self, left: Floats, right: Floats) -> Floats:
        """Matérn 5/2 with a length scale for each dimension: float64[draws, left, right]."""
        gaps = (left[:, None, :] - right[None, :, :]) ** 2
        distance: Floats = np.sqrt(5 * np.einsum("sd,nmd->snm", self._inverse_scales, gaps, optimize=True))
        return (1 + distance + distance**2 / 3) * np.exp(-distance)


def expected_gain(
    surrogate: Surrogate,
    features: Floats,
    sizes: Floats,
    front: list[tuple[float, float]],
    reference: tuple[float, float],
) -> Floats:
    """Return by how much measuring each point is expected to enlarge the area that the front dominates.

    A point of known size takes area from its size up to the reference's, below the best loss so far at each size: a
    few strips, each as wide as a step of the front, each with an ordinary expected improvement as its height.

    Shapes: features float64[m, d], sizes float64[m] → float64[m].

    Args:
        surrogate: Beliefs about the loss.
        features: Of the points.
        sizes: Their second objective, less is better.
        front: Pairs of loss and size, none dominated.
        reference: Loss and size beyond which nothing counts.
    """
    mean, deviation = surrogate.beliefs(features)
    steps = sorted((size, loss) for loss, size in front if loss < reference[0] and size < reference[1])
    edges = [-math.inf, *(size for size, _ in steps), reference[1]]
    levels = [reference[0], *(loss for _, loss in steps)]
    gain = np.zeros(len(sizes))
    for level, low, high in zip(levels, edges[:-1], edges[1:], strict=True):
        width = np.clip(high - np.maximum(sizes, low), 0, None)
        gain += width * (surrogate.weights @ _improvement(level, mean, deviation))
    return gain


def _improvement(level: float, mean: Floats, deviation: Floats) -> Floats:
    standard = (level - mean) / deviation
    density = np.exp(-0.5 * standard**2) / math.sqrt(2 * math.pi)
    below: Floats = 0.5 * (1 + _erf(standard / math.sqrt(2)))
    return (level - mean) * below + deviation * density
