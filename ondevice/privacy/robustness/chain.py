"""Follow the event log's chain, and break it in a copy in every way, to see that this would be found."""

from __future__ import annotations

from ondevice.errors import CorruptError
from ondevice.privacy.subject import Copy
from ondevice.vault.events import EventLog
from ondevice.vault.vault import Vault

BREAKS = {
    "an entry changed": "UPDATE events SET at_us = at_us + 1 WHERE seq = ?",
    "an entry renamed": "UPDATE events SET kind = 'exported' WHERE seq = ?",
    "an entry taken out": "DELETE FROM events WHERE seq = ?",
    "the last entries taken out": "DELETE FROM events WHERE seq > ?",
    "an entry put in": "INSERT INTO events SELECT seq + 100, at_us, kind, details, mac FROM events WHERE seq = ?",
}


def is_chain_whole(events: EventLog) -> bool:
    """Say whether each entry follows from the one before it."""
    try:
        events.verify()
    except CorruptError:
        return False
    return True


def unseen_breaks(copy: Copy) -> list[str]:
    """Return in which ways the chain of a copy can be broken without being found.

    Entries of the drill's own are there for it. The database's own check sees none of these changes.
    """
    with copy.open() as vault:
        before = vault.events.count()
        for number in range(3):
            vault.events.append("drilled", number=number)
        return [name for name, sql in BREAKS.items() if not _is_seen(vault, sql, before + 2)]


def _is_seen(vault: Vault, sql: str, seq: int) -> bool:
    """Break the chain at an entry, ask, and put it together again."""
    with vault.database.writing() as connection:
        kept = connection.execute("SELECT seq, at_us, kind, details, mac FROM events").fetchall()
        last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchall()
        connection.execute(sql, (seq,))
    try:
        return not is_chain_whole(vault.events)
    finally:
        with vault.database.writing() as connection:
            connection.execute("DELETE FROM events")
            connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", kept)
            connection.executemany("UPDATE sqlite_sequence SET seq = ? WHERE name = 'events'", last)
