"""Look for readable words in a folder's files, as someone would who has copied the disk."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MIN_WORD_CHARS = 6
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scan:
    """What a scan read and found; it names no word."""

    n_files: int
    n_bytes: int
    n_words: int
    n_found: int


def scan_for_words(folder: Path, texts: Iterable[str]) -> Scan:
    """Search every byte of every file under ``folder`` for any longer word of the texts, in UTF-8 and UTF-16.

    Words of at least six letters are taken: shorter ones would turn up by chance in megabytes of ciphertext.
    """
    words = {word for text in texts for word in _WORD.findall(text) if len(word) >= MIN_WORD_CHARS}
    needles = [word.encode(encoding) for word in words for encoding in ("utf-8", "utf-16-le")]
    n_files = n_bytes = n_found = 0
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            n_files += 1
            n_bytes += len(data)
            n_found += sum(needle in data for needle in needles)
    return Scan(n_files=n_files, n_bytes=n_bytes, n_words=len(words), n_found=n_found)
