"""What an adapter learns from: pairs made of the user's items, with earlier items in their prompts as when serving.

Source: Tan et al. 2024, arXiv:2402.04401 (OPPU): a user's adapter that is trained with what retrieval brings along.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ondevice.adaptation.pairs import EarlierItems, Pair, item_pairs, training_pairs, without
from ondevice.adapter_notes import AdapterPlan
from ondevice.errors import AdaptationError, CorruptError
from ondevice.generation.prompts import query_for
from ondevice.records import Item

Search = Callable[[str, Sequence[str], int], Sequence[Item]]
"""Finds, for a query among the items of these ids, at most so many, best first."""

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, kw_only=True, slots=True)
class Lessons:
    """The pairs of one training, the oldest first."""

    pairs: tuple[Pair, ...] = field(repr=False)

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Every item that has a part in them, those in the prompts included."""
        return tuple(dict.fromkeys(item_id for pair in self.pairs for item_id in pair.item_ids))

    def with_state(self, state: bytes) -> bytes:
        """Return a training's state behind the ids these lessons are made of; :func:`lessons_again` reads it."""
        shown = [[item.id for item in pair.items] for pair in self.pairs]
        own = [pair.item_ids[: len(pair.item_ids) - len(ids)] for pair, ids in zip(self.pairs, shown, strict=True)]
        made_of = json.dumps([[list(ids), more] for ids, more in zip(own, shown, strict=True)]).encode()
        return _LENGTH.pack(len(made_of)) + made_of + state


def make_lessons(items: Sequence[Item], plan: AdapterPlan, search: Search) -> Lessons:
    """Make the pairs a plan asks for.

    Each gets up to ``plan.items_in_prompt`` of the items that are earlier than its own, found for its request: what
    would stand there if the request came now. Neither its own item does, nor one of equal text.

    Raises:
        AdaptationError: If there are too few different pairs.
        ValueError: If there is no such task.
    """
    usable = without(items, plan.leave_out)
    pairs = training_pairs(usable, task=plan.task)
    if plan.items_in_prompt:
        earlier = EarlierItems(usable)
        pairs = [_with_items(pair, earlier.before(pair), plan.items_in_prompt, search) for pair in pairs]
    return Lessons(pairs=tuple(pairs))


def lessons_again(data: bytes, items: Sequence[Item], *, task: str) -> tuple[Lessons, bytes]:
    """Return the lessons of a paused training, and its state.

    Args:
        data: What :meth:`Lessons.with_state` returned.
        items: Those the lessons were made of, in any order.
        task: What they teach.

    Raises:
        CorruptError: If the bytes are something else.
        AdaptationError: If an item does not say any more what it said.
    """
    try:
        (length,) = _LENGTH.unpack_from(data)
        end = _LENGTH.size + length
        made_of = json.loads(data[_LENGTH.size : end])
    except (struct.error, ValueError):
        raise CorruptError("the checkpoint of the training is damaged", hint="start the training anew") from None
    by_id = {item.id: item for item in items}
    pairs = []
    for own, shown in made_of:
        made = item_pairs([by_id[item_id] for item_id in own], task=task)
        if len(made) != 1:
            raise AdaptationError(
                f"{len(own)} items of the paused training do not say any more what they said", hint="train it again"
            )
        pairs.append(made[0].with_items([by_id[item_id] for item_id in shown]))
    return Lessons(pairs=tuple(pairs)), data[end:]


def _with_items(pair: Pair, earlier: Sequence[Item], k: int, search: Search) -> Pair:
    if not earlier:
        return pair
    return pair.with_items(search(query_for(pair.task, pair.request), [item.id for item in earlier], k))
