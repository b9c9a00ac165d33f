"""Which passage of a long item suits a query: that of the nearest vector, or where the query's rarest words stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ondevice.generation.prompts.passages import NOTES_WORDS, Extract
from ondevice.passages import Passage, Span
from ondevice.records import Item
from ondevice.words import field_text

if TYPE_CHECKING:
    from ondevice.retrieval.dense import DenseRetriever
    from ondevice.vault.vectors import VectorStore


def matching_passages(
    queries: Sequence[str], items: Mapping[int, Item], dense: DenseRetriever | None, vectors: VectorStore
) -> dict[int, Passage]:
    """Return the passage of each long item that suits one of the queries best, by row; short items have none.

    Args:
        queries: What was searched for.
        items: What was found, by row.
        dense: What compares vectors, if that found them; without it words tell.
        vectors: Where the passages' places are.
    """
    found = {} if dense is None else _by_vectors(queries, items, dense, vectors)
    for row, item in items.items():
        if row not in found and len(item.text) > NOTES_WORDS:
            extract = Extract(" ".join(queries), item.text)
            window = extract.best_window() if extract.n_words > NOTES_WORDS else None
            if window is not None:
                found[row] = window
    return found


def _by_vectors(
    queries: Sequence[str], items: Mapping[int, Item], dense: DenseRetriever, vectors: VectorStore
) -> dict[int, Passage]:
    nearest: dict[int, tuple[float, int]] = {}
    for query in queries:
        for row, (label, score) in dense.best_passages(query, list(items)).items():
            nearest[row] = max(nearest.get(row, (score, label)), (score, label))
    spans = vectors.spans(dense.encoder_id, [label for _, label in nearest.values()])
    passages = {row: _passage(items[row], spans[label]) for row, (_, label) in nearest.items() if label in spans}
    return {row: passage for row, passage in passages.items() if passage is not None}


def _passage(item: Item, span: Span) -> Passage | None:
    """Return the part of an item's text that a passage holds; ``None`` where that is fields alone."""
    named = field_text(item.fields)
    n_before = len(named) + 1 if named else 0
    start, end = max(0, span.start - n_before), span.end - n_before
    text = item.text[start : max(0, end)]
    return Passage(text=text, start=start, end=end) if text.strip() else None
