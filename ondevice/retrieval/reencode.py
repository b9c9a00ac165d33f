"""Moving to another encoder, or to one more: visible, resumable, and never with mixed vectors."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ondevice.errors import NotFoundError
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.signals import Progress

if TYPE_CHECKING:
    from ondevice.vault.vault import Vault

MOST_IN_BATCH = 2**31 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ReencodeReport:
    """What a re-encoding did.

    Args:
        encoder_id: The encoder that every item now has a vector of.
        n_encoded: Items encoded now, those too of which only the beginning had a vector; those done before an
            interruption are not among them.
        n_dropped: Vectors of other encoders that were removed.
    """

    encoder_id: str
    n_encoded: int
    n_dropped: int


def reencode(
    vault: Vault,
    encoder: Encoder,
    *,
    kept: Collection[str] = (),
    batch: int = 64,
    on_progress: Progress | None = None,
) -> ReencodeReport:
    """Give all passages of all items vectors of this encoder, then drop vectors and index snapshots of those not kept.

    Each batch is one transaction, so an interruption loses at most one; calling again goes on where it stopped. The
    old encoder's vectors stay whole, and searchable with the old encoder, until the new ones are complete.

    Args:
        vault: The open profile.
        encoder: The encoder to move to.
        kept: The ids of encoders whose vectors stay beside this one's.
        batch: Items encoded and stored at once.
        on_progress: Called with (done, total) after each batch.

    Raises:
        BundleError: If the encoder fails.
        StorageError: If the disk refuses.
        ValueError: If ``batch`` is out of range.
    """
    n_encoded = encode_missing(vault, encoder, batch=batch, on_progress=on_progress)
    with vault.changing:
        n_dropped = _drop_others(vault, {encoder.id, *kept})
    return ReencodeReport(encoder_id=encoder.id, n_encoded=n_encoded, n_dropped=n_dropped)


def encode_missing(vault: Vault, encoder: Encoder, *, batch: int = 64, on_progress: Progress | None = None) -> int:
    """Give items without a vector of this encoder theirs, and long ones those of all passages; return their number.

    Each batch is one transaction; other writes may come between two batches, but not into one.

    Raises:
        ValueError: If ``batch`` is out of range.
    """
    if not 1 <= batch <= MOST_IN_BATCH:
        raise ValueError(f"batch must be at least 1 and at most {MOST_IN_BATCH}, not {batch}")
    n_encoded = done = 0
    ways = ((vault.vectors.missing, _encode_batch), (vault.vectors.unsplit, _split_batch))
    total = sum(len(find(encoder.id, MOST_IN_BATCH)) for find, _ in ways)
    for find, work in ways:
        while True:
            with vault.changing:
                rows = find(encoder.id, batch)
                if not len(rows):
                    break
                n_encoded += work(vault, encoder, rows)
            done += len(rows)
            if on_progress is not None:
                on_progress(done, max(done, total))
    return n_encoded


def _drop_others(vault: Vault, kept: Collection[str]) -> int:
    dropped = 0
    for other in sorted(set(vault.vectors.encoders()) - set(kept)):
        vault.sealed.delete(f"index-{other}")
        dropped += vault.vectors.drop(other)
    return dropped


def _encode_batch(vault: Vault, encoder: Encoder, rows: NDArray[np.int64]) -> int:
    """Store vectors of those rows that nobody changed or forgot meanwhile, and return how many."""
    try:
        texts = vault.items.texts_for(rows.tolist())
        vectors = encoder.encode_items(texts)
        now = vault.items.texts_for(rows.tolist())
    except NotFoundError:  # forgotten meanwhile: it is not among the missing the next time
        return 0
    same = [place for place, (before, after) in enumerate(zip(texts, now, strict=True)) if before == after]
    if same:
        vault.vectors.put(encoder.id, rows[same], vectors.of(same))
    return len(same)


def _split_batch(vault: Vault, encoder: Encoder, rows: NDArray[np.int64]) -> int:
    """Note which of those rows are one passage, encode the others, and return how many these were."""
    try:
        texts = vault.items.texts_for(rows.tolist())
    except NotFoundError:  # as above
        return 0
    split = encoder.split(texts)
    long = [place for place, spans in enumerate(split) if len(spans) > 1]
    # In one transaction, so that no short one is looked at again.
    with vault.database.writing():
        short = {int(rows[place]): spans[0].end for place, spans in enumerate(split) if len(spans) == 1}
        vault.vectors.settle(encoder.id, short)
    return _encode_batch(vault, encoder, rows[long]) if long else 0
