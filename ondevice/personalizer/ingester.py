"""Adding and changing items: encode, then store text and vector in one transaction; the index reads on from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from types import EllipsisType
from typing import TYPE_CHECKING

from ondevice.passages import PassageVectors, item_text, joined
from ondevice.personalizer.reports import AddReport
from ondevice.records import Draft, Item, MetadataValue, Scalar
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.retrieval.reencode import MOST_IN_BATCH
from ondevice.words import field_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ondevice.vault.items import Stored
    from ondevice.vault.vault import Vault


class Ingester:
    """Write items with their vectors. Writes wait for one another; a crash loses at most the running batch."""

    def __init__(self, vault: Vault, encoders: Encoders) -> None:
        self._vault = vault
        self._encoders = encoders

    def add(self, draft: Draft) -> Item:
        """Store one item and return it, or the item that already says the same."""
        return self.put([draft])[0].item

    def add_many(
        self, drafts: Iterable[Draft], *, batch: int, on_progress: Callable[[int, int], None] | None
    ) -> AddReport:
        """Store many items, one transaction per batch.

        Raises:
            TypeError: If one of them is no draft; nothing of its batch is then stored.
            ValueError: If ``batch`` is out of range.
        """
        _check_batch(batch)
        if isinstance(drafts, str | Draft | Mapping):
            raise TypeError(f"drafts come as a list or another iterable of Draft, not as one {type(drafts).__name__}")
        total = len(drafts) if isinstance(drafts, Sequence) else 0
        waiting = iter(drafts)
        ids: list[str] = []
        n_added = 0
        while some := list(islice(waiting, batch)):
            for draft in some:
                if not isinstance(draft, Draft):
                    raise TypeError(f"each item to add is a Draft, not a {type(draft).__name__}: write Draft(text=…)")
            stored = self.put(some)
            ids.extend(each.item.id for each in stored)
            n_added += sum(each.is_new for each in stored)
            if on_progress is not None:
                on_progress(len(ids), total)
        return AddReport(n_added=n_added, n_known=len(ids) - n_added, item_ids=tuple(ids))

    def update(
        self,
        item_id: str,
        *,
        text: str | None,
        fields: Mapping[str, Scalar] | None,
        metadata: Mapping[str, MetadataValue] | None,
        time: datetime | None,
        expires_at: datetime | EllipsisType | None,
    ) -> Item:
        """Change an item, keep what it said as a version, and encode what is new."""
        with self._vault.changing:
            before = self._vault.items.get(item_id)
            vectors: dict[str, PassageVectors] | None = None
            encoders = self._encoders.of_passages() if text is not None or fields is not None else []
            if encoders:
                new_text = before.text if text is None else text
                new_fields = before.fields if fields is None else fields
                said = [item_text(new_text, field_text(new_fields))]
                vectors = {encoder.id: encoder.encode_items(said) for encoder in encoders}
            return self._vault.items.update(
                item_id, text=text, fields=fields, metadata=metadata, time=time, expires_at=expires_at, vectors=vectors
            )

    def put(self, drafts: Sequence[Draft]) -> list[Stored]:
        """Store a batch in one transaction, with the vectors of what is new in it.

        Raises:
            ValueError, TypeError: If a draft holds what an item may not; nothing of the batch is then stored.
        """
        with self._vault.changing:
            if not self._encoders.has_any:
                return self._vault.items.put_many(drafts)
            known = self._vault.items.is_known(drafts)
            encoded: dict[int, dict[str, PassageVectors]] = {}
            while True:
                self._encode([place for place, is_known in enumerate(known) if not is_known], drafts, encoded)
                try:
                    return self._store(drafts, known, encoded)
                except _NoLongerKnownError as error:
                    for place in error.places:
                        known[place] = False

    def _encode(
        self, places: Sequence[int], drafts: Sequence[Draft], encoded: dict[int, dict[str, PassageVectors]]
    ) -> None:
        """Add the vectors of the drafts at these places, where they are not among the encoded yet."""
        fresh = [place for place in places if place not in encoded]
        if not fresh:
            return
        texts = [item_text(drafts[place].text, field_text(drafts[place].fields)) for place in fresh]
        made = {encoder.id: encoder.encode_items(texts) for encoder in self._encoders.of_passages()}
        for number, place in enumerate(fresh):
            encoded[place] = {encoder_id: vectors.of([number]) for encoder_id, vectors in made.items()}

    def _store(
        self, drafts: Sequence[Draft], known: Sequence[bool], encoded: Mapping[int, Mapping[str, PassageVectors]]
    ) -> list[Stored]:
        """Store all of them or, if one that was known has expired since, none.

        Raises:
            _NoLongerKnownError: Then.
        """
        fresh = [place for place, is_known in enumerate(known) if not is_known]
        stale = [place for place, is_known in enumerate(known) if is_known]
        stored: dict[int, Stored] = {}
        with self._vault.database.writing():
            for places in (fresh, stale):
                if places:
                    vectors = _joined([encoded[place] for place in places]) if places is fresh else {}
                    put = self._vault.items.put_many([drafts[place] for place in places], vectors=vectors or None)
                    stored.update(zip(places, put, strict=True))
            lacking = [place for place in stale if stored[place].is_new]
            if lacking:
                raise _NoLongerKnownError(lacking)
        return [stored[place] for place in range(len(drafts))]


def _check_batch(batch: int) -> None:
    if not 1 <= batch <= MOST_IN_BATCH:
        raise ValueError(f"batch must be at least 1 and at most {MOST_IN_BATCH}, not {batch}")


class _NoLongerKnownError(Exception):
    """What was in the profile when a batch began has expired: it is new again, and needs vectors."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__()
        self.places = places


def _joined(encoded: Sequence[Mapping[str, PassageVectors]]) -> dict[str, PassageVectors]:
    """Return the vectors of each encoder as those of all items."""
    return {encoder_id: joined([each[encoder_id] for each in encoded]) for encoder_id in encoded[0]}
