"""What every retriever is."""

from __future__ import annotations

import operator
from typing import Protocol

from ondevice.records import Filter, Ranked

MOST_HITS = 2**31 - 1
"""More than any profile holds; what is searched with must count further than this."""


class Retriever(Protocol):
    """Finds the rows that suit a query. Safe for several threads at once."""

    @property
    def name(self) -> str:
        """The name it goes by: that of a built-in retriever, or of an encoder."""

    def retrieve(self, query: str, *, k: int, filter: Filter | None = None) -> list[Ranked]:
        """Return at most k rows that pass the filter, best first.

        Args:
            query: Any text; none is malformed.
            k: 1 or more.
            filter: Which items count; ``None`` means all.

        Raises:
            ValueError: If k is below 1.
        """


def check_k(k: int) -> int:
    """Return how many hits to look for: one or more, and no more than can be counted.

    Raises:
        TypeError: If k is no whole number.
        ValueError: If k is out of range.
    """
    wanted = operator.index(k)
    if wanted < 1:
        raise ValueError(f"k must be 1 or more, not {wanted}")
    if wanted > MOST_HITS:
        raise ValueError(f"k must be at most {MOST_HITS}, not {wanted}")
    return wanted
