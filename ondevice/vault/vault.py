"""An open profile: one object over its key slots, its encrypted database and its sealed blobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ondevice.config import KdfConfig
from ondevice.errors import OndeviceError, ProfileExistsError
from ondevice.records import Filter, Receipt
from ondevice.safety.confined import Confined
from ondevice.safety.lock_order import Changing
from ondevice.signals import StrPath
from ondevice.vault.access import Access, keystore_among
from ondevice.vault.backup import BackupReport, back_up, restore
from ondevice.vault.blobs import SealedFolder
from ondevice.vault.checking import Flaw, check_twice, check_vault
from ondevice.vault.creating import Parts, create
from ondevice.vault.database import Database
from ondevice.vault.dedupe import Recognizer
from ondevice.vault.derived import DerivedStore
from ondevice.vault.destroying import destroy
from ondevice.vault.erasers import Erasers
from ondevice.vault.erasure import Eraser, Erasure
from ondevice.vault.events import EventLog
from ondevice.vault.identity import load_cache_age, load_identity
from ondevice.vault.items import ItemStore
from ondevice.vault.layout import KEYS_FILE, SEALED_FOLDER, clear_leftovers, is_profile, placed, resolved
from ondevice.vault.lexical import LexicalIndex
from ondevice.vault.lineage import Lineage
from ondevice.vault.losses import counted
from ondevice.vault.migrations import schema_version
from ondevice.vault.opening import open_parts
from ondevice.vault.rekeying import rekey
from ondevice.vault.secrets import Keystore, Secret
from ondevice.vault.settings import Settings
from ondevice.vault.slots import SlotInfo
from ondevice.vault.vectors import VectorStore
from ondevice.vault.witness import witness_of


class Vault(Confined):
    """Everything at rest of one user. Threads may use it at once; other processes find it busy.

    ``items``, ``lexical``, ``vectors``, ``sealed``, ``lineage``, ``derived``, ``events`` and ``settings`` stay the same
    objects as long as the vault is open, a new profile key included.
    """

    def __init__(self, path: Path, parts: Parts, keystore: Keystore) -> None:
        """Compose the parts; apps call :meth:`create` or :meth:`open`."""
        database, key_file = parts.database, parts.key_file
        self._path = path
        self._lock = parts.lock
        self._access = Access(path / KEYS_FILE, key_file, parts.profile_key, keystore)
        self._database = database
        self._is_closed = False
        self.changing = Changing()
        """Held by whoever changes the profile, in memory too; see :mod:`ondevice.safety.lock_order`."""
        self.erasers = Erasers()
        """Everybody who keeps something of items elsewhere; whoever begins to enlists itself."""
        identity = load_identity(database)
        self.sealed = SealedFolder(
            database.path.parent / SEALED_FOLDER,
            parts.profile_key,
            key_file.profile_id,
            is_read_only=database.is_read_only,
            guard=database.require_ours,
        )
        self.sealed.cache_age = load_cache_age(database)
        self.settings = Settings(database)
        self.events = EventLog(database, identity)
        self.vectors = VectorStore(database)
        self.recognizer = Recognizer(identity)
        self.items = ItemStore(database, self.recognizer, self.vectors)
        self.lexical = LexicalIndex(database, self.items.metadata_keys)
        self.lineage = Lineage(database, self.sealed)
        self.derived = DerivedStore(database, self.sealed, self.lineage, self.settings, self.events)
        self._erasure = Erasure(
            database=database,
            identity=identity,
            profile_id=key_file.profile_id,
            sealed=self.sealed,
            vectors=self.vectors,
            events=self.events,
        )

    @classmethod
    def create(cls, path: Path, secrets: Sequence[Secret] | Secret, *, kdf: KdfConfig | None = None) -> Vault:
        """Make a new profile and open it.

        ``keys.json`` gets its name last: a folder without it is no profile, and the next creation takes over what an
        interruption left. Whatever refuses the creation leaves what there was before it.

        Args:
            path: Where the profile's folder will be; it may exist if it is empty.
            secrets: One to eight, each of which will unlock it.
            kdf: Cost of the passphrases.

        Raises:
            ProfileExistsError: If there is something at ``path``.
            ProfileBusyError: If another process is making a profile there.
            ValueError: If there is no secret, or the cost lies outside its limits.
            KeystoreError: If the keystore refuses.
            StorageError: If the disk refuses.
        """
        place, given = resolved(path), [secrets] if isinstance(secrets, Secret) else list(secrets)
        parts = create(place, given, kdf)
        with parts.closed_on_error():
            vault = cls(place, parts, keystore_among(given))
            vault._tell_witness()
            return vault

    @classmethod
    def open(cls, path: Path, secret: Secret, *, accept_loss: bool = False) -> Vault:
        """Lock and unlock a profile, finish what an interruption left undone, and bring its schema up to date.

        On a file system that is read-only the profile can be read, and every change is refused.

        Args:
            path: The profile's folder.
            secret: One of its own.
            accept_loss: Open a profile whose last changes were taken away by something else, without them. The event
                log then says so.

        Raises:
            NotFoundError: If there is no profile at ``path``.
            ProfileBusyError: If it is open already.
            LockedError: If the secret is not one of its own.
            CorruptError: If a part of it was changed or lost; nothing has then been changed or removed.
            VersionError: If a newer release wrote it.
            StorageError: If the disk refuses.
        """
        place = resolved(path)
        parts, n_steps, n_lost = open_parts(place, secret, accept_loss=accept_loss)
        with parts.closed_on_error():
            vault = cls(place, parts, keystore_among([secret]))
            if vault.is_read_only:
                return vault
            if n_steps:
                vault.events.append("migrated", schema=vault.schema_version, steps=n_steps)
            if n_lost is not None:
                vault.events.append("loss-accepted", commits=n_lost)
            vault._erasure.finish_pending()
            vault.derived.clear_loose()
            vault._tell_witness()
            return vault

    @classmethod
    def open_or_create(cls, path: Path, secret: Secret, *, kdf: KdfConfig | None = None) -> Vault:
        """Open a profile, or make it where there is nothing yet: no folder, an empty one, an interrupted first start.

        Raises:
            ProfileExistsError: If there is something at ``path`` that is no profile.
            ProfileBusyError, LockedError, CorruptError, VersionError, KeystoreError, StorageError: As :meth:`open` and
                :meth:`create`.
        """
        if not is_profile(Path(path)):
            try:
                return cls.create(path, secret, kdf=kdf)
            except ProfileExistsError:
                # Another process may have made it a moment ago.
                if not is_profile(Path(path)):
                    raise
        return cls.open(path, secret)

    @property
    def path(self) -> Path:
        """The profile's folder."""
        return self._path

    @property
    def profile_id(self) -> str:
        """The profile's random id: 32 hexadecimal digits."""
        return self._access.key_file.profile_id

    @property
    def epoch(self) -> int:
        """How often the profile key has been replaced, counted from 1."""
        return self._access.key_file.epoch

    @property
    def is_read_only(self) -> bool:
        """Whether the profile lies on a file system that is read-only, so that it can be read but not changed."""
        return self._database.is_read_only

    @property
    def database(self) -> Database:
        """The encrypted database, for the parts of this room."""
        return self._database

    @property
    def schema_version(self) -> int:
        """How many migrations the database has taken."""
        return schema_version(self._database)

    @property
    def receipt_key(self) -> str:
        """The public key that checks this profile's receipts, in hex; it outlives a new profile key."""
        return self._erasure.public_key

    def size_bytes(self) -> int:
        """Return the size of the database, its write-ahead log included."""
        return self._database.size_bytes()

    def forget(
        self,
        selection: Sequence[str] | Filter,
        *,
        erasers: Sequence[Eraser] = (),
        reason: str = "request",
        everything: bool = False,
    ) -> Receipt:
        """Erase items and everything derived from them, read the files back, and say so in a signed receipt.

        Once this has begun to erase, a crash changes nothing: the next opening finishes it.

        Args:
            selection: Item ids, or a filter; expired items count too.
            erasers: Who is told besides those that have enlisted.
            reason: A word for the event log, as ``request`` or ``expired``.
            everything: Must be True for a filter that lets everything pass.

        Raises:
            NotFoundError: If an id is unknown, or no item fits; nothing is then erased.
            InputError: If the filter names a metadata key that no item has, and items have one spelt almost the same.
            ValueError: If the filter is empty and ``everything`` is not set.
            StorageError: If the disk refuses; the next opening finishes what was begun.
        """
        receipt = self._erasure.forget(
            selection, erasers=(*self.erasers, *erasers), reason=reason, everything=everything
        )
        self._tell_witness()
        return receipt

    def prune(self, *, now: datetime | None = None) -> Receipt | None:
        """Forget the items that have expired by ``now``; ``None`` if there were none.

        Raises:
            ValueError: If ``now`` has no time zone.
        """
        receipt = self._erasure.prune(now or datetime.now(UTC), erasers=tuple(self.erasers))
        if receipt is not None:
            self._tell_witness()
        return receipt

    def backup(self, to: StrPath) -> BackupReport:
        """Copy the profile, encrypted as it is, to a new folder; see :mod:`ondevice.vault.backup`."""
        # Sealed files come and go with what is kept of adapters.
        with self.changing, self._access.lock:
            self._require_open()
            key_file, key = self._access.key_file, self._access.profile_key
            return back_up(self._database, key_file, key, self._path, placed(Path(to)), events=self.events)

    @classmethod
    def restore(cls, backup: Path, to: Path, secret: Secret) -> None:
        """Verify a backup wholly and put it at ``to``, where nothing may be; see :mod:`ondevice.vault.backup`."""
        restore(resolved(backup), placed(to), secret)

    @classmethod
    def destroy(cls, path: Path) -> None:
        """End a profile for good: its key slots first, then its files; no secret is needed for that.

        Raises:
            NotFoundError: If there is no profile at ``path``.
            CorruptError: If ``keys.json`` is not a profile's; nothing is then changed.
            ProfileBusyError: If it is open.
            StorageError: If the operating system refuses.
            KeystoreError: If the keystore keeps an entry; the files are gone then.
        """
        destroy(resolved(path))

    def slots(self) -> tuple[SlotInfo, ...]:
        """Return what may be shown of each slot."""
        return self._access.key_file.slots

    def add_slot(self, secret: Secret, kdf: KdfConfig | None = None) -> SlotInfo:
        """Let another secret unlock the profile, and return its slot.

        Raises:
            InputError: If all slots are taken.
            KeystoreError: If the keystore refuses.
            StorageError: If the disk refuses; nothing has then changed.
        """
        self._require_writable()
        slot = self._access.add(secret, kdf)
        self.events.append("slot-added", slots=len(self.slots()))
        return slot

    def remove_slot(self, slot_id: str) -> None:
        """Take a secret's access away; against someone who may have a copy of the files, :meth:`rekey`.

        Raises:
            NotFoundError: If there is no such slot.
            InputError: If it is the last.
        """
        self._require_writable()
        self._access.remove(slot_id)
        self.events.append("slot-removed", slots=len(self.slots()))

    def change_slot(self, slot_id: str, new_secret: Secret, kdf: KdfConfig | None = None) -> SlotInfo:
        """Put a new secret in a slot's place, and return the new slot.

        Raises:
            NotFoundError: If there is no such slot.
        """
        self._require_writable()
        slot = self._access.replace(slot_id, new_secret, kdf)
        self.events.append("slot-changed", slots=len(self.slots()))
        return slot

    def rekey(
        self,
        secrets: Sequence[Secret] | Secret,
        *,
        kdf: KdfConfig | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Encrypt everything anew under a new random key; only the secrets given here open the profile afterwards.

        A whole new epoch is written beside the old one, as a draft. Replacing ``keys.json`` is the one moment at which
        it comes into force; a crash before it leaves the old profile, a crash after it the new one, whose folder gets
        its name at the next opening.

        Raises:
            ValueError: If there is no secret.
            KeystoreError: If the keystore refuses.
            CorruptError: If something does not open or the copy differs; nothing has then changed.
            StorageError: If the disk refuses; nothing has then changed.
        """
        given = [secrets] if isinstance(secrets, Secret) else list(secrets)
        with self.changing, self._access.lock, self._database.exclusive():
            self._require_writable()
            old_file = self._access.key_file
            rekey(self._path, self._access, self._database, self.sealed, given, kdf, on_progress)
            self.events.append("rekeyed", epoch=self.epoch, slots=len(self.slots()))
            clear_leftovers(self._path, epoch=self.epoch, replaced=old_file.epoch)
            self._access.discard_entries_of(old_file)
            self._tell_witness()

    def check(self) -> list[Flaw]:
        """Look for damage everywhere, and return what was found: nothing, if all is well."""
        self._require_open()
        self._database.require_ours()
        return check_twice(
            lambda: check_vault(self._path, self.epoch, self._database, self.sealed, self.derived, self.events),
            (self.changing, self._access.lock, self._database.exclusive()),
        )

    def close(self) -> None:
        """Close the files, forget the key, and let others open the profile; a second call does nothing.

        In a process that was forked with the profile open this leaves files and lock to the parent. Whoever is told of
        a rekeying's or an export's progress may not close (``ValueError``).
        """
        with self._access.lock:
            if self._is_closed:
                return
            self._database.require_unfrozen()
            self._is_closed = True
            try:
                self._tell_witness()
                self._database.close()
            finally:
                self._access.wipe()
                self._lock.release()

    def __enter__(self) -> Self:
        """Return the open vault."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def __repr__(self) -> str:
        """Name the profile's id and epoch."""
        state = ", closed" if self._is_closed else ""
        return f"Vault({self.profile_id!r}, epoch={self.epoch}{state})"

    def _tell_witness(self) -> None:
        """Let the keystore know how far the profile has come, where it has a slot there."""
        witness = witness_of(self._access.key_file, self._access.keystore, self._database.record)
        if witness is not None and not self.is_read_only:
            with suppress(OndeviceError):  # a forked or damaged database has nothing to tell
                witness.tell(counted(self._database) or 0)

    def _require_open(self) -> None:
        if self._is_closed:
            raise ValueError("the vault is closed")

    def _require_writable(self) -> None:
        self._require_open()
        self._database.require_writable()
