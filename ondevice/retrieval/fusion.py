"""Hybrid retrieval: what words and vectors find, made one ranking; then who said it, and what was said beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ondevice.records import Filter, Item, Ranked
from ondevice.retrieval.protocol import Retriever, check_k
from ondevice.retrieval.surroundings import with_surroundings

GetRows = Callable[[Sequence[int]], Mapping[int, Item]]
"""Returns the items that stand in rows, as far as there are any."""

SURROUNDED = 60
"""So many of the best hits, or k where that is more, are looked at with their surroundings: all of them gain no more
and take longer."""


class HybridRetriever:
    """Adds up what words and vectors give an item, each on a scale from 0 to 1, and what its surroundings speak for.

    So a lead counts, which a rank does not show, and the retrievers' own numbers do not.
    """

    name = "hybrid"

    def __init__(self, lexical: Retriever, dense: Retriever, get_rows: GetRows, *, depth: int) -> None:
        """Fuse these retrievers.

        Args:
            lexical: Finds by words; leaves out what has none of them.
            dense: Finds by vectors.
            get_rows: Gives the items, which tell of their surroundings.
            depth: Hits each contributes, or k where that is more.
        """
        if depth < 1:
            raise ValueError(f"depth must be 1 or more, not {depth}")
        self._lexical, self._dense = lexical, dense
        self._get_rows = get_rows
        self._depth = depth

    def retrieve(self, query: str, *, k: int, filter: Filter | None = None) -> list[Ranked]:
        """Return the k best of the fused ranking.

        Raises:
            ModelMismatchError: If items have no vector of the encoder in use.
            ValueError: If k is below 1.
        """
        check_k(k)
        depth = max(k, self._depth)
        words, vectors = (each.retrieve(query, k=depth, filter=filter) for each in (self._lexical, self._dense))
        fused = blend(words, vectors, depth=depth)[: max(k, SURROUNDED)]
        return with_surroundings(query, fused, self._get_rows([row for row, _ in fused]))[:k]


def blend(words: Sequence[Ranked], vectors: Sequence[Ranked], *, depth: int) -> list[Ranked]:
    """Add up two rankings' scores, each on a scale that ends at its first hit; best first, of equals the lower row.

    The scale of vectors begins at their last hit. That of words does too where all ``depth`` hits were found, and else
    at 0, which what was not found has: a word that stands in two items alone speaks for both.
    """
    scores: dict[int, float] = {}
    for ranking, low in (
        (words, words[-1].score if len(words) >= depth else 0.0),
        (vectors, vectors[-1].score if vectors else 0.0),
    ):
        room = ranking[0].score - low if ranking else 0.0
        for row, score in ranking:
            scores[row] = scores.get(row, 0.0) + ((score - low) / room if room > 0 else 1.0)
    return _in_order(scores)


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
    return _in_order(scores)


def _in_order(scores: dict[int, float]) -> list[Ranked]:
    return sorted((Ranked(row, score) for row, score in scores.items()), key=lambda hit: (-hit.score, hit.row))
