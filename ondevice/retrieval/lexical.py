"""BM25: items that share rare words with the query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ondevice.records import Filter, Ranked
from ondevice.retrieval.protocol import check_k
from ondevice.vault.filters import is_everything
from ondevice.words import MAX_TERMS, choose_terms, query_words

if TYPE_CHECKING:
    from ondevice.vault.items import ItemStore
    from ondevice.vault.lexical import LexicalIndex


class LexicalRetriever:
    """Okapi BM25 (Robertson & Zaragoza 2009) over the full-text index, for the query's rarest words."""

    name = "bm25"

    def __init__(self, lexical: LexicalIndex, items: ItemStore) -> None:
        self._lexical = lexical
        self._items = items

    def retrieve(self, query: str, *, k: int, filter: Filter | None = None) -> list[Ranked]:
        """Return the k items of highest BM25, best first; none where no word of the query occurs.

        Raises:
            ValueError: If k is below 1.
        """
        check_k(k)
        terms = query_words(query, self._lexical.languages())
        if not terms:
            return []
        frequency = self._lexical.document_frequency(terms)
        if not is_everything(filter) and sum(map(bool, frequency.values())) > MAX_TERMS:
            # Rare words that excluded items alone hold would take the places of those that can find something: asked
            # with an item's own text, the query would look for that item's words, and not find it.
            held = self._lexical.held([term for term, count in frequency.items() if count], filter)
            frequency = {term: count for term, count in frequency.items() if term in held}
        chosen = choose_terms(frequency, n_items=self._items.count())
        return self._lexical.match(chosen, filter=filter, limit=k) if chosen else []
