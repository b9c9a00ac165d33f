"""Ranking metrics of one query: ndcg@k and recall@k, and the ranking itself.

Sources: Järvelin and Kekäläinen 2002, doi:10.1145/582415.582418 (ndcg with the gain as it is; Burges et al. 2005 raise
two to it, which is the same for judgements of 0 and 1).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


def rank(scores: NDArray[np.floating], candidates: Sequence[int], k: int) -> tuple[int, ...]:
    """Return the k candidates of the highest scores, best first; of equal scores, the one named first.

    Shapes: float[len(candidates)] → at most k of the candidates.
    """
    _check_k(k)
    if scores.shape != (len(candidates),):
        raise ValueError(f"there are {len(candidates)} candidates, but the scores have the shape {scores.shape}")
    order = np.argsort(-scores, kind="stable")[:k]
    return tuple(candidates[index] for index in order)


def ndcg(ranking: Sequence[int], gains: Mapping[int, float], k: int) -> float:
    """Return the discounted gain of the first k places, divided by the best that is possible.

    ndcg@k = Σ_{i=1..k} gain(i) / log2(i + 1), over the same sum for the gains in descending order.

    Args:
        ranking: What was found, best first, each once.
        gains: What each relevant thing is worth, above zero; all others are worth nothing.
        k: How many places count.
    """
    _check_k(k)
    if not gains or min(gains.values()) <= 0:
        raise ValueError("there must be gains, and each above zero: without any, ndcg has no value")
    if len(set(ranking)) != len(ranking):
        raise ValueError("a thing stands twice in the ranking")
    found = _discounted([gains.get(each, 0.0) for each in ranking[:k]])
    return found / _discounted(sorted(gains.values(), reverse=True)[:k])


def recall(ranking: Sequence[int], relevant: Collection[int], k: int) -> float:
    """Return the share of the relevant things that stand in the first k places."""
    _check_k(k)
    if not relevant:
        raise ValueError("without anything relevant, recall has no value")
    return len(set(ranking[:k]) & set(relevant)) / len(set(relevant))


def _discounted(gains: Sequence[float]) -> float:
    places = np.arange(2, len(gains) + 2)
    return float(np.sum(np.asarray(gains, dtype=np.float64) / np.log2(places)))


def _check_k(k: int) -> None:
    if k < 1:
        raise ValueError(f"k must be 1 or more, not {k}")
