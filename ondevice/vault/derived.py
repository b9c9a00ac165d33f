"""What was made from items and is worth keeping: sealed bytes with a note about them, by kind and name.

Adapters, the checkpoints of paused trainings, summaries and merged models lie here. The bytes are a sealed blob with a
random name; lineage says from which items they were made, so an erasure finds and drops them; the note lies in the
database and may outlive the bytes, so that what was dropped can be made again. The note is replaced last: whatever
goes wrong before leaves what there was.
"""

from __future__ import annotations

import builtins
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ondevice.errors import CorruptError, NotFoundError, OndeviceError
from ondevice.vault.blobs import is_cache
from ondevice.vault.times import from_micros, now_micros

if TYPE_CHECKING:
    from ondevice.vault.blobs import SealedFolder
    from ondevice.vault.database import Database
    from ondevice.vault.events import EventLog
    from ondevice.vault.lineage import Artifact, Lineage
    from ondevice.vault.settings import Json, Settings

LAYOUT = 1
"""Version of the blobs' layout: the bytes as they were given."""

FORMER = ("derived/refinement", "refinement/in-use")
"""Settings about what earlier releases made from items and kept, and what no release uses any more."""

_BLOB = re.compile(r"[a-z]{1,20}-[0-9a-f]{16}")
_KIND = re.compile(r"[a-z]{1,20}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_FIELDS = {"number", "blob", "made_us", "n_items", "n_bytes", "note"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Derived:
    """What is known of one of them, without its bytes.

    Args:
        kind: ``adapter``, ``checkpoint``, ``summary``, ``merged``.
        name: What the app calls it.
        number: How often something was kept under this name, this one included.
        made_at: When it was kept.
        n_items: From how many items it was made.
        n_bytes: Its size before sealing.
        is_there: Whether its bytes are there; false after an erasure of one of its items.
        note: What was noted of it.
    """

    kind: str
    name: str
    number: int
    made_at: datetime
    n_items: int
    n_bytes: int
    is_there: bool
    note: Mapping[str, Any] = field(repr=False)

    @property
    def artifact(self) -> str:
        """Its name in the lineage and in receipts."""
        return f"{self.name}@{self.number}"


class DerivedStore:
    """Sealed bytes by kind and name. Threads may use it at once."""

    def __init__(
        self, database: Database, sealed: SealedFolder, lineage: Lineage, settings: Settings, events: EventLog
    ) -> None:
        self._database = database
        self._sealed = sealed
        self._lineage = lineage
        self._settings = settings
        self._events = events

    def put(
        self, kind: str, name: str, data: bytes, *, item_ids: Sequence[str], note: Mapping[str, Json] | None = None
    ) -> Derived:
        """Keep these bytes in place of what was there under this kind and name.

        Args:
            kind: 1 to 20 of a-z.
            name: 1 to 40 of a-z, 0-9, dash and underscore.
            data: What to seal.
            item_ids: The items it was made from, one or more.
            note: What to know of it without opening it.

        Raises:
            NotFoundError: If an item is not there any more; what was there before stays.
            StorageError: If the disk refuses; what was there before stays.
            ValueError: If the kind or name has the wrong form, or there are no items.
        """
        if not _KIND.fullmatch(kind) or not is_derived_name(name):
            raise ValueError("a kind has 1 to 20 of a-z, a name 1 to 40 of a-z, 0-9, dash and underscore")
        if not item_ids:
            raise ValueError(f"the {kind} {name!r} must name the items it was made from")
        # The lock also keeps a new profile key away, which would leave the bytes behind in the old epoch.
        with self._database.exclusive():
            self.tidy(kind)
            before = self._entries(kind).get(name)
            number = 1 if before is None else before["number"] + 1
            artifact, blob = f"{name}@{number}", f"{kind}-{secrets.token_hex(8)}"
            entry: dict[str, Json] = {
                "number": number,
                "blob": blob,
                "made_us": now_micros(),
                "n_items": len(set(item_ids)),
                "n_bytes": len(data),
                "note": dict(note or {}),
            }
            self._lineage.record(kind, artifact, item_ids, sealed_name=blob)
            try:
                self._sealed.write(blob, data, version=LAYOUT)
                with self._database.writing():
                    # Asked again inside the transaction: an erasure may have come between.
                    if artifact not in self._artifacts(kind):
                        raise NotFoundError(f"items of the {kind} {name!r} were forgotten while it was kept")
                    self._set(kind, {**self._entries(kind), name: entry})
            except BaseException:
                with suppress(OndeviceError):  # a disk that refuses this too leaves it to the next tidying
                    self._lineage.drop(kind, artifact)
                    self._sealed.delete(blob)
                raise
            if before is not None:
                self._lineage.drop(kind, f"{name}@{before['number']}")
            return self.get(kind, name)

    def get(self, kind: str, name: str) -> Derived:
        """Return what is known of one, whether or not its bytes are still there.

        Raises:
            NotFoundError: If nothing of this kind has that name.
        """
        found = [each for each in self.list(kind) if each.name == name]
        if not found:
            raise NotFoundError(f"there is no {kind} {name!r}")
        return found[0]

    def read(self, kind: str, name: str) -> bytes:
        """Open its bytes, in memory.

        Raises:
            NotFoundError: If there is none of that name, or its bytes went with an item that was forgotten.
            CorruptError: If the blob was altered.
            StorageError: If the disk refuses.
        """
        return b"".join(self.pieces(kind, name))

    def pieces(self, kind: str, name: str) -> Iterator[bytes]:
        """Open its bytes piece by piece; only the end shows that none is missing. Raises as :meth:`read`."""
        if not self.get(kind, name).is_there:
            raise NotFoundError(
                f"the {kind} {name!r} was dropped with an item it was made from", hint="make it again without the item"
            )
        return self._sealed.pieces(self._entries(kind)[name]["blob"], version=LAYOUT)

    def item_ids(self, kind: str, name: str) -> builtins.list[str]:
        """Return the ids of the items it was made from; none if its bytes are gone.

        Raises:
            NotFoundError: If nothing of this kind has that name.
        """
        return self._lineage.items_of(kind, self.get(kind, name).artifact)

    def list(self, kind: str) -> builtins.list[Derived]:
        """Return all of this kind, by name."""
        if not self._entries(kind):
            return []
        # Before the notes are read again: bytes that are kept meanwhile belong to a note that is read then.
        artifacts = self._artifacts(kind)
        return [
            Derived(
                kind=kind,
                name=name,
                number=entry["number"],
                made_at=from_micros(entry["made_us"]),
                n_items=entry["n_items"],
                n_bytes=entry["n_bytes"],
                is_there=f"{name}@{entry['number']}" in artifacts,
                note=entry["note"],
            )
            for name, entry in sorted(self._entries(kind).items())
        ]

    def size_bytes(self, kind: str) -> int:
        """Return what all of this kind take on the disk."""
        return self._sealed.total_bytes(f"{kind}-")

    def drop(self, kind: str, name: str) -> bool:
        """Delete its bytes and what was noted of it; return whether it was there."""
        # The lock lets nobody see the note without the bytes, or the other way round.
        with self._database.exclusive():
            entries = self._entries(kind)
            entry = entries.pop(name, None)
            if entry is None:
                return False
            self._set(kind, entries)
            self._lineage.drop(kind, f"{name}@{entry['number']}")
            return True

    def renote(self, kind: str, name: str, note: Mapping[str, Json]) -> None:
        """Note something else of one, and leave its bytes as they are.

        Raises:
            NotFoundError: If nothing of this kind has that name.
            StorageError: If the disk refuses.
        """
        with self._database.writing():
            entries = self._entries(kind)
            if name not in entries:
                raise NotFoundError(f"there is no {kind} {name!r}")
            self._set(kind, {**entries, name: {**entries[name], "note": dict(note)}})

    def tidy(self, kind: str) -> int:
        """Drop the bytes of this kind that no note speaks of, which an interruption left; return their number.

        Not while another thread keeps something of this kind.
        """
        entries = self._entries(kind)
        known = {f"{name}@{entry['number']}" for name, entry in entries.items()}
        n_dropped = sum(self._lineage.drop(kind, artifact) for artifact in sorted(self._artifacts(kind) - known))
        blobs = {entry["blob"] for entry in entries.values()}
        loose = [name for name in self._sealed.names() if name.startswith(f"{kind}-") and name not in blobs]
        return n_dropped + sum(self._sealed.delete(name) for name in loose)

    def loose(self) -> builtins.list[str]:
        """Return the blobs that have the name of something derived, and that no artifact speaks of.

        An interruption leaves them, or whoever puts back the file of something that was dropped.
        """
        named = self._named()
        return sorted(named.difference(artifact.sealed_name for artifact in self._lineage.list())) if named else []

    def _named(self) -> set[str]:
        """Return the blobs that have the name of something derived."""
        return {name for name in self._sealed.names() if _BLOB.fullmatch(name) and not is_cache(name)}

    def missing(self) -> builtins.list[str]:
        """Return the blobs that a note speaks of, that no erasure took, and that are not there."""
        noted = {blob for artifact, blob in self._with_blobs() if self._is_noted(artifact)}
        return sorted(noted.difference(self._sealed.names())) if noted else []

    def clear_loose(self) -> int:
        """Delete what an interruption left: artifacts that no note speaks of, and loose blobs; return their number.

        What earlier releases kept and no release uses any more goes too: nobody could ask for it, or drop it.
        At an opening, when nobody can be keeping anything.
        """
        self._disown_former()
        with self._database.exclusive() as connection:
            # At nearly every opening there is nothing to look at.
            n_artifacts = connection.execute("SELECT count(*) FROM artifacts").fetchone()[0]
        if not n_artifacts and not self._named():
            return 0
        unnoted = [artifact for artifact, _ in self._with_blobs() if not self._is_noted(artifact)]
        n_dropped = sum(self._lineage.drop(artifact.kind, artifact.name) for artifact in unnoted)
        return n_dropped + sum(self._sealed.delete(name) for name in self.loose())

    def _disown_former(self) -> None:
        """Strike out what was noted of :data:`FORMER`, so that its bytes are loose."""
        found = [key for key in FORMER if self._settings.get(key) is not None]
        if not found:
            return
        with self._database.writing():
            for key in found:
                self._settings.set(key, None)
            self._events.append("refinement-dropped")

    def _with_blobs(self) -> builtins.list[tuple[Artifact, str]]:
        """Return the artifacts that were kept here, each with its blob's name."""
        return [
            (artifact, artifact.sealed_name)
            for artifact in self._lineage.list()
            if artifact.sealed_name is not None and _BLOB.fullmatch(artifact.sealed_name)
        ]

    def _is_noted(self, artifact: Artifact) -> bool:
        return any(entry["blob"] == artifact.sealed_name for entry in self._entries(artifact.kind).values())

    def _artifacts(self, kind: str) -> set[str]:
        return {each.name for each in self._lineage.list() if each.kind == kind}

    def _entries(self, kind: str) -> dict[str, Any]:
        entries = self._settings.get(_key(kind), {})
        if not isinstance(entries, dict) or not all(
            isinstance(entry, dict) and set(entry) == _FIELDS for entry in entries.values()
        ):
            raise CorruptError(f"what was noted of each {kind} cannot be read")
        return entries

    def _set(self, kind: str, entries: dict[str, Json]) -> None:
        self._settings.set(_key(kind), entries or None)


def is_derived_name(name: str) -> bool:
    """Say whether something may be kept under this name."""
    return _NAME.fullmatch(name) is not None


def _key(kind: str) -> str:
    return f"derived/{kind}"
