"""Look for readable text in a folder's files, as someone would who has copied the disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MIN_WORD_CHARS = 6
PIECE_CHARS = 12
_HEAD_BYTES = 4
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scan:
    """What a scan read and found; it names no piece of text."""

    n_files: int
    n_bytes: int
    n_pieces: int
    n_found: int


def scan_for_text(folder: Path, texts: Iterable[str]) -> Scan:
    """Search every byte of every file under ``folder`` for any piece of the texts, in UTF-8 and UTF-16.

    Pieces are the words of six letters and more, and the text in overlapping runs of twelve characters: shorter
    ones would turn up by chance in megabytes of ciphertext.
    """
    pieces = {piece for text in texts for piece in _pieces(text)}
    needles = [piece.encode(encoding) for piece in pieces for encoding in ("utf-8", "utf-16-le")]
    heads_of_needles = {needle[:_HEAD_BYTES] for needle in needles}
    n_files = n_bytes = n_found = 0
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            n_files += 1
            n_bytes += len(data)
            # Most beginnings of a needle occur nowhere in the file, so one look at all of them spares a thousand.
            heads = _heads_in(data, heads_of_needles)
            n_found += sum(needle in data for needle in needles if needle[:_HEAD_BYTES] in heads)
    return Scan(n_files=n_files, n_bytes=n_bytes, n_pieces=len(pieces), n_found=n_found)


def _heads_in(data: bytes, heads: set[bytes]) -> set[bytes]:
    """Return those of the four-byte strings that occur anywhere in the data."""
    # Loaded here: every start of the command would pay a quarter of its time for what two commands use.
    import numpy as np

    n = len(data) - _HEAD_BYTES + 1
    if n < 1 or not heads:
        return set()
    there = np.concatenate([np.frombuffer(data, "<u4", (n - at + 3) // 4, at) for at in range(min(n, 4))])
    looked_for = np.sort(np.frombuffer(b"".join(heads), "<u4"))
    nearest = looked_for[np.searchsorted(looked_for[:-1], there)]
    return {head.tobytes() for head in np.unique(there[there == nearest])}


def _pieces(text: str) -> Iterator[str]:
    yield from (word for word in _WORD.findall(text) if len(word) >= MIN_WORD_CHARS)
    yield from (text[at : at + PIECE_CHARS] for at in range(0, len(text) - PIECE_CHARS + 1, PIECE_CHARS // 2))
