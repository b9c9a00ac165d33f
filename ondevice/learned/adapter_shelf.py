"""The profile's adapters and paused trainings as they lie in the vault."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ondevice.errors import NotFoundError
from ondevice.learned.adapter_notes import ADAPTER, CHECKPOINT, AdapterInfo, AdapterNote, AdapterPlan, InUse
from ondevice.records import Filter, Item

if TYPE_CHECKING:
    from ondevice.vault.derived import Derived
    from ondevice.vault.vault import Vault


class AdapterShelf:
    """Finds, keeps and drops them. Whoever changes something holds the profile's write lock."""

    def __init__(self, vault: Vault) -> None:
        """Tidy up what an interruption left."""
        self._vault = vault

    def names(self) -> list[str]:
        """Return every name under which something is kept or noted."""
        return sorted({kept.name for kind in (ADAPTER, CHECKPOINT) for kept in self._vault.derived.list(kind)})

    def note(self, name: str) -> AdapterNote:
        """Return how an adapter, or else a paused training, was made.

        Raises:
            NotFoundError: If there is none of that name.
        """
        return AdapterNote.from_json(self._find_either(name).note)

    def paused(self, name: str) -> AdapterNote:
        """Return how a paused training was begun.

        Raises:
            NotFoundError: If none is paused under that name.
        """
        kept = self._find(CHECKPOINT, name)
        if kept is None or not kept.is_there:
            raise NotFoundError(f"no training of the adapter {name!r} is paused", hint="train it")
        return AdapterNote.from_json(kept.note)

    def paused_items(self, name: str) -> list[Item]:
        """Return the items of a paused training, the oldest first.

        Raises:
            NotFoundError: If one of them is no longer there.
        """
        ids = self._vault.derived.item_ids(CHECKPOINT, name)
        items = self._vault.items.list(Filter(ids=tuple(ids)), limit=None, newest_first=False)
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
        return len(rows if name is None else rows - self.rows_of(self._vault.derived.item_ids(ADAPTER, name)))

    def put_adapter(self, name: str, data: bytes, item_ids: Sequence[str], note: AdapterNote) -> None:
        """Keep an adapter in place of the one of that name; what was paused under it is done with."""
        self._vault.derived.put(ADAPTER, name, data, item_ids=item_ids, note=note.to_json())
        self._vault.derived.drop(CHECKPOINT, name)
        self._vault.events.append("adapter-trained", adapter=name, items=len(item_ids))

    def put_checkpoint(self, name: str, data: bytes, item_ids: Sequence[str], note: AdapterNote) -> None:
        """Keep where a training stands."""
        self._vault.derived.put(CHECKPOINT, name, data, item_ids=item_ids, note=note.to_json())

    def checkpoint(self, name: str) -> bytes:
        """Return where a paused training stands."""
        return self._vault.derived.read(CHECKPOINT, name)

    def drop_checkpoint(self, name: str) -> None:
        """Give a paused training up."""
        self._vault.derived.drop(CHECKPOINT, name)

    def drop(self, name: str) -> None:
        """Delete an adapter and what is paused under its name.

        Raises:
            NotFoundError: If there is none of that name.
        """
        dropped = [self._vault.derived.drop(kind, name) for kind in (ADAPTER, CHECKPOINT)]
        if not any(dropped):
            raise _unknown(name)
        self._vault.events.append("adapter-dropped", adapter=name)

    def sealed_bytes(self) -> int:
        """Return what all of them take on the disk."""
        return sum(self._vault.derived.size_bytes(kind) for kind in (ADAPTER, CHECKPOINT))

    def info(self, name: str, *, in_use: InUse | None, training: str | None) -> AdapterInfo:
        """Tell of an adapter.

        Raises:
            NotFoundError: If there is none of that name.
        """
        adapter, checkpoint, kept = self._find(ADAPTER, name), self._find(CHECKPOINT, name), self._find_either(name)
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

    def _find(self, kind: str, name: str) -> Derived | None:
        return next((kept for kept in self._vault.derived.list(kind) if kept.name == name), None)

    def _find_either(self, name: str) -> Derived:
        kept = self._find(ADAPTER, name) or self._find(CHECKPOINT, name)
        if kept is None:
            raise _unknown(name)
        return kept


def _unknown(name: str) -> NotFoundError:
    return NotFoundError(f"there is no adapter {name!r}", hint="see what there is: me.adapters.list()")
