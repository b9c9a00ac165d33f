"""Where an adapter's lessons look items up: by their words, and by their vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.lessons.pairs import Moment
from ondevice.errors import ModelMismatchError
from ondevice.records import Filter, Item
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.retrieval.lexical import LexicalRetriever
from ondevice.retrieval.protocol import MOST_HITS
from ondevice.vault.lexical import LexicalIndex

if TYPE_CHECKING:
    from ondevice.vault.database import Database
    from ondevice.vault.vault import Vault

Items = list[Item]

_SPARE = 8
"""So many hits more than are needed are asked for at once, because some may not be admitted."""

_MORE = 8
"""So many times as many are asked for where that was not enough."""


class WordFinder:
    """Finds earlier items by BM25, one query a lesson: each looks at what it matches, and at no other item.

    What is the same for all of them is looked up once: which row is which item, and how many items hold a word. Use it
    for one training, while the items stay as they are.
    """

    def __init__(self, vault: Vault) -> None:
        self._items = vault.items
        self._lexical = LexicalRetriever(_CountedWords(vault.database), vault.items)
        self._ids = {row: item.id for row, item in vault.items.get_rows(vault.items.rows().tolist()).items()}

    def find(self, query: str, k: int, *, moment: Moment) -> Items:
        """Return at most ``k`` of the items that this moment admits and that share words with a query, best first."""
        earlier = Filter(until=moment.asked_at)
        n_asked = min(k + _SPARE, MOST_HITS)
        while True:
            ranked = self._lexical.retrieve(query, k=n_asked, filter=earlier)
            rows = [row for row, _ in ranked if row in self._ids and moment.admits(self._ids[row])][:k]
            if len(rows) == k or len(ranked) < n_asked:
                found = self._items.get_rows(rows)
                return [found[row] for row in rows if row in found]
            n_asked = min(n_asked * _MORE, MOST_HITS)


class _CountedWords(LexicalIndex):
    """The full-text index, which counts how many items hold a word once."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._counts: dict[str, int] = {}

    def document_frequency(self, terms: Sequence[str]) -> dict[str, int]:
        """Return for each term how many items hold it."""
        self._counts |= super().document_frequency([term for term in terms if term not in self._counts])
        return {term: self._counts[term] for term in terms}


class ItemSource:
    """The items of one profile. Threads may use it at once."""

    def __init__(self, vault: Vault, encoders: Encoders) -> None:
        self._vault = vault
        self._encoders = encoders

    def finder(self) -> WordFinder:
        """Return what finds items by their words, as they are now."""
        return WordFinder(self._vault)

    def vectors(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """Return the items' vectors, in the order of the ids: float32[n, dim].

        Raises:
            ValueError: If the profile was opened without an encoder.
            ModelMismatchError: If an item has no vector of this encoder.
            NotFoundError: If an item is not there.
        """
        if not self._encoders.has_base:
            raise ValueError(
                "items are chosen by their vectors, and the profile was opened with encoder=None: open it with an "
                "encoder, or learn from all items"
            )
        encoder_id = self._encoders.source().id
        rows, matrix, _ = self._vault.vectors.load(encoder_id)
        wanted = [self._vault.items.row_of(item_id) for item_id in ids]
        places = {row: place for place, row in enumerate(rows.tolist())}
        n_missing = sum(row not in places for row in wanted)
        if n_missing:
            raise ModelMismatchError(
                f"{n_missing} of {len(wanted)} items have no vector of the encoder {encoder_id!r}",
                hint="run: ondevice reencode",
            )
        return matrix[[places[row] for row in wanted]]
