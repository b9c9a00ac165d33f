"""What happened to a profile, as a chain in which no entry can be changed or taken out unseen.

Each entry's MAC covers the one before it, under a key that lies in the encrypted database. Entries name
kinds, counts and ids, and never what an item says. Cutting off the newest entries is seen only against the
counter that SQLite keeps beside them; whoever can write the whole encrypted file can put an older one in its place.
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from ondevice.errors import CorruptError
from ondevice.records import Scalar
from ondevice.vault.database import Database
from ondevice.vault.identity import Identity
from ondevice.vault.times import from_micros, now_micros

_KIND = re.compile(r"[a-z][a-z0-9-]{0,39}")
_WORD = re.compile(r"[A-Za-z0-9._:@+-]{0,128}")
_START = bytes(32)


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One entry: its number, when, what kind, and counts or ids."""

    seq: int
    at: datetime
    kind: str
    details: dict[str, Scalar]


class EventLog:
    """The chain of entries. Threads may use it at once."""

    def __init__(self, database: Database, identity: Identity) -> None:
        self._database = database
        self._key = identity.derive("events")

    def append(self, kind: str, **details: Scalar) -> None:
        """Add an entry; inside a ``writing`` block it is part of that transaction.

        On a read-only medium nothing is logged: a backup or an export made from there leaves no trace in the profile.

        Raises:
            ValueError: If the kind or a detail could hold free text.
        """
        if not _KIND.fullmatch(kind):
            raise ValueError("an event's kind has 1 to 40 of a-z, 0-9 and dash")
        for name, value in details.items():
            check_word(name)
            if isinstance(value, str):
                check_word(value)
        if self._database.is_read_only:
            return
        text = json.dumps(details, sort_keys=True, allow_nan=False)
        with self._database.writing() as connection:
            last = connection.execute("SELECT mac FROM events ORDER BY seq DESC LIMIT 1").fetchone()
            seq, at_us = _last_seq(connection) + 1, now_micros()
            mac = self._mac(last[0] if last else _START, seq, at_us, kind, text)
            connection.execute(
                "INSERT INTO events (seq, at_us, kind, details, mac) VALUES (?, ?, ?, ?, ?)",
                (seq, at_us, kind, text, mac),
            )

    def list(self, limit: int | None = 100) -> list[Event]:
        """Return the newest entries, oldest first."""
        with self._database.reading() as connection:
            sql = "SELECT seq, at_us, kind, details FROM events ORDER BY seq DESC LIMIT ?"
            found = connection.execute(sql, (-1 if limit is None else limit,)).fetchall()
        return [
            Event(seq=seq, at=from_micros(at_us), kind=kind, details=json.loads(details))
            for seq, at_us, kind, details in reversed(found)
        ]

    def count(self) -> int:
        """Return how many entries there are."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM events").fetchone()[0])

    def verify(self) -> int:
        """Check every entry against the one before it, and return how many there are.

        Raises:
            CorruptError: If one was changed, taken out or put in.
        """
        with self._database.reading() as connection:
            found = connection.execute("SELECT seq, at_us, kind, details, mac FROM events ORDER BY seq").fetchall()
            last_seq = _last_seq(connection)
        before = _START
        for position, (seq, at_us, kind, details, mac) in enumerate(found, 1):
            expected = self._mac(before, seq, at_us, kind, details)
            if seq != position or not hmac.compare_digest(expected, mac):
                raise CorruptError(f"entry {position} of the event log does not follow from the one before it")
            before = mac
        if last_seq != len(found):
            raise CorruptError(f"the event log has {len(found)} entries, and {last_seq} were written")
        return len(found)

    def _mac(self, before: bytes, seq: int, at_us: int, kind: str, details: str) -> bytes:
        entry = json.dumps([seq, at_us, kind, details]).encode("ascii")
        return hmac.digest(self._key, before + entry, "sha256")


def check_word(value: str) -> str:
    """Return a word that an event may hold.

    Raises:
        ValueError: If it could be free text.
    """
    if not _WORD.fullmatch(value):
        raise ValueError("an event holds words of letters, digits and . _ : @ + -, ids and counts, not text")
    return value


def _last_seq(connection: Connection) -> int:
    found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return int(found[0]) if found else 0
