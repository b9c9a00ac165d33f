"""A profile that is no vault, searched as a device would: by vectors, by words, by time.

Vectors are made by the very bundle that devices load, once for each text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from export.training.lexical import lexical_order, lexical_ranking
from export.training.requests import Asked
from ondevice.config import RetrievalConfig
from ondevice.passages import item_text
from ondevice.records import Item, Ranked
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.fusion import SURROUNDED, blend
from ondevice.retrieval.index.exact import best
from ondevice.retrieval.surroundings import with_surroundings
from ondevice.words import field_text, searchable_text


def passage_of(item: Item) -> str:
    """Return what the encoder reads of an item."""
    return searchable_text(item.text, item.fields)


def read_profiles(
    questions: Sequence[Asked],
    encoders: Iterable[Vectors],
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Encode all items of the questions' profiles at once, so that no question has to wait for its own.

    Args:
        questions: Whose.
        encoders: With each of these.
        on_progress: Told of texts encoded and texts in all, encoder after encoder.
    """
    items = [item for asked in questions for item in asked.items]
    for vectors in encoders:
        vectors.read(items, on_progress=on_progress)


class Vectors:
    """An encoder that remembers what it has encoded, by text; a long item has a vector for each passage."""

    def __init__(self, encoder: Encoder, *, passages: Encoder | None = None) -> None:
        """Take the encoder of queries, and that of passages where it is another one (query-side encoders)."""
        self._queries = encoder
        self._passages = passages or encoder
        self._known: dict[str, NDArray[np.float32]] = {}
        self._asked: dict[str, NDArray[np.float32]] = {}

    def read(self, items: Sequence[Item], *, on_progress: Callable[[int, int], None] | None = None) -> None:
        """Encode the items that are not known yet."""
        texts = dict.fromkeys(item_text(item.text, field_text(item.fields)) for item in items)
        fresh = [each for each in texts if each.text not in self._known]
        if fresh:
            made = self._passages.encode_items(fresh, on_progress=on_progress)
            self._known.update((each.text, made.of([place]).vectors) for place, each in enumerate(fresh))

    def nearest(self, query: str, items: Sequence[Item], k: int) -> list[int]:
        """Return the places of the k items of highest cosine, best first; of equals the earlier."""
        return [place for place, _ in self.ranked(query, items, k)]

    def ranked(self, query: str, items: Sequence[Item], k: int) -> list[Ranked]:
        """Return the places of the k items of highest cosine with their cosines, best first; of equals the earlier."""
        places, cosines = best(np.arange(len(items)), np.array(self.similarities(query, items), np.float32), k)
        return [Ranked(int(place), float(cosine)) for place, cosine in zip(places, cosines, strict=True)]

    def similarities(self, query: str, items: Sequence[Item]) -> list[float]:
        """Return the cosine of each item's best passage to the query."""
        if not items:
            return []
        self.read(items)
        if query not in self._asked:
            self._asked[query] = self._queries.encode_queries([query])[0]
        parts = [self._known[passage_of(item)] for item in items]
        cosines = np.einsum("nd,d->n", np.concatenate(parts), self._asked[query])
        firsts = np.cumsum([0, *(len(part) for part in parts[:-1])])
        return [float(cosine) for cosine in np.maximum.reduceat(cosines, firsts)]


def newest(items: Sequence[Item], k: int) -> list[int]:
    """Return the places of the k items whose time is latest, the newest first; of equals the later one."""
    return sorted(range(len(items)), key=lambda place: (items[place].time, place), reverse=True)[:k]


def found_by(name: str, query: str, items: Sequence[Item], k: int, vectors: Vectors | None) -> list[Item]:
    """Return what the device's retriever of that name finds, best first.

    Args:
        name: ``none``, ``recency``, ``bm25``, ``dense``, ``hybrid``, or an encoder's name, which is searched as dense.
        query: What is searched for.
        items: The profile.
        k: At most so many.
        vectors: Those of the encoder that the name stands for; not needed for the first three.

    Raises:
        ValueError: If vectors are needed and not given.
    """
    if name == "none":
        return []
    if name == "recency":
        return [items[place] for place in newest(items, k)]
    if name == "bm25":
        return [items[place] for place in lexical_order(query, items)[:k]]
    if vectors is None:
        raise ValueError(f"the retriever {name!r} needs an encoder")
    if name != "hybrid":
        return [items[place] for place in vectors.nearest(query, items, k)]
    depth = max(k, RetrievalConfig().fusion_depth)
    fused = blend(lexical_ranking(query, items)[:depth], vectors.ranked(query, items, depth), depth=depth)[
        : max(k, SURROUNDED)
    ]
    return [items[place] for place, _ in with_surroundings(query, fused, dict(enumerate(items)))[:k]]
