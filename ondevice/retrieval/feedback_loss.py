"""How far a retriever's order is from what helped, for several requests at once, and which way it falls.

With s_i = scale · q'ᵀ d_i over the candidates of one request, π = softmax(s) is what the retriever would put first, and
p = softmax(r / temperature) what should have stood there, r being the candidates' rewards. The loss is the mean of
KL(p ‖ π) over the requests, and q' = (q + U (Vᵀ q)) / ‖q + U (Vᵀ q)‖.

Source: Salemi et al. 2024, arXiv:2404.05970 (ROPG-KD: a retriever distilled from a language model's feedback).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.lessons.feedback import Feedback

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Requests:
    """Several requests' feedback side by side; those with fewer candidates are filled up, and the mask says where.

    Shapes: queries float64[n, dim]; vectors float64[n, l, dim]; rewards float64[n, l]; mask bool[n, l].
    """

    queries: Floats
    vectors: Floats
    rewards: Floats
    mask: NDArray[np.bool_]

    @classmethod
    def of(cls, feedback: Sequence[Feedback]) -> Self:
        """Put feedback side by side, in its order."""
        n, longest, dim = len(feedback), max(len(each.rewards) for each in feedback), len(feedback[0].query)
        vectors, rewards = np.zeros((n, longest, dim)), np.zeros((n, longest))
        mask = np.zeros((n, longest), dtype=np.bool_)
        for place, each in enumerate(feedback):
            k = len(each.rewards)
            vectors[place, :k], rewards[place, :k], mask[place, :k] = each.vectors, each.rewards, True
        return cls(
            queries=np.stack([each.query for each in feedback]).astype(np.float64),
            vectors=vectors,
            rewards=rewards,
            mask=mask,
        )

    def targets(self, temperature: float) -> Floats:
        """Return softmax(rewards / temperature) over each request's candidates: float64[n, l], 0 where masked."""
        return np.exp(_log_softmax(self.rewards / temperature, self.mask))

    def first_reward(self, up: Floats, down: Floats) -> float:
        """Return the mean reward of what comes first; of equal candidates, that is the one nearer at the outset."""
        mapped = _mapped(self.queries, up, down)[0]
        scores = np.where(self.mask, np.einsum("nld,nd->nl", self.vectors, mapped), -np.inf)
        return float(self.rewards[np.arange(len(scores)), scores.argmax(axis=1)].mean())


def loss_and_gradients(
    requests: Requests, targets: Floats, up: Floats, down: Floats, *, scale: float
) -> tuple[float, Floats, Floats]:
    """Return the mean KL(p ‖ π) over the requests, and its gradients with respect to U and V.

    Shapes: targets float64[n, l]; up, down and both gradients float64[dim, rank].
    """
    mapped, norms, inner = _mapped(requests.queries, up, down)
    log_policy = _log_softmax(scale * np.einsum("nld,nd->nl", requests.vectors, mapped), requests.mask)
    known = targets > 0
    log_targets = np.log(np.where(known, targets, 1.0))
    loss = (targets * np.where(known, log_targets - log_policy, 0.0)).sum(axis=1).mean()
    by_score = scale * (np.exp(log_policy) - targets) / len(targets)
    by_mapped = np.einsum("nl,nld->nd", by_score, requests.vectors)
    by_moved = (by_mapped - mapped * (by_mapped * mapped).sum(axis=1, keepdims=True)) / norms
    return float(loss), by_moved.T @ inner, requests.queries.T @ (by_moved @ up)


def _mapped(queries: Floats, up: Floats, down: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the mapped queries float64[n, dim], their norms before normalizing [n, 1], and Vᵀq [n, rank]."""
    inner = queries @ down
    moved = queries + inner @ up.T
    norms = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6)
    return moved / norms, norms, inner


def _log_softmax(scores: Floats, mask: NDArray[np.bool_]) -> Floats:
    """Return the logarithm of softmax over the unmasked of each row: float64[n, l], -inf where masked."""
    shown = np.where(mask, scores, -np.inf)
    shifted = shown - shown.max(axis=1, keepdims=True)
    logs: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs
