"""Write the next epoch: the same database and blobs under a new profile key, in a folder of their own.

A cache that does not open is left out: it is made again from the items.
Nothing of the old epoch is touched, so until ``keys.json`` is replaced the old profile is whole, and from then on
the new one is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from sqlite3 import Connection

from ondevice.config import KdfConfig
from ondevice.errors import CorruptError, OndeviceError
from ondevice.vault.access import Access
from ondevice.vault.blobs import SealedFolder, is_cache
from ondevice.vault.cipher import connect, make_database_file, translating
from ondevice.vault.commits import CommitRecord
from ondevice.vault.database import Database
from ondevice.vault.files import is_folder, make_private_dir, temporary_beside
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.layout import (
    COMMITS_FILE,
    DATABASE_FILE,
    DATABASE_PURPOSE,
    SEALED_FOLDER,
    commits_file,
    database_file,
    epoch_folder,
    free_epoch,
    remove_epoch,
    rename,
    sealed_folder,
    sync_tree,
)
from ondevice.vault.secrets import Secret
from ondevice.vault.settings import REPLACED_EPOCH

_TABLES = (
    "identity",
    "settings",
    "events",
    "items",
    "versions",
    "items_fts_data",
    "items_fts_idx",
    "items_fts_docsize",
    "items_fts_config",
    "encoders",
    "vectors",
    "artifacts",
    "lineage",
    "pending_erasures",
    "commits",
    "sqlite_sequence",
)


def rekey(
    profile: Path,
    access: Access,
    database: Database,
    sealed: SealedFolder,
    secrets: Sequence[Secret],
    kdf: KdfConfig | None,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    """Do :meth:`ondevice.vault.vault.Vault.rekey`, but for clearing up; the caller keeps all other writers out."""
    replaces = access.key_file.epoch
    epoch = free_epoch(profile, replaces)
    folder = epoch_folder(profile, epoch)
    draft = temporary_beside(folder)
    new_file, new_key = access.next_epoch(secrets, kdf, epoch)
    database_key = new_key.derive(DATABASE_PURPOSE)
    try:
        with database.frozen():
            copy = NextEpoch(draft, new_key, database_key, new_file.profile_id, epoch, replaces=replaces)
            copy.write(database, sealed, on_progress)
        access.put_in_force(new_file, new_key)
        rename(draft, folder)
    except BaseException:
        if access.give_up(new_file):
            with suppress(OndeviceError):
                if is_folder(draft):
                    remove_epoch(draft)
        else:
            # The next opening takes the new epoch, so nothing more may be written to the old one.
            database.give_up()
        raise
    try:
        record = CommitRecord(commits_file(profile, epoch), new_key, new_file.profile_id, epoch)
        record.read()
        sealed.move(sealed_folder(profile, epoch), new_key)
        database.switch(database_file(profile, epoch), database_key, record)
    except BaseException:
        database.give_up()
        raise


class NextEpoch:
    """A whole epoch under a new key, not in force yet."""

    def __init__(
        self, folder: Path, profile_key: ProfileKey, database_key: bytes, profile_id: str, epoch: int, *, replaces: int
    ) -> None:
        """Name the draft's folder, the keys, the epoch's number and that of the one before; nothing is written yet."""
        self._replaces = replaces
        self._epoch = epoch
        self._folder = folder
        self._profile_key = profile_key
        self._database_key = database_key
        self._profile_id = profile_id

    def write(
        self, database: Database, sealed: SealedFolder, on_progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Write, check and flush everything; the caller keeps other writers out meanwhile.

        Args:
            database: The epoch in force.
            sealed: Its blobs.
            on_progress: Called with (done, total), where the database is one step and each blob is one.

        Raises:
            CorruptError: If something does not open, or the copy has other contents.
            StorageError: If the disk refuses.
        """
        names = sealed.names()
        tell = on_progress or (lambda done, total: None)
        tell(0, 1 + len(names))
        make_private_dir(self._folder)
        self._copy_database(database)
        tell(1, 1 + len(names))
        copies = SealedFolder(self._folder / SEALED_FOLDER, self._profile_key, self._profile_id)
        copies.cache_age = sealed.cache_age
        for done, name in enumerate(names, 2):
            self._copy_blob(name, sealed, copies)
            tell(done, 1 + len(names))
        sync_tree(self._folder)

    def _copy_blob(self, name: str, sealed: SealedFolder, copies: SealedFolder) -> None:
        try:
            version = sealed.check(name)
        except OndeviceError:
            if is_cache(name):
                return
            raise
        copies.write(name, sealed.pieces(name, version=version), version=version)
        copies.check(name)

    def _copy_database(self, database: Database) -> None:
        target = self._folder / DATABASE_FILE
        make_database_file(target)
        with database.exclusive() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            connection.execute("ATTACH DATABASE ? AS next KEY ?", (str(target), f"x'{self._database_key.hex()}'"))
            try:
                # The copy counts only once it is whole, so a crash in it needs no undoing.
                connection.execute("PRAGMA next.journal_mode = MEMORY")
                connection.execute("SELECT sqlcipher_export('next')").fetchall()
                connection.execute(f"PRAGMA next.user_version = {int(version)}")
            except BaseException:
                with suppress(Exception):
                    connection.execute("DETACH DATABASE next")
                raise
            connection.execute("DETACH DATABASE next")
            expected = _counts(connection)
        copy = connect(target, self._database_key, is_reader=False)
        try:
            with translating():
                if _counts(copy) != expected:
                    raise CorruptError("the newly encrypted database does not hold what the old one does")
                if copy.execute("PRAGMA cipher_integrity_check").fetchall():
                    raise CorruptError("the newly encrypted database fails its integrity check")
                copy.execute("INSERT INTO items_fts (items_fts, rank) VALUES ('integrity-check', 1)")
                noted = (REPLACED_EPOCH, json.dumps(self._replaces))
                copy.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", noted)
                copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                number = copy.execute("SELECT number FROM commits").fetchone()[0]
        finally:
            copy.close()
        before = None if database.record is None else database.record.copy_id
        record = CommitRecord(self._folder / COMMITS_FILE, self._profile_key, self._profile_id, self._epoch)
        record.create(number, copy_id=before)


def _counts(connection: Connection) -> list[int]:
    counts = [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _TABLES]
    schema = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return [*counts, schema, connection.execute("PRAGMA user_version").fetchone()[0]]
