"""A made-up user whose requests are helped by what the encoder does not see: for tests of learning a query map."""

from __future__ import annotations

import numpy as np

from ondevice.adaptation.lessons.feedback import Feedback

DIM = 16


def planted(n: int, *, n_candidates: int = 8, seed: int = 0, noise: float = 0.0) -> list[Feedback]:
    """Return feedback in which a candidate helps by its last coordinate, while queries have none there.

    What all requests of this user share is their first coordinate.
    """
    random = np.random.default_rng(seed)
    out = []
    for _ in range(n):
        query = random.standard_normal(DIM)
        query[0], query[-1] = 3.0, 0.0
        query /= np.linalg.norm(query)
        vectors = random.standard_normal((n_candidates, DIM)) / DIM**0.5 + 0.6 * query
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = vectors[np.argsort(-(vectors @ query), kind="stable")]
        rewards = vectors[:, -1] - 2.0 + noise * random.standard_normal(n_candidates)
        out.append(Feedback(query=query.astype(np.float32), vectors=vectors.astype(np.float32), rewards=rewards))
    return out
