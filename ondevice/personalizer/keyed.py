"""Storing what was found elsewhere: what has a name there is found again by it, and updated where it has changed.

The name gives the item its id: a hash under a key of the profile. Nothing else has to be kept or erased, backups and
exports have it, and an id tells nobody a path or an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ondevice.importers.found import Found
from ondevice.records import Draft, Filter, Item, MetadataValue
from ondevice.vault.content import checked

if TYPE_CHECKING:
    from ondevice.personalizer.ingester import Ingester
    from ondevice.vault.vault import Vault

MARK = "import_source"
"""The metadata key by which all items of one source can be found: for a filter, and for what is gone from it."""

Fate = Literal["added", "known", "updated"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where things come from.

    Args:
        format: The name of its format.
        place: The path of the source.
        mark: What its items' metadata has under :data:`MARK`.
    """

    format: str
    place: str
    mark: str


def origin_of(vault: Vault, format_name: str, place: str) -> Origin:
    """Return where things come from, as this profile names it."""
    mark = f"{format_name}-{vault.recognizer.name_of('source', format_name, place)[:12]}"
    return Origin(format=format_name, place=place, mark=mark)


class KeyedItems:
    """Stores things of one source, batch by batch."""

    def __init__(self, vault: Vault, ingester: Ingester, origin: Origin, *, is_dry: bool) -> None:
        """Know where they come from.

        Args:
            vault: The open profile.
            ingester: Writes items with their vectors.
            origin: Where the things come from.
            is_dry: Whether nothing is written, and only told what would become of it.
        """
        self._vault, self._ingester, self._origin, self._is_dry = vault, ingester, origin, is_dry
        self._seen: set[str] = set()
        self._digests: set[bytes] = set()

    @property
    def seen(self) -> frozenset[str]:
        """The ids of all items that the source still has, as far as it was read."""
        return frozenset(self._seen)

    def put(self, batch: Sequence[Found]) -> list[Fate]:
        """Store things and say what became of each.

        New ones are one transaction, each update another.

        Raises:
            ValueError, TypeError: If a draft holds what no item may.
            StorageError: If the disk refuses.
        """
        with self._vault.changing:
            named = self._named(batch)
            there = self._there([draft.id for draft in named if draft.id is not None])
            found = [None if draft.id is None else there.get(draft.id) for draft in named]
            fates: list[Fate] = ["known"] * len(batch)
            fresh = [place for place, item in enumerate(found) if item is None]
            for place, is_new in zip(fresh, self._add([named[place] for place in fresh]), strict=True):
                if is_new:
                    fates[place] = "added"
            for place, item in enumerate(found):
                if item is not None and _says_another(batch[place], named[place], item):
                    self._update(item.id, named[place])
                    fates[place] = "updated"
            self._seen.update(draft.id for draft in named if draft.id is not None)
        return fates

    def _named(self, batch: Sequence[Found]) -> list[Draft]:
        """Return the drafts with their mark, and with the ids that their keys give them, unless those came before.

        Two things of one key in one source are two all the same: the second is then known by what it says.
        """
        named: list[Draft] = []
        taken: set[str] = set()
        for each in batch:
            item_id = self._id_of(each)
            is_first = item_id is not None and item_id not in self._seen and item_id not in taken
            if is_first:
                taken.add(str(item_id))
            metadata = {**each.draft.metadata, MARK: self._origin.mark}
            named.append(replace(each.draft, id=item_id if is_first else None, metadata=metadata))
        return named

    def _id_of(self, found: Found) -> str | None:
        if found.key is None:
            return None
        scope = "" if found.is_unique else self._origin.place
        return self._vault.recognizer.name_of("key", self._origin.format, scope, found.key)

    def _there(self, ids: Sequence[str]) -> dict[str, Item]:
        if not ids:
            return {}
        return {item.id: item for item in self._vault.items.list(Filter(ids=tuple(ids)), limit=None)}

    def _update(self, item_id: str, draft: Draft) -> None:
        if not self._is_dry:
            self._ingester.update(
                item_id,
                text=draft.text,
                fields=draft.fields,
                metadata=draft.metadata,
                time=draft.time,
                expires_at=draft.expires_at,
            )

    def _add(self, drafts: Sequence[Draft]) -> list[bool]:
        """Store drafts that no key has found, and say which are new."""
        if not drafts:
            return []
        if self._is_dry:
            known = self._vault.items.is_known(drafts)
            return [self._would_add(draft, is_known) for draft, is_known in zip(drafts, known, strict=True)]
        stored = self._ingester.put(self._with_free_ids(drafts))
        self._seen.update(each.item.id for each in stored)
        return [each.is_new for each in stored]

    def _would_add(self, draft: Draft, is_known: bool) -> bool:
        digest = self._vault.recognizer.digest_of(checked(draft))
        is_new = not is_known and digest not in self._digests
        self._digests.add(digest)
        return is_new

    def _with_free_ids(self, drafts: Sequence[Draft]) -> Sequence[Draft]:
        """Return the drafts, without ids where items that have expired keep some of those until they are pruned."""
        ids = tuple(draft.id for draft in drafts if draft.id is not None)
        if not ids or not self._vault.items.count_kept(Filter(ids=ids)):
            return drafts
        return [replace(draft, id=None) for draft in drafts]


def _says_another(found: Found, draft: Draft, item: Item) -> bool:
    """Say whether an item has something else than the draft that has its key; the mark does not count."""
    if (draft.text, dict(draft.fields)) != (item.text, dict(item.fields)):
        return True
    if _without_mark(draft.metadata) != _without_mark(item.metadata):
        return True
    return found.time_counts and draft.time is not None and draft.time != item.time


def _without_mark(metadata: Mapping[str, MetadataValue]) -> dict[str, MetadataValue]:
    return {
        key: list(value) if isinstance(value, list | tuple) else value for key, value in metadata.items() if key != MARK
    }
