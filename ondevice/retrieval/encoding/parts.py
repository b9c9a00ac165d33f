"""Cutting what is too long evenly: each part of a text keeps its share of the room, and what is short stays whole.

A text that is cut at its end loses its last parts, however little they hold. Here the longest parts give way first,
as water finds its level, so that a selector reads of the request and of every item.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

FIRST_SHARE = 2
"""The first part, which all others are judged by, may be so many times as long as any other that is cut."""


class PartTokens(NamedTuple):
    """A part's tokens: a frame that is kept before ``long`` is, and what it frames."""

    before: list[int]
    long: list[int]
    after: list[int]

    @property
    def n_tokens(self) -> int:
        """The number of all its tokens."""
        return len(self.before) + len(self.long) + len(self.after)

    def cut(self, n_tokens: int) -> list[int]:
        """Return so many of its tokens, in order: of ``long`` what the frame leaves room for."""
        before = self.before[:n_tokens]
        after = self.after[: n_tokens - len(before)]
        return [*before, *self.long[: n_tokens - len(before) - len(after)], *after]


def cut_evenly(parts: Sequence[PartTokens], room: int) -> list[int]:
    """Return the tokens of all parts, cut to the room: it is filled where there are enough."""
    kept = shares([part.n_tokens for part in parts], room)
    return [token for part, n_kept in zip(parts, kept, strict=True) for token in part.cut(n_kept)]


def shares(lengths: Sequence[int], room: int) -> list[int]:
    """Return how much of each part is kept: all of the short ones, and of the others the same, of the first twice that.

    The few tokens that do not divide go to the first parts that are cut.
    """
    weights = [FIRST_SHARE, *(1 for _ in lengths[1:])]

    def kept(level: int) -> list[int]:
        return [min(length, weight * level) for length, weight in zip(lengths, weights, strict=False)]

    low, high = 0, max(lengths, default=0)
    while low < high:
        level = (low + high + 1) // 2
        low, high = (level, high) if sum(kept(level)) <= room else (low, level - 1)
    found = kept(low)
    for place, (length, weight) in enumerate(zip(lengths, weights, strict=False)):
        found[place] += min(weight, length - found[place], room - sum(found))
    return found
