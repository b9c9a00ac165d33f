"""What an adapter learns from: pairs made of the user's items, with earlier items in their prompts as when serving.

Source: Tan et al. 2024, arXiv:2402.04401 (OPPU): a user's adapter that is trained with what retrieval brings along.
Ge et al. 2024, arXiv:2402.18191 (clustering and ranking): few items, good ones and of every kind.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ondevice.adaptation.lessons.pairs import MIN_PAIRS, EarlierItems, Moment, Pair, item_pairs, training_pairs, without
from ondevice.errors import AdaptationError, CorruptError, TooLittleError
from ondevice.generation.prompts.prompt import query_for
from ondevice.learned.adapter_notes import AdapterPlan
from ondevice.records import Item

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Finder(Protocol):
    """Finds items by their words, for one training."""

    def find(self, query: str, k: int, *, moment: Moment) -> Sequence[Item]:
        """Return at most ``k`` of the items that this moment admits and that share words with a query, best first."""


class Source(Protocol):
    """Where items are looked up."""

    def finder(self) -> Finder:
        """Return what finds among the items as they are now."""

    def vectors(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """Return the items' vectors, in the order of the ids: float32[n, dim]."""


_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, kw_only=True, slots=True)
class Lessons:
    """The pairs of one training.

    Args:
        pairs: The oldest first.
        selection: In sentences, which items were chosen and why; empty where all are learned from.
    """

    pairs: tuple[Pair, ...] = field(repr=False)
    selection: tuple[str, ...] = ()

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Every item that has a part in them, those in the prompts included."""
        return tuple(dict.fromkeys(item_id for pair in self.pairs for item_id in pair.item_ids))

    def with_state(self, state: bytes) -> bytes:
        """Return a training's state behind the ids these lessons are made of; :func:`lessons_again` reads it."""
        shown = [[item.id for item in pair.items] for pair in self.pairs]
        own = [pair.item_ids[: len(pair.item_ids) - len(ids)] for pair, ids in zip(self.pairs, shown, strict=True)]
        pairs = [[list(ids), more] for ids, more in zip(own, shown, strict=True)]
        made_of = json.dumps({"pairs": pairs, "selection": self.selection}).encode()
        return _LENGTH.pack(len(made_of)) + made_of + state


def make_lessons(items: Sequence[Item], plan: AdapterPlan, source: Source) -> Lessons:
    """Make the pairs a plan asks for.

    Where ``plan.select`` says so, only the best items of every kind are learned from: new ones, as long as usual, that
    differ. Each pair gets up to ``plan.items_in_prompt`` of the items that are earlier than its own, found for its
    request: what would stand there if the request came now. Neither its own item does, nor one of equal text.

    Raises:
        TooLittleError: If there are too few different pairs, or too few worth choosing.
        ModelMismatchError: If items lack vectors by which to choose.
        ValueError: If there is no such task, or the profile has no encoder by whose vectors to choose.
    """
    usable = without(items, plan.leave_out)
    pairs = training_pairs(usable, task=plan.task)
    selection: tuple[str, ...] = ()
    if plan.select is not None:
        pairs, selection = _selected(pairs, usable, plan.select, source)
    if plan.items_in_prompt:
        earlier, finder = EarlierItems(usable), source.finder()
        pairs = [_with_items(pair, earlier.moment_of(pair), plan.items_in_prompt, finder) for pair in pairs]
    return Lessons(pairs=tuple(pairs), selection=selection)


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
        pairs_of, selection = made_of["pairs"], tuple(made_of["selection"])
    except (struct.error, ValueError, LookupError, TypeError):
        raise CorruptError("the checkpoint of the training is damaged", hint="start the training anew") from None
    by_id = {item.id: item for item in items}
    pairs = []
    for own, shown in pairs_of:
        made = item_pairs([by_id[item_id] for item_id in own], task=task)
        if len(made) != 1:
            raise AdaptationError(
                f"{len(own)} items of the paused training do not say any more what they said", hint="train it again"
            )
        pairs.append(made[0].with_items([by_id[item_id] for item_id in shown]))
    return Lessons(pairs=tuple(pairs), selection=selection), data[end:]


def _selected(
    pairs: Sequence[Pair], items: Sequence[Item], n_items: int, source: Source
) -> tuple[list[Pair], tuple[str, ...]]:
    from ondevice.adaptation.lessons.selection import SelectionConfig, select_items

    texts = {item.id: item.text for item in items}
    ids = [pair.item_ids[-1] for pair in pairs]  # the newest of those that teach the same
    selection = select_items(
        [texts[item_id] for item_id in ids], source.vectors(ids), config=SelectionConfig(max_items=n_items)
    )
    if len(selection.chosen) < MIN_PAIRS:
        raise TooLittleError(
            f"training needs {MIN_PAIRS} different items, but of {len(pairs)} only {len(selection.chosen)} are worth "
            "learning from",
            hint="learn from all items, or add longer ones that differ",
        )
    return [pairs[place] for place in selection.chosen], tuple(selection.explain())


def _with_items(pair: Pair, moment: Moment | None, k: int, finder: Finder) -> Pair:
    if moment is None:
        return pair
    return pair.with_items(finder.find(query_for(pair.task, pair.request), k, moment=moment))
