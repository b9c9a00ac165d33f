"""Tell apart what SQLite uses of a database's pages, and what merely lies in them.

Source: the file format as SQLite documents it (sqlite.org/fileformat2.html). Nothing of SQLite is used: what it does
not show is what is looked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ondevice.privacy.erasure.decrypting import USABLE_BYTES

_FILE_HEADER_BYTES = 100
_TREE_HEADER_BYTES = {2: 12, 5: 12, 10: 8, 13: 8}
_TABLE_INTERIOR, _TABLE_LEAF = 5, 13
_CHILDREN = (2, 5)
_CHAINED_BYTES = USABLE_BYTES - 4
_LEAST_CELL_BYTES = 4


@dataclass(kw_only=True, slots=True)
class Anatomy:
    """What was found in the pages.

    Args:
        live: The payload of every cell, overflow pages included.
        unused: What is not zero and belongs to no cell, header or list: free pages, freed cells, gaps, tails.
        n_free: Free pages.
        n_pages: All pages.
    """

    live: list[bytes] = field(default_factory=list, repr=False)
    unused: list[bytes] = field(default_factory=list, repr=False)
    n_free: int = 0
    n_pages: int = 0


def dissect(pages: Sequence[bytes]) -> Anatomy:
    """Take a database apart.

    Args:
        pages: The usable part of each page, in the file's order.
    """
    found = Anatomy(n_pages=len(pages))
    free = _free(pages, found)
    chained: dict[int, int] = {}
    for number, page in enumerate(pages, 1):
        at = _FILE_HEADER_BYTES if number == 1 else 0
        if number not in free and page[at] in _TREE_HEADER_BYTES:
            _take_apart(pages, page, at, found, chained)
    for number, page in enumerate(pages, 1):
        if number in free or page[_FILE_HEADER_BYTES if number == 1 else 0] in _TREE_HEADER_BYTES:
            continue
        # Either a cell's overflow, of which the end may be unused, or a page that nothing refers to.
        _keep(found, page[4 + chained[number] if number in chained else 0 :])
    return found


def _free(pages: Sequence[bytes], found: Anatomy) -> set[int]:
    """Return the numbers of the free pages, and keep what they hold."""
    free: set[int] = set()
    trunk = int.from_bytes(pages[0][32:36], "big") if pages else 0
    while 1 < trunk <= len(pages) and trunk not in free:
        page = pages[trunk - 1]
        count = min(int.from_bytes(page[4:8], "big"), (USABLE_BYTES - 8) // 4)
        leaves = {int.from_bytes(page[8 + 4 * i : 12 + 4 * i], "big") for i in range(count)}
        leaves = {leaf for leaf in leaves if 1 < leaf <= len(pages)}
        free |= {trunk, *leaves}
        _keep(found, page[8 + 4 * count :])
        for leaf in sorted(leaves):
            _keep(found, pages[leaf - 1])
        trunk = int.from_bytes(page[:4], "big")
    found.n_free = len(free)
    return free


def _take_apart(pages: Sequence[bytes], page: bytes, at: int, found: Anatomy, chained: dict[int, int]) -> None:
    kind = page[at]
    header = _TREE_HEADER_BYTES[kind]
    count = int.from_bytes(page[at + 3 : at + 5], "big")
    end_of_pointers = at + header + 2 * count
    used = [(0, min(end_of_pointers, USABLE_BYTES))]
    for start in (int.from_bytes(page[i : i + 2], "big") for i in range(at + header, end_of_pointers, 2)):
        if not end_of_pointers <= start < USABLE_BYTES:
            continue
        end, payload = _cell(pages, page, kind, start, chained)
        used.append((start, max(end, start + _LEAST_CELL_BYTES)))
        if payload:
            found.live.append(payload)
    last = 0
    for start, end in sorted(used):
        _keep(found, page[last:start])
        last = max(last, end)
    _keep(found, page[last:])


def _cell(pages: Sequence[bytes], page: bytes, kind: int, start: int, chained: dict[int, int]) -> tuple[int, bytes]:
    """Return where a cell ends in its page, and its whole payload."""
    at = start + (4 if kind in _CHILDREN else 0)
    size, at = varint(page, at)
    if kind == _TABLE_INTERIOR:
        return at, b""
    if kind == _TABLE_LEAF:
        _, at = varint(page, at)
    local = _local_bytes(size, is_table=kind == _TABLE_LEAF)
    parts = [page[at : at + local]]
    at += local
    left = size - local
    if left > 0:
        following = int.from_bytes(page[at : at + 4], "big")
        at += 4
        while left > 0 and 1 < following <= len(pages) and following not in chained:
            chained[following] = min(left, _CHAINED_BYTES)
            parts.append(pages[following - 1][4 : 4 + chained[following]])
            left -= chained[following]
            following = int.from_bytes(pages[following - 1][:4], "big")
    return at, b"".join(parts)


def _local_bytes(size: int, *, is_table: bool) -> int:
    """Return how much of a payload lies in the cell itself."""
    most = USABLE_BYTES - 35 if is_table else (USABLE_BYTES - 12) * 64 // 255 - 23
    if size <= most:
        return size
    least = (USABLE_BYTES - 12) * 32 // 255 - 23
    local = least + (size - least) % _CHAINED_BYTES
    return local if local <= most else least


def varint(data: bytes, at: int) -> tuple[int, int]:
    """Read SQLite's integer of 1 to 9 bytes; return it and where the next byte is. Past the end there are zeros."""
    value = 0
    for i in range(9):
        byte = data[at + i] if at + i < len(data) else 0
        if i == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + i + 1
    raise AssertionError("nine bytes end every such integer")


def _keep(found: Anatomy, data: bytes) -> None:
    if data.count(0) < len(data):
        found.unused.append(data)
