"""Read everything that an open profile says, in a form that can be held against the ledger."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from ondevice import Personalizer
from ondevice.errors import NotFoundError

THING_KINDS = ("digest", "sketch")
CACHE_PREFIX = "cache-"
BACKUP_PREFIX = "backup-"
NOTE_PREFIX = "soak/"


@dataclass(frozen=True, kw_only=True)
class SeenItem:
    """One item as the profile shows it."""

    text: str
    title: str
    earlier: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """All of it.

    Args:
        key: The app key that opened it.
        items: What a reading shows, by id.
        hidden: The ids of all other rows: items that have expired.
        vectors: By encoder id and item id.
        things: Derived bytes by kind and name; ``None`` where they went with an item.
        caches: Sealed caches by name.
        notes: Settings.
        n_pending: Erasures that wait to be finished.
        backups: The names of what lies beside the profile as a backup does.
    """

    key: bytes
    items: dict[str, SeenItem]
    hidden: frozenset[str]
    vectors: dict[tuple[str, str], bytes]
    things: dict[tuple[str, str], bytes | None]
    caches: dict[str, bytes]
    notes: dict[str, str]
    n_pending: int
    backups: frozenset[str]


def observe(me: Personalizer, key: bytes) -> Seen:
    """Read everything.

    Raises:
        OndeviceError: If something does not open.
    """
    vault = me.vault
    with vault.database.reading() as connection:
        ids = dict(connection.execute("SELECT row, id FROM items").fetchall())
        versions: dict[str, list[str]] = {}
        for item_id, text in connection.execute("SELECT item_id, text FROM versions ORDER BY row, version").fetchall():
            versions.setdefault(item_id, []).append(text)
        notes = dict(connection.execute("SELECT key, value FROM settings WHERE key LIKE ?", (f"{NOTE_PREFIX}%",)))
        n_pending = connection.execute("SELECT count(*) FROM pending_erasures").fetchone()[0]
    items = {
        item.id: SeenItem(
            text=item.text, title=str(item.fields.get("title", "")), earlier=tuple(versions.get(item.id, ()))
        )
        for item in me.items.list(limit=None)
    }
    vectors: dict[tuple[str, str], bytes] = {}
    for encoder_id in vault.vectors.encoders():
        rows, matrix, _ = vault.vectors.load(encoder_id)
        for row, vector in zip(rows.tolist(), matrix, strict=True):
            vectors[encoder_id, ids.get(row, f"row {row}")] = vector.astype("<f4").tobytes()
    things: dict[tuple[str, str], bytes | None] = {}
    for kind in THING_KINDS:
        for each in vault.derived.list(kind):
            things[kind, each.name] = vault.derived.read(kind, each.name) if each.is_there else None
    caches = {}
    for name in vault.sealed.names():
        if name.startswith(CACHE_PREFIX):
            with suppress(NotFoundError):
                caches[name] = vault.sealed.read(name, version=1)
    return Seen(
        key=key,
        items=items,
        hidden=frozenset(ids.values()) - items.keys(),
        vectors=vectors,
        things=things,
        caches=caches,
        notes=notes,
        n_pending=n_pending,
        backups=frozenset(path.name for path in vault.path.parent.glob(f"{BACKUP_PREFIX}*")),
    )
