"""A profile that is kept, searched and cared for: every journey but the answer."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import EllipsisType, TracebackType
from typing import TYPE_CHECKING, Self

from ondevice.adapting import Adapters
from ondevice.attaching import Attachment
from ondevice.config import IndexConfig, RetrievalConfig
from ondevice.counting import take_stats
from ondevice.encoders import Encoders
from ondevice.erasers import Erasers
from ondevice.ingesting import Ingester
from ondevice.map_in_use import MapInUse
from ondevice.merged import Merged
from ondevice.models import Models
from ondevice.records import Draft, Filter, Hit, Item, MetadataValue, Receipt, Scalar, Version
from ondevice.refinement import Refinement
from ondevice.reports import AddReport, Stats
from ondevice.searching import Searcher
from ondevice.summarizing import Summaries
from ondevice.unlocking import collect_secrets

if TYPE_CHECKING:
    from ondevice.retrieval.reencode import ReencodeReport
    from ondevice.vault.backup import BackupReport
    from ondevice.vault.portable import ImportReport
    from ondevice.vault.vault import Vault

StrPath = str | os.PathLike[str]
Progress = Callable[[int, int], None]
Items = list[Item]
Hits = list[Hit]
Versions = list[Version]


class Keeper:
    """One user's open profile. Reading methods may be called from many threads; writes wait for one another."""

    def __init__(self, vault: Vault, models: Models, retrieval: RetrievalConfig, index: IndexConfig) -> None:
        """Compose an open vault with its models; apps call ``Personalizer.open`` or ``create``."""
        self._vault = vault
        self._models = models
        self._erasers = erasers = Erasers()
        self._encoders = encoders = Encoders(models)
        map_in_use = MapInUse(vault, models)
        self._searcher = Searcher(vault, encoders, retrieval, index, map_in_use, erasers)
        self._ingester = Ingester(vault, encoders, models.changing)
        self._attachment = attachment = Attachment(vault, models, erasers)
        self._adapters = Adapters(vault, models, attachment, erasers)
        self._summaries = Summaries(vault, models, attachment)
        self._merged = Merged(vault, models, attachment, erasers)
        self._refinement = Refinement(vault, models, map_in_use, erasers)
        erasers.enlist(models)
        self._closing = threading.Lock()
        self._is_closed = False

    @property
    def vault(self) -> Vault:
        """The profile itself: key slots, rekeying, the event log, checks."""
        return self._vault

    @property
    def adapters(self) -> Adapters:
        """The user's own adapters: train, use, drop."""
        return self._adapters

    @property
    def merged(self) -> Merged:
        """Whole models with an adapter inside: make, use, drop."""
        return self._merged

    @property
    def summaries(self) -> Summaries:
        """Short profiles of the user for the prompt: make, look at, drop."""
        return self._summaries

    @property
    def refinement(self) -> Refinement:
        """What searches learn from past requests: learn, use, drop."""
        return self._refinement

    def add(
        self,
        text: str,
        *,
        kind: str = "note",
        fields: Mapping[str, Scalar] | None = None,
        time: datetime | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        expires_at: datetime | None = None,
    ) -> Item:
        """Store one item and return it; saying the same again returns the item that is there."""
        draft = Draft(
            text=text, kind=kind, fields=fields or {}, time=time, metadata=metadata or {}, expires_at=expires_at
        )
        return self._ingester.add(draft)

    def add_many(self, drafts: Iterable[Draft], *, batch: int = 64, on_progress: Progress | None = None) -> AddReport:
        """Store many items, one transaction per batch; a crash loses at most the running batch.

        ``on_progress`` gets the drafts done and their total (0 where ``drafts`` has no length).
        """
        return self._ingester.add_many(drafts, batch=batch, on_progress=on_progress)

    def get(self, item_id: str) -> Item:
        """Return an item.

        Raises:
            NotFoundError: If there is none with this id.
        """
        return self._vault.items.get(item_id)

    def list(self, filter: Filter | None = None, *, limit: int | None = 100, offset: int = 0) -> Items:
        """Return items, newest first."""
        return self._vault.items.list(filter, limit=limit, offset=offset)

    def update(
        self,
        item_id: str,
        *,
        text: str | None = None,
        fields: Mapping[str, Scalar] | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        time: datetime | None = None,
        expires_at: datetime | EllipsisType | None = ...,
    ) -> Item:
        """Change what is given, keep the previous content as a version, and return the item.

        Raises:
            NotFoundError: If there is none with this id.
        """
        return self._ingester.update(
            item_id, text=text, fields=fields, metadata=metadata, time=time, expires_at=expires_at
        )

    def history(self, item_id: str) -> Versions:
        """Return what an item said before its updates, oldest first."""
        return self._vault.items.history(item_id)

    def forget(self, selection: str | Sequence[str] | Filter, *, everything: bool = False) -> Receipt:
        """Erase items and everything derived from them, read the files back, and return a signed receipt.

        Args:
            selection: An id, several, or a filter.
            everything: Must be true for a filter that every item passes.

        Raises:
            NotFoundError: If an id is unknown; nothing is then erased.
            ValueError: If the filter lets everything pass and ``everything`` is not set.
            StorageError: If the disk refuses; what was begun is finished at the next open.
        """
        chosen = selection if isinstance(selection, Filter) else _ids(selection)
        with self._erasing(lambda: self._would_forget(chosen, everything=everything)):
            return self._vault.forget(chosen, erasers=tuple(self._erasers), everything=everything)

    def prune(self, *, now: datetime | None = None) -> Receipt | None:
        """Forget the items that have expired; ``None`` if there were none."""
        at = now or datetime.now(UTC)
        with self._erasing(lambda: self._vault.items.count_kept(expired_by=at) > 0):
            return self._vault.prune(now=at, erasers=tuple(self._erasers))

    def search(
        self, query: str, *, k: int | None = None, retriever: str | None = None, filter: Filter | None = None
    ) -> Hits:
        """Return the items that fit a query, best first.

        Raises:
            ValueError: If the retriever is unknown or needs an encoder that is not there.
            ModelMismatchError: If items lack vectors of its encoder: call :meth:`reencode`.
        """
        return self._searcher.search(query, k=k, retriever=retriever, filter=filter)

    def reencode(
        self, retriever: str | None = None, *, batch: int = 64, on_progress: Progress | None = None
    ) -> ReencodeReport:
        """Encode the items that lack vectors of an encoder.

        It can be interrupted and called again: what is done stays done. Other writes go on between its batches.

        Args:
            retriever: The name of a further encoder; nothing is dropped then. ``None`` takes the profile's own, and
                afterwards drops the vectors of encoders that the profile was not opened with.
            batch: Items encoded and stored at once.
            on_progress: Called with (done, total) after each batch.

        Raises:
            ValueError: If there is no such encoder.
            ModelMismatchError: If it searches the vectors of an encoder that the profile was not opened with.
        """
        from ondevice.retrieval.reencode import reencode

        encoder = self._encoders.making_passages_for(retriever)
        n_encoded = self._ingester.encode_missing(encoder, batch=batch, on_progress=on_progress)
        with self._models.changing:
            kept = self._vault.vectors.encoders() if retriever else [each.id for each in self._encoders.of_passages()]
            report = reencode(self._vault, encoder, kept=kept, batch=batch)
        return replace(report, n_encoded=report.n_encoded + n_encoded)

    def rekey(
        self,
        *,
        passphrase: str | None = None,
        recovery_code: str | None = None,
        app_key: bytes | None = None,
        keystore: bool = False,
        on_progress: Progress | None = None,
    ) -> None:
        """Encrypt everything anew under a new profile key; only the secrets given here open the profile afterwards.

        Who is told of the progress can change nothing of the profile: it would not be in the copy (``ValueError``).
        """
        secrets = collect_secrets(passphrase, recovery_code, app_key, keystore=keystore)
        with self._models.changing:
            self._vault.rekey(secrets, on_progress=on_progress)

    def stats(self, *, open_index: bool = False) -> Stats:
        """Count what the profile holds; ``open_index`` loads the vector index, to tell how it searches.

        Raises:
            ValueError: If the index is wanted and there is no encoder.
        """
        return take_stats(self._vault, self._searcher, open_index=open_index)

    def backup(self, to: StrPath) -> BackupReport:
        """Copy the profile, encrypted as it is, to a new folder while it is in use."""
        with self._models.changing:  # sealed files come and go with what is kept of adapters
            return self._vault.backup(Path(to))

    def export_items(
        self,
        to: StrPath,
        *,
        filter: Filter | None = None,
        with_vectors: bool = False,
        on_progress: Progress | None = None,
    ) -> int:
        """Write items as readable JSON Lines (docs/format.md) and return their number: the file is not encrypted.

        Who is told of the progress can change nothing of the profile (``ValueError``).
        """
        from ondevice.vault.portable import export_items

        with self._models.changing:  # nobody else changes anything meanwhile: whoever reports progress must not wait
            return export_items(
                self._vault, Path(to), filter=filter, with_vectors=with_vectors, on_progress=on_progress
            )

    def import_items(self, path: StrPath, *, on_progress: Progress | None = None) -> ImportReport:
        """Add the items of an exported file with their ids, and encode those that came without vectors."""
        from ondevice.vault.portable import import_items

        report = import_items(self._vault, Path(path), on_progress=on_progress)
        for encoder in self._encoders.of_passages():
            self._ingester.encode_missing(encoder, batch=64)
        return report

    def close(self) -> None:
        """Seal the indexes' snapshots, free the models and unlock the folder; calling again has no effect.

        The folder is unlocked even where something before that fails, which is then told.

        Raises:
            ValueError: If this thread is being told of the progress of a rekeying or an export.
        """
        self._vault.database.require_unfrozen()
        with self._closing:
            if self._is_closed:
                return
            self._is_closed = True
        with ExitStack() as closing:  # each in turn, whatever becomes of those before it; the first failure is raised
            for part in (self._vault, self._models, self._attachment, self._searcher):
                closing.callback(part.close)

    @contextmanager
    def _erasing(self, finds_any: Callable[[], bool]) -> Iterator[None]:
        """Let nothing be answered for the time of the block, unless there is nothing to erase."""
        with self._models.changing, self._vault.database.exclusive():
            if not finds_any():
                yield
                return
        with self._models.at_rest("items were forgotten"):
            try:
                yield
            finally:
                re.purge()  # it keeps the patterns that forgotten words were looked for with

    def _would_forget(self, selection: Sequence[str] | Filter, *, everything: bool) -> bool:
        if isinstance(selection, Filter):
            return (everything or not selection.is_empty) and self._vault.items.count_kept(selection) > 0
        return self._vault.items.count_kept(Filter(ids=tuple(selection))) == len(selection) > 0

    def __enter__(self) -> Self:
        """Return the personalizer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def __repr__(self) -> str:
        """Name the profile, never what it holds."""
        return f"{type(self).__name__}({self._vault.profile_id!r}{', closed' if self._is_closed else ''})"


def _ids(selection: str | Sequence[str]) -> list[str]:
    """Return each id once."""
    return [selection] if isinstance(selection, str) else list(dict.fromkeys(selection))
