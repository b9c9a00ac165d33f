"""What is known of merged models beside their bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from ondevice.errors import InputError

MERGED = "merged"
"""The kind under which the vault keeps them."""

MERGED_IN_USE = "merged/in-use"
"""Setting: which merged model answers in place of the base."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedInUse:
    """Which merged model answers.

    Args:
        name: Its adapter's name.
        allow_plaintext_file: Whether it may lie in a readable file while it is loaded, where nothing else goes.
    """

    name: str
    allow_plaintext_file: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values; :meth:`from_json` reads them."""
        return {"name": self.name, "allow_plaintext_file": self.allow_plaintext_file}

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Return what :meth:`to_json` wrote.

        Raises:
            InputError: If it is something else.
        """
        match values:
            case {"name": str() as name, "allow_plaintext_file": bool() as allowed}:
                return cls(name=name, allow_plaintext_file=allowed)
        raise InputError("which merged model is in use cannot be read")


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedInfo:
    """One of the profile's merged models.

    Args:
        name: That of the adapter it was made from.
        base_name: The language model it was made from.
        scale: How strongly the adapter counts in it.
        is_in_use: Whether it answers in place of the base.
        is_current: Whether the adapter is still the one that was merged.
        n_items: From how many items the adapter was made.
        n_bytes: Its size.
        made_at: When it was kept.
    """

    name: str
    base_name: str
    scale: float
    is_in_use: bool
    is_current: bool
    n_items: int
    n_bytes: int
    made_at: datetime
