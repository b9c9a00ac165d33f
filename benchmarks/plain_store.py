"""The same store on plain SQLite, to tell what encryption costs. Only a benchmark may do this."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks import corpus
from ondevice.vault import database as database_module
from ondevice.vault.cipher import load_library
from ondevice.vault.database import Database
from ondevice.vault.dedupe import Recognizer
from ondevice.vault.identity import load_identity, make_identity
from ondevice.vault.items import ItemStore
from ondevice.vault.lexical import LexicalIndex
from ondevice.vault.migrations import migrate
from ondevice.vault.vectors import VectorStore
from ondevice.words import fold


@dataclass(frozen=True, kw_only=True)
class PlainStore:
    """The parts of a vault that the comparison uses, over an unencrypted file."""

    database: Database
    items: ItemStore
    lexical: LexicalIndex
    vectors: VectorStore


@contextmanager
def plain_store(folder: Path, n: int, *, encoder_id: str) -> Iterator[PlainStore]:
    """Give a store like ``profiles.filled``'s without a cipher: same schema, same settings, same library."""
    folder.mkdir()
    with (
        mock.patch.object(database_module, "connect", _connect),
        mock.patch.object(database_module, "require_database_file", return_value=None),
    ):
        database = Database.create(folder / "plain.db", bytes(32))
        migrate(database, is_new=True)
        make_identity(database)
        vectors = VectorStore(database)
        items = ItemStore(database, Recognizer(load_identity(database)), vectors)
        items.put_many(corpus.drafts(n), vectors={encoder_id: corpus.vectors(n)})
        if not (folder / "plain.db").read_bytes().startswith(b"SQLite format 3"):
            raise SystemExit("the plain twin is not plain: the comparison would mean nothing")
        # The reading connection that is kept from now on; an encrypted store's are not to be made this way.
        items.count()
    yield PlainStore(database=database, items=items, lexical=LexicalIndex(database), vectors=vectors)
    database.close()


def _connect(path: Path, key: bytes, *, is_reader: bool, changes_nothing: bool = False) -> Any:  # noqa: ANN401 - sqlite3's own type, without the cipher
    connection = load_library().connect(str(path), isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{8 * 1024 if is_reader else 16 * 1024}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.create_function("fold", 1, fold, deterministic=True)
    return connection
