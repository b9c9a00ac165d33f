"""Long work on items: one at a time, and ended by whoever forgets an item that it sees."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ondevice.errors import NotFoundError
from ondevice.records import ArtifactOutcome, Filter

if TYPE_CHECKING:
    from ondevice.vault.vault import Vault


class Watch:
    """The one work of its kind that may be under way in a profile; it ends when one of its items is forgotten."""

    def __init__(self, busy: str) -> None:
        """Start with none; ``busy`` is what to say where another one is under way."""
        self._busy_message = busy
        self._busy = threading.Lock()
        self._name: str | None = None
        self._rows: frozenset[int] = frozenset()
        self._n_forgotten = 0
        self.is_saved = False
        """Whether the vault keeps a state of this work, from which it can go on."""
        self.saw_erasure = False
        """Whether anything has been forgotten since it began, of its items or of others."""

    @property
    def name(self) -> str | None:
        """What is being made, or ``None``."""
        return self._name

    @property
    def n_forgotten(self) -> int:
        """How many of its items have been forgotten since it began."""
        return self._n_forgotten

    @contextmanager
    def begin(self, name: str) -> Iterator[None]:
        """Be the one under way for the time of the block.

        Raises:
            ValueError: If another one is.
        """
        if not self._busy.acquire(blocking=False):
            raise ValueError(self._busy_message)
        try:
            self._name, self._n_forgotten, self.is_saved, self.saw_erasure = name, 0, False, False
            yield
        finally:
            self._name, self._rows = None, frozenset()
            self._busy.release()

    def watch(self, rows: Iterable[int]) -> None:
        """Name the rows of its items; the caller keeps erasures out meanwhile."""
        self._rows = frozenset(rows)

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Stop the work that sees one of these rows; it then keeps nothing."""
        self.saw_erasure = True
        n_forgotten = len(self._rows.intersection(rows))
        self._n_forgotten += n_forgotten
        return ArtifactOutcome(
            kind="training",
            name="under way",
            outcome="cleared" if n_forgotten else "absent",
            count=n_forgotten,
        )


def require_there(vault: Vault, item_ids: Sequence[str], *, why: str, hint: str) -> None:
    """Refuse to go on where an item is no longer there.

    Args:
        vault: Where the items lie.
        item_ids: Those that have a part in something.
        why: What to say of those that are gone: "… of … items" and this.
        hint: What to do about it.

    Raises:
        NotFoundError: If one is gone.
    """
    n_gone = len(item_ids) - len(vault.items.rows(Filter(ids=tuple(item_ids)))) if item_ids else 0
    if n_gone:
        raise NotFoundError(f"{n_gone} of {len(item_ids)} items {why}", hint=hint)
