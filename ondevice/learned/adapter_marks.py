"""What is left of adapters, and of paused trainings, when items are forgotten: a note at most, in no word of theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ondevice.errors import InputError
from ondevice.learned.adapter_notes import AdapterNote
from ondevice.learned.shelf import Shelf, adapter_shelf, paused_shelf
from ondevice.records import ArtifactOutcome, Condition, Filter, Scalar, scalars_of

if TYPE_CHECKING:
    from ondevice.vault.derived import Derived
    from ondevice.vault.items import ItemStore
    from ondevice.vault.vault import Vault

_OF_AN_ERASURE = ("forgot", "erasure-finished")
"""The events with which an erasure ends."""


class Marks:
    """Settles the notes with every erasure, and those of one that nobody here was told of when the profile opens."""

    def __init__(self, vault: Vault) -> None:
        """Decide for every one that lost its bytes before the profile was opened."""
        self._items = vault.items
        self._shelves = (adapter_shelf(vault), paused_shelf(vault))
        noted = self._noted()
        self._known = self._settle(noted)
        if noted and not vault.database.is_read_only:
            last = vault.events.list(limit=1)
            if last and last[0].kind in _OF_AN_ERASURE:
                self._clean()
        vault.erasers.enlist(self)

    def erase(self, rows: Sequence[int]) -> tuple[ArtifactOutcome, ...]:
        """Drop the notes of those that shall leave nothing, count those to be trained again, and clean what stays."""
        before, self._known = self._known, self._settle(self._noted())
        n_new, n_cleaned = len(self._known - before), self._clean()
        return (
            ArtifactOutcome(
                kind="adapter", name="to be trained again", outcome="cleared" if n_new else "absent", count=n_new
            ),
            ArtifactOutcome(
                kind="adapter", name="words in notes", outcome="cleared" if n_cleaned else "absent", count=n_cleaned
            ),
        )

    def _noted(self) -> list[tuple[Shelf, Derived]]:
        return [(shelf, each) for shelf in self._shelves for each in shelf.noted()]

    def _settle(self, noted: Sequence[tuple[Shelf, Derived]]) -> set[tuple[str, str]]:
        marked = set()
        for shelf, each in noted:
            if each.is_there:
                continue
            if each.note["on_forget"] == "mark":
                marked.add((each.kind, each.artifact))
            else:
                shelf.drop(each.name)
        return marked

    def _clean(self) -> int:
        """Take out of every note what no item says any more; return how many were changed."""
        n_changed = 0
        for shelf, each in self._noted():
            try:
                note = AdapterNote.from_json(each.note)
            except InputError:  # whoever asks for it is told; it is no reason not to forget
                continue
            cleaned = without_gone_words(note, self._items)
            if cleaned != note:
                shelf.renote(each.name, cleaned.to_json())
                n_changed += 1
        return n_changed


def without_gone_words(note: AdapterNote, items: ItemStore) -> AdapterNote:
    """Return a note that says nothing which no item of the profile says any more.

    A filter is a user's words: kinds, and keys and values of metadata, in the filters inside it too. Where one of them
    stands in no item, the whole filter goes, because one without it would let other items pass. Ids of items that are
    gone are taken out: no item has them, so that what passes stays the same.
    """
    plan = note.plan
    wanted = plan.filter
    if wanted is not None and not all(items.count_kept(each) for each in _words_of(wanted)):
        plan = replace(plan, filter=None, is_filter_gone=True)
    elif wanted is not None:
        plan = replace(plan, filter=_without_gone_ids(wanted, items))
    return replace(note, plan=replace(plan, leave_out=_left(plan.leave_out, items)))


def count_gone_words(note: AdapterNote, items: ItemStore) -> int:
    """Return how many ids of items, and words of a filter, a note has that no item has any more.

    Those of an item that has expired are there until it is pruned.
    """
    wanted = note.plan.filter
    ids = {*note.plan.leave_out, *(() if wanted is None else _ids_of(wanted))}
    n_words = 0 if wanted is None else sum(not items.count_kept(each) for each in _words_of(wanted))
    return n_words + (len(ids) - items.count_kept(Filter(ids=tuple(ids))) if ids else 0)


def _ids_of(filter: Filter) -> Iterator[str]:
    return (item_id for part in filter.parts() for item_id in part.ids or ())


def _without_gone_ids(filter: Filter, items: ItemStore) -> Filter:
    return replace(
        filter,
        ids=None if filter.ids is None else _left(filter.ids, items),
        any_of=None if filter.any_of is None else tuple(_without_gone_ids(part, items) for part in filter.any_of),
        all_of=tuple(_without_gone_ids(part, items) for part in filter.all_of),
    )


def _words_of(filter: Filter) -> Iterator[Filter]:
    """Yield for each word of a filter, and of those in it, what finds the items that say it."""
    for part in filter.parts():
        for kind in part.kinds or ():
            yield Filter(kinds=(kind,))
        for key, condition in part.metadata.items():
            yield Filter(metadata={key: {"ne": None}})
            for value in _values_of(condition):
                if value is not None and not isinstance(value, bool):
                    yield Filter(metadata={key: value})


def _values_of(condition: Condition) -> list[Scalar]:
    if isinstance(condition, Mapping):
        # A number that something is compared with by size need not stand in any item.
        return [value for name, value in condition.items() if name == "ne" or isinstance(value, str)]
    return scalars_of(condition)


def _left(ids: Sequence[str], items: ItemStore) -> tuple[str, ...]:
    found = {item.id for item in items.list(Filter(ids=tuple(ids)), limit=None)} if ids else set()
    return tuple(item_id for item_id in ids if item_id in found)
