"""Adding and changing items: encode, then store text and vector in one transaction; the index reads on from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from types import EllipsisType
from typing import TYPE_CHECKING

from ondevice.encoders import Encoders
from ondevice.lock_order import Changing
from ondevice.records import Draft, Item, Scalar
from ondevice.reports import AddReport
from ondevice.vault.items import searchable_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from ondevice.retrieval.encoder import Encoder
    from ondevice.vault.items import Stored
    from ondevice.vault.vault import Vault


class Ingester:
    """Write items with their vectors. Writes wait for one another; a crash loses at most the running batch."""

    def __init__(self, vault: Vault, encoders: Encoders, changing: Changing) -> None:
        """Compose the store with the encoders."""
        self._vault = vault
        self._encoders = encoders
        self._changing = changing

    def add(self, draft: Draft) -> Item:
        """Store one item and return it, or the item that already says the same."""
        return self._put([draft])[0].item

    def add_many(
        self, drafts: Iterable[Draft], *, batch: int, on_progress: Callable[[int, int], None] | None
    ) -> AddReport:
        """Store many items, one transaction per batch.

        Raises:
            ValueError: If ``batch`` is below 1.
        """
        if batch < 1:
            raise ValueError(f"batch must be at least 1, not {batch}")
        total = len(drafts) if isinstance(drafts, Sequence) else 0
        waiting = iter(drafts)
        ids: list[str] = []
        n_added = 0
        while some := list(islice(waiting, batch)):
            stored = self._put(some)
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
        metadata: Mapping[str, Scalar] | None,
        time: datetime | None,
        expires_at: datetime | EllipsisType | None,
    ) -> Item:
        """Change an item, keep what it said as a version, and encode what is new."""
        with self._changing:
            before = self._vault.items.get(item_id)
            vectors: dict[str, NDArray[np.float32]] | None = None
            encoders = self._encoders.of_passages() if text is not None or fields is not None else []
            if encoders:
                new_text = before.text if text is None else text
                new_fields = before.fields if fields is None else fields
                said = [searchable_text(new_text, new_fields)]
                vectors = {encoder.id: encoder.encode_passages(said)[0] for encoder in encoders}
            return self._vault.items.update(
                item_id, text=text, fields=fields, metadata=metadata, time=time, expires_at=expires_at, vectors=vectors
            )

    def encode_missing(
        self, encoder: Encoder, *, batch: int, on_progress: Callable[[int, int], None] | None = None
    ) -> int:
        """Encode the items that have no vector of this encoder, and return their number.

        Each batch is one transaction; other writes may come between two batches, but not into one.
        """
        vectors = self._vault.vectors
        done, total = 0, len(vectors.missing(encoder.id, self._vault.items.count()))
        while True:
            with self._changing:
                rows = vectors.missing(encoder.id, batch)
                if not len(rows):
                    return done
                vectors.put(encoder.id, rows, encoder.encode_passages(self._vault.items.texts_for(rows.tolist())))
            done += len(rows)
            if on_progress is not None:
                on_progress(done, max(done, total))

    def _put(self, drafts: Sequence[Draft]) -> list[Stored]:
        with self._changing:
            if not self._encoders.has_any:
                return self._vault.items.put_many(drafts)
            known = self._vault.items.is_known(drafts)
            fresh = [draft for draft, is_known in zip(drafts, known, strict=True) if not is_known]
            stored_fresh = iter(self._put_encoded(fresh) if fresh else [])
            stale = [draft for draft, is_known in zip(drafts, known, strict=True) if is_known]
            stored_known = iter(self._vault.items.put_many(stale) if stale else [])
            return [next(stored_known if is_known else stored_fresh) for is_known in known]

    def _put_encoded(self, drafts: Sequence[Draft]) -> list[Stored]:
        texts = [searchable_text(draft.text, draft.fields) for draft in drafts]
        vectors = {encoder.id: encoder.encode_passages(texts) for encoder in self._encoders.of_passages()}
        return self._vault.items.put_many(drafts, vectors=vectors or None)
