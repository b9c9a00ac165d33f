"""BM25: items that share rare words with the query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ondevice.records import Filter, Ranked
from ondevice.retrieval.protocol import check_k
from ondevice.vault.scripts import split_words

if TYPE_CHECKING:
    from ondevice.vault.items import ItemStore
    from ondevice.vault.lexical import LexicalIndex

MAX_TERMS = 16
MIN_TERMS = 2
MAX_SCORED = 10_000
MAX_WORDS_READ = 128
MAX_CHARS_READ = 16_384
COMMON_SHARE = 0.25
COMMON_FROM = 50


class LexicalRetriever:
    """Okapi BM25 (Robertson & Zaragoza 2009) over the full-text index, for the query's rarest words."""

    name = "bm25"

    def __init__(self, lexical: LexicalIndex, items: ItemStore) -> None:
        """Match in this index; the items say how many there are."""
        self._lexical = lexical
        self._items = items

    def retrieve(self, query: str, *, k: int, filter: Filter | None = None) -> list[Ranked]:
        """Return the k items of highest BM25, best first; none where no word of the query occurs.

        Raises:
            ValueError: If k is below 1.
        """
        check_k(k)
        terms = words(query)
        if not terms:
            return []
        chosen = choose_terms(self._lexical.document_frequency(terms), n_items=self._items.count())
        return self._lexical.match(chosen, filter=filter, limit=k) if chosen else []


def words(text: str) -> list[str]:
    """Return the distinct words of a text in lower case, in the order they come; at most the first 128.

    Lower case and not case folding: the full-text index does not turn ``ß`` into ``ss`` either.
    """
    return list(dict.fromkeys(word.lower() for word in split_words(text[:MAX_CHARS_READ])))[:MAX_WORDS_READ]


def choose_terms(frequency: Mapping[str, int], *, n_items: int) -> list[str]:
    """Choose the words worth matching: at most 16, the rarest first, and none that occurs nowhere.

    Words in more than a quarter of the items are left out, as long as others remain and there are enough items (50)
    to call a word common: they say little and cost most. For the same reason the choice ends, after two words at
    least, where the items that would have to be scored become more than 10,000.
    """
    occurring = sorted((count, term) for term, count in frequency.items() if count > 0)
    limit = max(COMMON_SHARE * n_items, COMMON_FROM * COMMON_SHARE)
    rare = [entry for entry in occurring if entry[0] <= limit] or occurring
    chosen: list[str] = []
    n_scored = 0
    for count, term in rare[:MAX_TERMS]:
        n_scored += count
        if len(chosen) >= MIN_TERMS and n_scored > MAX_SCORED:
            break
        chosen.append(term)
    return chosen
