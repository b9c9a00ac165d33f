"""What the façade reports about a profile and about its own work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class AddReport:
    """What became of the drafts of one ``add_many``.

    Args:
        n_added: Items that are new.
        n_known: Drafts that an item already said word for word.
        item_ids: One id per draft, in the drafts' order.
    """

    n_added: int
    n_known: int
    item_ids: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexReport:
    """How vectors are searched (``exact`` or ``hnsw``), the measured recall, and what was made good."""

    n_vectors: int
    mode: str
    recall: float | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Stats:
    """How much a profile holds, and where.

    Args:
        profile_id: The random id written at creation.
        epoch: How often the profile was rekeyed, plus the first.
        schema_version: The database's number of migrations.
        n_items: Items that have not expired.
        items_by_kind: The same, by kind.
        n_versions: Earlier versions kept by updates.
        n_vectors_by_encoder: Vectors, by encoder id. An entry of an encoder that the profile is no longer opened with
            means an unfinished re-encoding.
        n_events: Entries of the event log.
        database_bytes: The encrypted database with its write-ahead log.
        sealed_bytes: Sealed files (index snapshots and other derived data).
        slots: Kinds of the key slots.
        receipt_key: The public key of the profile's receipts, 64 hex digits; it stays for good. Note it down outside
            the profile before a receipt has to be checked: it is what tells the profile's receipts from a forger's.
        index: The vector index of the profile's own encoder, once something has searched it.
    """

    profile_id: str
    epoch: int
    schema_version: int
    n_items: int
    items_by_kind: Mapping[str, int]
    n_versions: int
    n_vectors_by_encoder: Mapping[str, int]
    n_events: int
    database_bytes: int
    sealed_bytes: int
    slots: tuple[str, ...]
    receipt_key: str
    index: IndexReport | None
