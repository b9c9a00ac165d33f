"""How a request is answered: without the profile, or by each way of personalizing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

HarmWay = Literal["none", "retrieval", "adapter", "both"]
"""``retrieval`` is what ``generate`` does by default, ``adapter`` a LoRA that was trained on the profile's items."""
PERSONAL: tuple[HarmWay, ...] = get_args(HarmWay)[1:]
WITH_ITEMS: frozenset[HarmWay] = frozenset({"retrieval", "both"})
WITH_ADAPTER: frozenset[HarmWay] = frozenset({"adapter", "both"})

Whose = Literal["own", "other"]
"""Whose profile is attached."""


def ways_of(names: Sequence[str]) -> tuple[HarmWay, ...]:
    """Return the ways of these names, each once.

    Raises:
        ValueError: If there is none, or no such way.
    """
    if not names or any(name not in PERSONAL for name in names):
        raise ValueError(f"--ways takes some of {', '.join(PERSONAL)}, with commas, not {', '.join(names)!r}")
    return tuple(way for way in PERSONAL if way in names)
