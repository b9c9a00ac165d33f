"""Try the portable export in memory: is everything in it, and does it come back word for word?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ondevice.vault.portable import exported_lines
from ondevice.vault.portable_lines import read_header, read_line

if TYPE_CHECKING:
    from ondevice.vault.vault import Vault

_NAME = "the export"
_BATCH = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Exported:
    """What an export held when it was read again.

    Args:
        n_bytes: Its size.
        n_said: How many items its first line says it holds.
        n_items: How many it holds.
        n_same: How many of them are items of the profile, word for word.
        n_versions: Earlier wordings in it.
    """

    n_bytes: int
    n_said: int
    n_items: int
    n_same: int
    n_versions: int


def read_back(vault: Vault, on_item: Callable[[int], None]) -> Exported:
    """Write the export line by line into memory, and read each line as an import would; nothing reaches the disk.

    Args:
        vault: An open profile that nobody else changes.
        on_item: Told how many items were read.

    Raises:
        InputError: If a line has not the form that an import reads.
    """
    lines = exported_lines(vault)
    first = next(lines)
    header, n_bytes, n_items, n_same, n_versions = read_header(first, _NAME), len(first), 0, 0, 0
    digests: dict[str | None, bytes] = {}
    for line in lines:
        read = read_line(line, header, f"{_NAME}, line {n_items + 2}")
        digests[read.content.id] = vault.recognizer.digest_of(read.content)
        n_bytes, n_items, n_versions = n_bytes + len(line), n_items + 1, n_versions + len(read.versions)
        if len(digests) == _BATCH:
            n_same, digests = n_same + _count_same(vault, digests), {}
            on_item(n_items)
    n_same += _count_same(vault, digests)
    on_item(n_items)
    return Exported(n_bytes=n_bytes, n_said=header.n_items, n_items=n_items, n_same=n_same, n_versions=n_versions)


def _count_same(vault: Vault, digests: dict[str | None, bytes]) -> int:
    """Return how many items of the profile have the id and the content of one that was exported."""
    with vault.database.reading() as connection:
        sql = "SELECT id, digest FROM items WHERE id IN (SELECT value FROM json_each(?))"
        found = connection.execute(sql, (json.dumps(list(digests)),)).fetchall()
    return sum(digests[item_id] == digest for item_id, digest in found)
