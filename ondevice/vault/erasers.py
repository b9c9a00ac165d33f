"""Who keeps something of items outside the vault's own tables, and must be told when items are forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ondevice.vault.erasure import Eraser


class Erasers:
    """Everybody of one profile who is told of an erasure, in the order in which they are told.

    Whoever keeps something made from items, in memory or on the disk, is handed this where it is made, and enlists
    itself: nobody has to think of it elsewhere.
    """

    def __init__(self) -> None:
        self._enlisted: list[Eraser] = []

    def enlist(self, eraser: Eraser) -> None:
        """Tell this one too from now on."""
        self._enlisted.append(eraser)

    def __iter__(self) -> Iterator[Eraser]:
        return iter(tuple(self._enlisted))

    def __len__(self) -> int:
        return len(self._enlisted)
