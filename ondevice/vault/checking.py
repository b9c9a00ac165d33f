"""Look for damage in every part of a profile."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from ondevice.errors import CorruptError, NotFoundError, OndeviceError
from ondevice.vault.blobs import SealedFolder
from ondevice.vault.cipher import log_bytes, translating
from ondevice.vault.commits import last_commit
from ondevice.vault.database import Database
from ondevice.vault.derived import DerivedStore
from ondevice.vault.events import EventLog
from ondevice.vault.layout import KEYS_FILE, epochs, own_parts


@dataclass(frozen=True, kw_only=True, slots=True)
class Flaw:
    """One thing that is not as it should be."""

    part: str
    detail: str

    def __str__(self) -> str:
        """Return part and detail in one line."""
        return f"{self.part}: {self.detail}"


def check_vault(
    profile: Path, epoch: int, database: Database, sealed: SealedFolder, derived: DerivedStore, events: EventLog
) -> list[Flaw]:
    """Check pages, rows, search terms, commits, the event log, sealed blobs and file modes; return what is wrong.

    The write-ahead log is moved into the file first: the pages' own check reads the file alone.
    """
    flaws = _attempt("write-ahead log", database.checkpoint)
    flaws += check_database(database)
    flaws += _attempt("commits", lambda: _check_commits(database))
    flaws += _attempt("event log", events.verify)
    for name in sealed.names():
        flaws += _attempt(f"sealed blob {name}", lambda name=name: _check_blob(sealed, name))  # type: ignore[misc]
    flaws += [Flaw(part=f"sealed blob {name}", detail="nothing speaks of it") for name in derived.loose()]
    flaws += [Flaw(part=f"sealed blob {name}", detail="it is a folder") for name in sealed.folders()]
    flaws += [Flaw(part=f"sealed blob {name}", detail="it is gone") for name in derived.missing()]
    if not database.is_read_only:
        # What lies on a read-only medium has the modes that the medium gives it.
        flaws += check_modes(profile, epoch)
        flaws += [
            Flaw(part=folder.name, detail="it is not the epoch in force; if nothing of it is missed, remove it")
            for number, folder in epochs(profile).items()
            if number != epoch and any(folder.iterdir())
        ]
    with database.reading() as connection:
        waiting = connection.execute("SELECT count(*) FROM pending_erasures").fetchone()[0]
    if waiting:
        flaws.append(Flaw(part="erasures", detail=f"{waiting} wait for the next opening to be finished"))
    return flaws


def check_twice(look: Callable[[], list[Flaw]], locks: Iterable[AbstractContextManager[object]]) -> list[Flaw]:
    """Look, and where something was found look once more while other threads wait.

    What one of them was writing or dropping at that moment is no damage.
    """
    if not look():
        return []
    with ExitStack() as held:
        for lock in locks:
            held.enter_context(lock)
        return look()


def check_database(database: Database) -> Iterator[Flaw]:
    """Yield what is wrong with the pages' authentication, the rows and the search terms."""
    # On a read-only medium a log stays beside the file; the rows' check then reads and authenticates every page.
    if not (database.is_read_only and log_bytes(database.path)):
        yield from _attempt("database pages", lambda: _require_empty(database, "PRAGMA cipher_integrity_check"))
    yield from _attempt("database rows", lambda: _require_ok(database))
    yield from _attempt("database references", lambda: _require_empty(database, "PRAGMA foreign_key_check"))
    yield from _attempt("search terms", lambda: _check_terms(database))


def check_modes(profile: Path, epoch: int) -> list[Flaw]:
    """Return the files and folders of ours that others than this user may reach; Windows has no such modes."""
    if os.name == "nt":
        return []
    flaws = []
    for path in [profile, *(Path(part) for part in sorted(own_parts(profile, epoch)))]:
        try:
            mode = stat.S_IMODE(path.lstat().st_mode)
        except FileNotFoundError:
            continue
        if mode & 0o077:
            name = path.relative_to(profile.parent)
            flaws.append(Flaw(part="file modes", detail=f"{name} has mode {mode:04o}, and others may reach it"))
    if not (profile / KEYS_FILE).exists():
        flaws.append(Flaw(part="files", detail=f"{KEYS_FILE} is gone"))
    return flaws


def _attempt(part: str, check: Callable[[], object]) -> list[Flaw]:
    try:
        check()
    except OndeviceError as error:
        return [Flaw(part=part, detail=error.message)]
    return []


def _check_blob(sealed: SealedFolder, name: str) -> None:
    with suppress(NotFoundError):  # dropped since it was listed; what is missed is asked for apart
        sealed.check(name)


def _require_empty(database: Database, pragma: str) -> None:
    with database.reading() as connection:
        found = connection.execute(pragma).fetchall()
    if found:
        raise CorruptError(f"{len(found)} entries fail")


def _require_ok(database: Database) -> None:
    # One that has read the search terms before would hold what it remembers of them against what they are now.
    with database.reading(anew=True) as connection:
        found = connection.execute("PRAGMA quick_check").fetchall()
    if found != [("ok",)]:
        raise CorruptError(f"{len(found)} findings of the database's own check")


def _check_commits(database: Database) -> None:
    if database.record is None:
        return
    with database.exclusive() as connection:
        recorded, found = database.record.read().number, last_commit(connection)
    if recorded > found:
        raise CorruptError(f"the last {recorded - found} changes are missing")
    if recorded < found:
        raise CorruptError(f"the record does not know of the last {found - recorded} changes")


def _check_terms(database: Database) -> None:
    if database.is_read_only:
        return
    # A writing statement to SQLite, although it changes nothing.
    with database.exclusive() as connection, translating():
        connection.execute("INSERT INTO items_fts (items_fts, rank) VALUES ('integrity-check', 1)")
