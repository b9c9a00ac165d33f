"""Which items were handed to which client: written into the profile's own event log before they leave.

The log is encrypted with the profile, and no entry can be changed or taken out unseen. An entry holds ids and two
words, never what an item says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ondevice import Personalizer

KIND = "handed-out"
UNKNOWN_CLIENT = "unknown"

_NO_WORD = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_CHARS = 64


def client_word(name: str | None) -> str:
    """Return a client's name as a word that the log takes."""
    return _NO_WORD.sub("-", name or "")[:_MAX_CHARS].strip("-") or UNKNOWN_CLIENT


def note_handed_out(me: Personalizer, ids: Sequence[str], *, client: str, tool: str) -> None:
    """Log that these items are handed to a client; on a read-only medium the log takes nothing.

    Raises:
        StorageError: If the log cannot be written: then nothing may be handed out.
    """
    if ids:
        items = {f"item-{number}": item_id for number, item_id in enumerate(ids, 1)}
        me.vault.events.append(KIND, client=client, tool=tool, items=len(ids), **items)
