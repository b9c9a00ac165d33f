"""Which pairs an adapter has learned from, which have only judged it, and which it has never seen."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np

from ondevice.adaptation.lessons.leaks import plain
from ondevice.adaptation.lessons.pairs import Pair, hold_out_newest, item_pairs
from ondevice.learned.adapter_notes import AdapterNote
from ondevice.records import Item

MOST = 100
"""So many others are read, at most, drawn with a fixed seed: minutes, and a narrow enough interval."""
MOST_MEMBERS = 400
"""So many learned pairs: a single one that is known by heart is found only where it is read."""

_SEED = 31


@dataclass(frozen=True, kw_only=True, slots=True)
class Groups:
    """The pairs of one adapter.

    Args:
        members: It was trained on these.
        judged: It was not, but they told which epoch to keep.
        unseen: It had no part of these.
        is_known: Whether it is known which those are; if not, all that it saw are called members, and nothing others.
    """

    members: tuple[Pair, ...] = field(repr=False)
    judged: tuple[Pair, ...] = field(repr=False)
    unseen: tuple[Pair, ...] = field(repr=False)
    is_known: bool = True

    @property
    def others(self) -> tuple[Pair, ...]:
        """Those without a step of the training on them."""
        return (*self.judged, *self.unseen)


def groups_of(
    note: AdapterNote, seen: Sequence[Item], unseen: Sequence[Item], changed: AbstractSet[str] = frozenset()
) -> Groups:
    """Make an adapter's pairs again, as its training made them.

    Args:
        note: How it was made.
        seen: The items that its lineage names.
        unseen: Other items of the same kinds: an adapter makes all that is like its items likelier.
        changed: Ids of items that say something else now than when it was trained.

    Returns:
        The pairs. Where they are not as many as the training's report says, nobody can tell which of them it learned
        from. What says the same as a member is no other, wherever it stands.
    """
    task, report = note.plan.task, note.report
    pairs = item_pairs(seen, task=task)
    unknown = Groups(
        members=tuple(pair for pair in pairs if changed.isdisjoint(pair.item_ids)),
        judged=(),
        unseen=(),
        is_known=False,
    )
    if report is None or len(pairs) < 2:
        return unknown
    members, judged = hold_out_newest(pairs, note.plan.config.held_out)
    if (len(members), len(judged)) != (report.n_examples, report.n_held_out):
        return unknown
    if report.refit == "done":
        members, judged = pairs, []
    said = {_said(pair) for pair in members}
    judged = [pair for pair in judged if _said(pair) not in said and changed.isdisjoint(pair.item_ids)]
    said |= {_said(pair) for pair in pairs}
    members = [pair for pair in members if changed.isdisjoint(pair.item_ids)]
    never = [pair for pair in item_pairs(unseen, task=task) if _said(pair) not in said]
    return Groups(members=tuple(members), judged=tuple(judged), unseen=tuple(never))


def drawn(pairs: Sequence[Pair], most: int = MOST) -> list[Pair]:
    """Return so many of the pairs at most, in their order."""
    if len(pairs) <= most:
        return list(pairs)
    places = np.random.default_rng(_SEED).choice(len(pairs), size=most, replace=False)
    return [pairs[place] for place in sorted(places.tolist())]


def _said(pair: Pair) -> str:
    return plain(f"{pair.request} {pair.answer}")
