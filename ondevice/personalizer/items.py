"""The profile's items, one by one and as files: ``me.items``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import EllipsisType
from typing import TYPE_CHECKING, TypeAlias, Unpack

from ondevice.arguments import checks_arguments
from ondevice.personalizer.forgetting import Forgetting
from ondevice.personalizer.import_options import ImportOptions
from ondevice.personalizer.ingester import Ingester
from ondevice.records import Filter, Item, MetadataValue, Scalar, Version
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.signals import Progress, StrPath

if TYPE_CHECKING:
    from ondevice.personalizer.reports import IntakeReport
    from ondevice.retrieval.reencode import ReencodeReport
    from ondevice.vault.portable import ImportReport
    from ondevice.vault.vault import Vault

Found: TypeAlias = list[Item]
Versions: TypeAlias = list[Version]


@checks_arguments
class Items:
    """Reads, changes, exports and imports the items of one profile. Threads may use it at once."""

    def __init__(self, vault: Vault, encoders: Encoders, ingester: Ingester, forgetting: Forgetting) -> None:
        self._vault = vault
        self._encoders = encoders
        self._ingester = ingester
        self._forgetting = forgetting

    def get(self, item_id: str) -> Item:
        """Return an item.

        Raises:
            NotFoundError: If there is none with this id.
        """
        return self._vault.items.get(item_id)

    def list(self, filter: Filter | None = None, *, limit: int | None = 100, offset: int = 0) -> Found:
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

    def reencode(
        self, retriever: str | None = None, *, batch: int = 64, on_progress: Progress | None = None
    ) -> ReencodeReport:
        """Encode the items that lack vectors of an encoder.

        It can be interrupted and called again: what is done stays done. Other writes go on between its batches.

        Args:
            retriever: The name of a further encoder; nothing is dropped then. ``None`` takes the one that the profile
                was opened with, and afterwards drops the vectors of all that it was not opened with. So a profile moves
                on from a former default encoder; until then it works with that.
            batch: Items encoded and stored at once.
            on_progress: Called with (done, total) after each batch.

        Raises:
            ValueError: If there is no such encoder.
            ModelMismatchError: If it searches the vectors of an encoder that the profile was not opened with.
        """
        from ondevice.retrieval.reencode import reencode

        if retriever is not None:
            encoder, kept = self._encoders.making_passages_for(retriever), self._vault.vectors.encoders()
            return reencode(self._vault, encoder, kept=kept, batch=batch, on_progress=on_progress)
        with self._encoders.moving():
            encoder = self._encoders.making_passages_for(None)
            opened = [each.id for each in self._encoders.of_passages()]
            return reencode(self._vault, encoder, kept=opened, batch=batch, on_progress=on_progress)

    def export(
        self,
        to: StrPath,
        *,
        filter: Filter | None = None,
        with_vectors: bool = False,
        on_progress: Progress | None = None,
    ) -> int:
        """Write items as readable JSON Lines and return their number: the file is not encrypted.

        ``docs/reference/format.md`` specifies the file.
        Who is told of the progress can change nothing of the profile (``ValueError``).
        """
        from ondevice.vault.portable import export_items

        with self._vault.changing:  # nobody else changes anything meanwhile: whoever reports progress must not wait
            return export_items(
                self._vault, Path(to), filter=filter, with_vectors=with_vectors, on_progress=on_progress
            )

    def import_from(self, path: StrPath, **options: Unpack[ImportOptions]) -> IntakeReport:
        """Bring in what another program has kept: a file, a folder or a zip file, whose format is found out.

        Things are stored 64 at a time as they are read, so that an interruption loses no more than those. Importing
        again goes on, and adds nothing twice: what has a name in its source (a message's id, a note's path) is found
        again by it, and updated where it has changed.

        Args:
            path: The source.
            **options: See :class:`~ondevice.personalizer.import_options.ImportOptions`.

        Raises:
            TypeError: If there is no such option.
            ValueError: If options contradict each other, or there is no such format.
            NotFoundError: If there is nothing at ``path``.
            InputError: If no format fits, the source is of another form from the beginning, or something in it is
                broken and ``skip_broken`` is false; nothing is then added.
            StorageError: If the disk refuses.
        """
        from ondevice.personalizer.importing import Importing

        return Importing(self._vault, self._ingester, self._forgetting, self.load).run(Path(path), options)

    def load(self, path: StrPath, *, on_progress: Progress | None = None) -> ImportReport:
        """Add the items of an exported file with their ids, and encode those that came without vectors."""
        from ondevice.retrieval.reencode import encode_missing
        from ondevice.vault.portable import import_items

        report = import_items(self._vault, Path(path), on_progress=on_progress)
        for encoder in self._encoders.of_passages():
            encode_missing(self._vault, encoder)
        return report
