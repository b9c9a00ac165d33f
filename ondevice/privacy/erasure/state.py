"""What lies in a profile besides what it shows, judged without a word of what was forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ondevice.errors import CorruptError
from ondevice.privacy.erasure.anatomy import dissect
from ondevice.privacy.erasure.blobs import Blobs, count_blobs
from ondevice.privacy.erasure.connection import Connection
from ondevice.privacy.erasure.decrypting import Keys, database_pages, keys_of, log_frames
from ondevice.privacy.erasure.leftovers import count_strange, count_texts, count_vectors
from ondevice.privacy.erasure.orphans import Orphans, count_orphans
from ondevice.privacy.erasure.search_words import SearchWords, count_words
from ondevice.privacy.subject import Copy
from ondevice.vault.database import Database
from ondevice.vault.migrations import STEPS
from ondevice.vault.times import now_micros

_SCHEMA = slice(60, 64)
"""Where SQLite keeps ``user_version`` in the first page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """What was found.

    Args:
        n_pages: Pages of the database that were decrypted.
        n_free: Those of them that are free.
        n_frames: Pages in the write-ahead log.
        n_texts: Runs of readable text in unused space that nothing living holds.
        n_vectors: Places in unused space with a piece of a vector that no item has.
        n_strange: Places in unused space with other bytes that nothing living holds.
        n_log_texts: Such runs in the write-ahead log.
        n_log_vectors: Such pieces in it.
        words: The search index.
        orphans: Rows without items.
        blobs: The sealed files.
        backups: How many backups and exports the event log knows of.
        erasures: How many erasures it knows of.
    """

    n_pages: int
    n_free: int
    n_frames: int
    n_texts: int
    n_vectors: int
    n_strange: int
    n_log_texts: int
    n_log_vectors: int
    words: SearchWords
    orphans: Orphans
    blobs: Blobs
    backups: int
    erasures: int


def state_of(copy: Copy) -> State:
    """Look into every part of a copy that nobody has opened since it was made, or that is closed.

    The vault is not opened: it would tidy up what is looked for. The log is moved into the file in the end.

    Raises:
        CorruptError: If the database cannot be read.
    """
    keys = opened_keys(copy)
    folder = copy.path / f"epoch-{keys.epoch}"
    file = folder / "profile.db"
    pages, frames = database_pages(file, keys.database), log_frames(file.with_name("profile.db-wal"), keys.database)
    with connected(file, keys) as connection:
        words = count_words(connection)
        orphans = count_orphans(connection, now_micros())
        blobs = count_blobs(folder / "sealed", keys, connection)
        events = Counter(kind for (kind,) in connection.execute("SELECT kind FROM events").fetchall())
    if frames:
        # What the log changes is in the file now: the one before is looked through like the log itself.
        superseded = [*pages, *(page for _, page in frames)]
        pages = database_pages(file, keys.database)
    else:
        superseded = []
    anatomy = dissect(pages)
    living = b"\n".join(anatomy.live)
    return State(
        n_pages=len(pages),
        n_free=anatomy.n_free,
        n_frames=len(frames),
        n_texts=count_texts(anatomy.unused, living),
        n_vectors=count_vectors(anatomy.unused, living),
        n_strange=count_strange(anatomy.unused, living),
        n_log_texts=count_texts(superseded, living),
        n_log_vectors=count_vectors(superseded, living),
        words=words,
        orphans=orphans,
        blobs=blobs,
        backups=events["backed-up"] + events["exported"],
        erasures=events["forgot"],
    )


def is_of_earlier_release(copy: Copy) -> bool:
    """Say whether a copy lacks tables that this release knows, read from the file's own header.

    Raises:
        CorruptError: If the key file does not open.
    """
    keys = opened_keys(copy)
    pages = database_pages(copy.path / f"epoch-{keys.epoch}" / "profile.db", keys.database)
    return not pages or int.from_bytes(pages[0][_SCHEMA], "big") < len(STEPS)


def opened_keys(copy: Copy) -> Keys:
    """Return the copy's keys, unwrapped by means of our own.

    Raises:
        CorruptError: If its key file does not open.
    """
    keys = keys_of(copy.path, copy.key)
    if keys is None:
        raise CorruptError("the copy's key file does not open with its key")
    return keys


@contextmanager
def connected(file: Path, keys: Keys) -> Iterator[Connection]:
    """Give a connection to a database that is no open profile's."""
    database = Database(file, keys.database)
    try:
        with database.exclusive() as connection:
            yield connection
    finally:
        database.close()
