"""Which items were handed to which client: written into the profile's own event log before they leave.

The log is encrypted with the profile, and no entry can be changed or taken out unseen. It also outlives what is
forgotten. So an entry holds no item's id, but a fingerprint of it: whoever knows an id, of an item or of a receipt, can
ask who has read it, and nobody learns an id from the log.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ondevice import Personalizer

KIND = "handed-out"
UNKNOWN_CLIENT = "unknown"

_NO_WORD = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_CHARS = 64
_FINGERPRINT_DIGITS = 32
_ITEM = "item-"


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOut:
    """Items that went to a client at one time, by one tool. A client names itself, which proves nothing."""

    at: datetime
    client: str
    tool: str
    n_items: int


def client_word(name: str | None) -> str:
    """Return a client's name as a word that the log takes."""
    return _NO_WORD.sub("-", name or "")[:_MAX_CHARS].strip("-") or UNKNOWN_CLIENT


def note_handed_out(me: Personalizer, ids: Sequence[str], *, client: str, tool: str) -> None:
    """Log that these items are handed to a client; on a read-only medium the log takes nothing.

    Raises:
        StorageError: If the log cannot be written: then nothing may be handed out.
    """
    if ids:
        items = {f"{_ITEM}{number}": _fingerprint(me, item_id) for number, item_id in enumerate(ids, 1)}
        me.vault.events.append(KIND, client=client, tool=tool, items=len(ids), **items)


def read_ledger(me: Personalizer, *, item_id: str | None = None) -> list[HandedOut]:
    """Return what was handed out, oldest first.

    Args:
        me: The open profile.
        item_id: Only what held this item, which may be forgotten since.
    """
    sought = None if item_id is None else _fingerprint(me, item_id)
    return [
        HandedOut(
            at=event.at,
            client=str(event.details["client"]),
            tool=str(event.details["tool"]),
            n_items=int(event.details["items"] or 0),
        )
        for event in me.vault.events.list(limit=None)
        if event.kind == KIND and (sought is None or sought in event.details.values())
    ]


def _fingerprint(me: Personalizer, item_id: str) -> str:
    return hashlib.sha256(f"{me.vault.profile_id}/{item_id}".encode()).hexdigest()[:_FINGERPRINT_DIGITS]
