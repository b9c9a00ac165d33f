"""How much a profile holds: numbers only, read from every room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ondevice.personalizer.reports import IndexReport, Stats
from ondevice.retrieval.searcher import Searcher

if TYPE_CHECKING:
    from ondevice.vault.vault import Vault


def take_stats(vault: Vault, searcher: Searcher, *, open_index: bool) -> Stats:
    """Count items, versions, vectors, events and bytes; the index is loaded only if that is wanted."""
    kinds = vault.items.count_by_kind()
    if open_index:
        searcher.index().refresh()
    index = searcher.loaded_index
    info = None if index is None else index.info()
    return Stats(
        profile_id=vault.profile_id,
        epoch=vault.epoch,
        schema_version=vault.schema_version,
        n_items=sum(kinds.values()),
        items_by_kind=kinds,
        items_by_language=vault.lexical.count_by_language(),
        n_versions=vault.items.count_versions(),
        n_vectors_by_encoder=vault.vectors.encoders(),
        n_unsplit_by_encoder=vault.vectors.count_unsplit(),
        n_events=vault.events.count(),
        database_bytes=vault.size_bytes(),
        sealed_bytes=vault.sealed.total_bytes(),
        slots=tuple(slot.kind for slot in vault.slots()),
        receipt_key=vault.receipt_key,
        index=None
        if info is None
        else IndexReport(n_vectors=info.n_vectors, mode=info.mode, recall=info.recall, warnings=info.warnings),
    )
