"""What the façade reports about a profile and about its own work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ondevice.records import Receipt


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
class IntakeReport:
    """What became of everything in a source; :attr:`n_read` is the sum of all.

    Args:
        format: What the source was read as; several with commas, where a folder holds several.
        source: What the metadata of its items has under ``import_source``, one for each format; empty for another
            profile's export.
        n_added: Items that are new.
        n_known: What the profile had already, word for word.
        n_updated: Items that say something else than before; each keeps what it said as a version.
        skipped: How many things were left out, by reason.
        end: How the reading ended: the source is ``whole``, the ``limit`` was reached, it was ``interrupted``, or
            it ``failed``, for which ``failure`` says why. What was read before stays.
        failure: Why the source could not be read to its end.
        is_dry_run: Whether this is only what would become of it.
        receipt: Of the items that were gone from the source, and are forgotten now.
        n_tables_beside: How many tables and files of JSON Lines lie in the folder or archive and were not read: each is
            taken where it is named by itself.
        kept_because: Why nothing that may be gone from the source was forgotten, where that was asked for.
    """

    format: str
    source: str
    n_added: int
    n_known: int
    n_updated: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    end: Literal["whole", "limit", "interrupted", "failed"] = "whole"
    failure: str = ""
    is_dry_run: bool = False
    receipt: Receipt | None = None
    kept_because: str = ""
    n_tables_beside: int = 0

    @property
    def n_skipped(self) -> int:
        """How many things were left out."""
        return sum(self.skipped.values())

    @property
    def n_read(self) -> int:
        """How many things were read."""
        return self.n_added + self.n_known + self.n_updated + self.n_skipped

    @property
    def n_forgotten(self) -> int:
        """How many items were forgotten because they are gone from the source."""
        return 0 if self.receipt is None else len(self.receipt.item_ids)


def joined(reports: Sequence[IntakeReport]) -> IntakeReport:
    """Return the sum of what became of one source, which was read as one format after the other."""
    skipped: Counter[str] = Counter()
    for each in reports:
        skipped.update(each.skipped)
    ends = [each.end for each in reports]
    return replace(
        reports[-1],
        format=", ".join(each.format for each in reports),
        source=", ".join(each.source for each in reports),
        n_added=sum(each.n_added for each in reports),
        n_known=sum(each.n_known for each in reports),
        n_updated=sum(each.n_updated for each in reports),
        skipped=dict(sorted(skipped.items())),
        end="failed" if "failed" in ends and ends[-1] == "whole" else ends[-1],
        failure="; ".join(each.failure for each in reports if each.failure),
    )


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
        items_by_language: How many have words that are stemmed as another language's than English, by language.
        n_versions: Earlier versions kept by updates.
        n_vectors_by_encoder: Vectors, by encoder id, one for each passage of an item. An entry of an encoder that the
            profile is no longer opened with means an unfinished re-encoding.
        n_unsplit_by_encoder: Items of an earlier release, by encoder id, of which only the beginning has a vector if
            they are long; ``me.items.reencode()`` gives them those of all their passages. Empty where there are none.
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
    items_by_language: Mapping[str, int]
    n_versions: int
    n_vectors_by_encoder: Mapping[str, int]
    n_unsplit_by_encoder: Mapping[str, int]
    n_events: int
    database_bytes: int
    sealed_bytes: int
    slots: tuple[str, ...]
    receipt_key: str
    index: IndexReport | None
