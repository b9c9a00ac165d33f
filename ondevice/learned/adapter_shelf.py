"""The profile's adapters and paused trainings as they lie in the vault."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ondevice.errors import NotFoundError
from ondevice.learned.adapter_notes import AdapterInfo, AdapterNote, AdapterPlan, InUse
from ondevice.learned.shelf import adapter_shelf, paused_shelf
from ondevice.records import Filter, Item

if TYPE_CHECKING:
    from ondevice.vault.derived import Derived
    from ondevice.vault.vault import Vault


class AdapterShelf:
    """Finds, keeps and drops them. Whoever changes something holds the profile's write lock."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._adapters = adapter_shelf(vault)
        self._paused = paused_shelf(vault)

    def names(self) -> list[str]:
        """Return every name under which something is kept or noted."""
        return sorted({kept.name for shelf in (self._adapters, self._paused) for kept in shelf.noted()})

    def note(self, name: str) -> AdapterNote:
        """Return how an adapter, or else a paused training, was made.

        Raises:
            NotFoundError: If there is none of that name.
        """
        return AdapterNote.from_json(self._find(name).note)

    def paused(self, name: str) -> AdapterNote:
        """Return how a paused training was begun.

        Raises:
            NotFoundError: If none is paused under that name.
        """
        kept = self._paused.find(name)
        if kept is None or not kept.is_there:
            raise NotFoundError(f"no training of the adapter {name!r} is paused", hint="train it")
        return AdapterNote.from_json(kept.note)

    def paused_items(self, name: str) -> list[Item]:
        """Return the items of a paused training, the oldest first.

        Raises:
            NotFoundError: If one of them is no longer there.
        """
        ids = self._paused.item_ids(name)
        items = self._vault.items.list(Filter(ids=ids), limit=None, newest_first=False)
        if len(items) != len(ids):
            raise NotFoundError(
                f"{len(ids) - len(items)} of {len(ids)} items of the paused training are no longer there",
                hint="train it again",
            )
        return items

    def items(self, plan: AdapterPlan) -> list[Item]:
        """Return the items a plan learns from, the oldest first."""
        return self._vault.items.list(plan.filter, limit=None, newest_first=False)

    def known_ids(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Return each id once.

        Raises:
            NotFoundError: If there is no item of one of them.
            TypeError: If they are one str.
        """
        if isinstance(ids, str):
            raise TypeError("ids are a sequence of str, not one str")
        wanted = tuple(dict.fromkeys(ids))
        n_missing = len(wanted) - len(self.rows_of(wanted))
        if n_missing:
            raise NotFoundError(f"{n_missing} of {len(wanted)} items that are to be left out are not there")
        return wanted

    def rows_of(self, ids: Sequence[str]) -> set[int]:
        """Return the rows of items that are there."""
        return set(self._vault.items.rows(Filter(ids=tuple(ids))).tolist())

    def n_unseen(self, name: str | None) -> int:
        """Return how many items an adapter has not seen; all, for none."""
        rows = set(self._vault.items.rows().tolist())
        return len(rows if name is None else rows - self.rows_of(self._adapters.item_ids(name)))

    def put_adapter(self, name: str, data: bytes, item_ids: Sequence[str], note: AdapterNote) -> None:
        """Keep an adapter in place of the one of that name; what was paused under it is done with."""
        self._adapters.keep(name, data, item_ids, note.to_json())
        self._paused.drop(name)
        self._vault.events.append("adapter-trained", adapter=name, items=len(item_ids))

    def put_checkpoint(self, name: str, data: bytes, item_ids: Sequence[str], note: AdapterNote) -> None:
        """Keep where a training stands."""
        self._paused.keep(name, data, item_ids, note.to_json())

    def checkpoint(self, name: str) -> bytes:
        """Return where a paused training stands."""
        return self._paused.read(name)

    def drop_checkpoint(self, name: str) -> None:
        """Give a paused training up."""
        self._paused.drop(name)

    def drop(self, name: str) -> None:
        """Delete an adapter and what is paused under its name.

        Raises:
            NotFoundError: If there is none of that name.
        """
        dropped = [shelf.drop(name) for shelf in (self._adapters, self._paused)]
        if not any(dropped):
            raise self._adapters.unknown(name)
        self._vault.events.append("adapter-dropped", adapter=name)

    def sealed_bytes(self) -> int:
        """Return what all of them take on the disk."""
        return self._adapters.size_bytes() + self._paused.size_bytes()

    def info(self, name: str, *, in_use: InUse | None, training: str | None) -> AdapterInfo:
        """Tell of an adapter.

        Raises:
            NotFoundError: If there is none of that name.
        """
        adapter, checkpoint, kept = self._adapters.find(name), self._paused.find(name), self._find(name)
        note = AdapterNote.from_json(kept.note)
        scale = in_use.scale if in_use is not None and in_use.name == name else None
        is_ready = adapter is not None and adapter.is_there
        return AdapterInfo(
            name=name,
            task=note.plan.task,
            base_name=note.base_name,
            is_ready=is_ready,
            is_paused=checkpoint is not None and checkpoint.is_there and name != training,
            is_in_use=scale is not None,
            scale=1.0 if scale is None else scale,
            n_items=kept.n_items,
            n_bytes=kept.n_bytes if is_ready else 0,
            made_at=kept.made_at,
            recipe=note.plan.recipe,
            items_in_prompt=note.plan.items_in_prompt,
            n_left_out=len(note.plan.leave_out),
            selection=note.selection,
            report=note.report,
        )

    def _find(self, name: str) -> Derived:
        kept = self._adapters.find(name) or self._paused.find(name)
        if kept is None:
            raise self._adapters.unknown(name)
        return kept
