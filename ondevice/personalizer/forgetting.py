"""Forgetting items while others answer: nothing is answered meanwhile, and everybody who keeps something is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from ondevice.generation.generator import Generator
from ondevice.records import Filter, Receipt
from ondevice.vault.vault import Vault


class Forgetting:
    """Erases items of one profile. Threads may use it at once."""

    def __init__(self, vault: Vault, generator: Generator) -> None:
        self._vault = vault
        self._generator = generator

    def forget(self, selection: str | Sequence[str] | Filter, *, everything: bool) -> Receipt:
        """Do :meth:`ondevice.personalizer.personalizer.Personalizer.forget`."""
        chosen = selection if isinstance(selection, Filter) else _ids(selection)
        with self._erasing(lambda: self._would_forget(chosen, everything=everything)):
            return self._vault.forget(chosen, everything=everything)

    def prune(self, *, now: datetime | None) -> Receipt | None:
        """Forget the items that have expired; ``None`` if there were none."""
        at = now or datetime.now(UTC)
        with self._erasing(lambda: self._vault.items.count_kept(expired_by=at) > 0):
            return self._vault.prune(now=at)

    @contextmanager
    def _erasing(self, finds_any: Callable[[], bool]) -> Iterator[None]:
        """Let nothing be answered for the time of the block, unless there is nothing to erase."""
        with self._vault.changing, self._vault.database.exclusive():
            if not finds_any():
                yield
                return
        with self._generator.at_rest("items were forgotten"):
            try:
                yield
            finally:
                re.purge()  # it keeps the patterns that forgotten words were looked for with

    def _would_forget(self, selection: Sequence[str] | Filter, *, everything: bool) -> bool:
        if isinstance(selection, Filter):
            return (everything or not selection.is_empty) and self._vault.items.count_kept(selection) > 0
        return self._vault.items.count_kept(Filter(ids=tuple(selection))) == len(selection) > 0


def _ids(selection: str | Sequence[str]) -> list[str]:
    """Return each id once."""
    return [selection] if isinstance(selection, str) else list(dict.fromkeys(selection))
