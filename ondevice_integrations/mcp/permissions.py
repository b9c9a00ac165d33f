"""What the user lets a host do with the profile: read, unless more is allowed; everything, or some kinds of items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ondevice import Filter
from ondevice.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from ondevice import Item, Personalizer

DEFAULT_MAX_CHARS = 8_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Permissions:
    """What is allowed for as long as the server runs.

    Args:
        may_write: Add and update items.
        may_forget: Erase items for good.
        kinds: Only items of these kinds exist for the host; ``None``: all.
        max_chars: So many characters of items a reply holds at most.
    """

    may_write: bool = False
    may_forget: bool = False
    kinds: tuple[str, ...] | None = None
    max_chars: int = DEFAULT_MAX_CHARS

    def kinds_for(self, kind: str | None) -> tuple[str, ...] | None:
        """Return which kinds a request is about.

        Raises:
            InputError: If it names one that the host may not see.
        """
        if kind is None:
            return self.kinds
        if self.kinds is not None and kind not in self.kinds:
            raise InputError(
                "the user has not given this host items of that kind", hint=f"kinds: {', '.join(self.kinds)}"
            )
        return (kind,)

    def item(self, me: Personalizer, item_id: str) -> Item:
        """Return an item that the host may see.

        Raises:
            NotFoundError: If there is none with this id; one of another kind is not told from one that is not there.
        """
        found = me.items.list(Filter(ids=(item_id,), kinds=self.kinds), limit=1)
        if not found:
            raise NotFoundError("there is no item with this id", hint="take an id from search or recent")
        return found[0]
