"""What every retriever is."""

from __future__ import annotations

from typing import Protocol

from ondevice.records import Filter, Ranked


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


def check_k(k: int) -> None:
    """Refuse to look for less than one hit.

    Raises:
        ValueError: If k is below 1.
    """
    if k < 1:
        raise ValueError(f"k must be 1 or more, not {k}")
