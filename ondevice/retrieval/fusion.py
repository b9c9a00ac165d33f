"""Hybrid retrieval: several rankings made one."""

from __future__ import annotations

from collections.abc import Sequence

from ondevice.records import Filter, Ranked
from ondevice.retrieval.protocol import Retriever, check_k


class HybridRetriever:
    """Fuses the rankings of other retrievers by reciprocal rank."""

    name = "hybrid"

    def __init__(self, retrievers: Sequence[Retriever], *, depth: int, constant: int) -> None:
        """Fuse these retrievers.

        Args:
            retrievers: What is fused; order breaks no tie.
            depth: Hits each contributes, or k where that is more.
            constant: The constant of :func:`fuse`.
        """
        if depth < 1:
            raise ValueError(f"depth must be 1 or more, not {depth}")
        self._retrievers = tuple(retrievers)
        self._depth = depth
        self._constant = constant

    def retrieve(self, query: str, *, k: int, filter: Filter | None = None) -> list[Ranked]:
        """Return the k best of the fused ranking.

        Raises:
            ModelMismatchError: If items have no vector of the encoder in use.
            ValueError: If k is below 1.
        """
        check_k(k)
        depth = max(k, self._depth)
        rankings = [retriever.retrieve(query, k=depth, filter=filter) for retriever in self._retrievers]
        return fuse(rankings, constant=self._constant)[:k]


def fuse(rankings: Sequence[Sequence[Ranked]], *, constant: int = 60) -> list[Ranked]:
    """Sum ``1 / (constant + rank)`` over the rankings a row stands in, ranks from 1; of equals, the lower row first.

    Source: Cormack, Clarke & Büttcher 2009, reciprocal rank fusion (SIGIR); they use 60.

    Raises:
        ValueError: If the constant is negative.
    """
    if constant < 0:
        raise ValueError(f"the constant must not be negative, but is {constant}")
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, (row, _) in enumerate(ranking, 1):
            scores[row] = scores.get(row, 0.0) + 1.0 / (constant + rank)
    return sorted((Ranked(row, score) for row, score in scores.items()), key=lambda hit: (-hit.score, hit.row))
