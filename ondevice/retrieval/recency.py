"""The retrievers that do not read the query: nothing at all, and the newest items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ondevice.records import Filter, Ranked
from ondevice.retrieval.protocol import check_k

if TYPE_CHECKING:
    from ondevice.vault.items import ItemStore


class NoRetriever:
    """Finds nothing: the model answers as if there were no profile."""

    name = "none"

    def retrieve(self, query: str, *, k: int, filter: Filter | None = None) -> list[Ranked]:
        """Return no hit.

        Raises:
            ValueError: If k is below 1.
        """
        check_k(k)
        return []


class RecencyRetriever:
    """Finds the items whose time is latest."""

    name = "recency"

    def __init__(self, items: ItemStore) -> None:
        self._items = items

    def retrieve(self, query: str, *, k: int, filter: Filter | None = None) -> list[Ranked]:
        """Return the k newest items, the newest first; scores only say the order.

        Raises:
            ValueError: If k is below 1.
        """
        check_k(k)
        return self._items.recent(filter, k)
