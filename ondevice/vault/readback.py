"""Read the files back after an erasure and look for what should be gone.

What is proven: no run of 31 bytes or more of a forgotten row's text columns, and none of 159 bytes or more of
a forgotten vector, lies in any decrypted page of the database or its write-ahead log, unless what is left holds the
same run; the forgotten rows' search terms are held by exactly as many items as they should be; no separator key of the
search index begins such a term and no living one; and no term of six bytes or more that only forgotten items held lies
in a page's unused space. A row shorter than 31 bytes is looked for as a whole.

What is not: bytes outside these files. Blocks that the file system has freed may keep old pages, which are
encrypted; so may backups and exports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ondevice.vault.database import Database
from ondevice.vault.pages import USABLE_BYTES, Pages, database_pages, log_pages
from ondevice.vault.separators import dead_keys
from ondevice.vault.traces import Traces, living_text, living_vectors, terms_left
from ondevice.vault.windows import CERTAIN_BYTES, Hashes, Windows

VECTOR_STRIDE_BYTES = 128
_VECTOR_RUN = 8
_MIN_TERM_BYTES = 6
_TREE_HEADER_BYTES = {2: 12, 5: 12, 10: 8, 13: 8}
_FILE_HEADER_BYTES = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What was still there; all zero, with the control found, means an erasure is proven.

    Args:
        n_pages: Pages read.
        n_texts: Pieces of forgotten text in the database's pages.
        n_vectors: Pieces of forgotten vectors in them.
        n_in_log: Pieces of either in the write-ahead log.
        n_terms: Search terms that count too many or too few items, separate the index's pages, or lie in unused space.
        is_control_found: Whether a secret that must be there was found, which shows that the pages were read right.
    """

    n_pages: int
    n_texts: int
    n_vectors: int
    n_in_log: int
    n_terms: int
    is_control_found: bool

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found but the control."""
        return self.is_control_found and not (self.n_texts or self.n_vectors or self.n_in_log or self.n_terms)


def read_back(database: Database, traces: Traces, control: bytes) -> Findings:
    """Decrypt every page and look for the traces.

    Args:
        database: No one must be writing to it.
        traces: What was taken before the erasure.
        control: At least 31 bytes that lie in the database.
    """
    search = _Search(traces, control)
    for pages in database_pages(database.path, database.key):
        search.look(pages)
    in_file = search.taken()
    for pages in log_pages(_log_of(database.path), database.key):
        search.look(pages)
    in_log = search.taken()
    with database.reading() as connection:
        n_terms = terms_left(connection, traces) + dead_keys(connection, traces.gone_words) + in_file.n_terms
        text = living_text(connection) if in_file.has_text or in_log.has_text else b""
        vectors = living_vectors(connection) if in_file.has_vectors or in_log.has_vectors else b""
    return Findings(
        n_pages=in_file.n_pages,
        n_texts=search.texts_beyond(in_file, text),
        n_vectors=search.vectors_beyond(in_file, vectors),
        n_in_log=search.texts_beyond(in_log, text) + search.vectors_beyond(in_log, vectors),
        n_terms=n_terms,
        is_control_found=in_file.is_control_found or in_log.is_control_found,
    )


@dataclass(kw_only=True)
class _Seen:
    """What was found in one file, living text included."""

    texts: list[Hashes] = field(default_factory=list)
    vectors: list[Hashes] = field(default_factory=list)
    short: set[bytes] = field(default_factory=set)
    is_control_found: bool = False
    n_pages: int = 0
    n_terms: int = 0

    @property
    def has_text(self) -> bool:
        return any(map(len, self.texts)) or bool(self.short)

    @property
    def has_vectors(self) -> bool:
        return any(map(len, self.vectors))


class _Search:
    """Looks for the traces in one batch of pages after the other."""

    def __init__(self, traces: Traces, control: bytes) -> None:
        images = [image for image in traces.images if len(image.data) >= CERTAIN_BYTES]
        self._short = [image.data for image in traces.images if len(image.data) < CERTAIN_BYTES]
        self._texts = Windows([image.data for image in images], skip=[image.id_bytes for image in images])
        self._vectors = Windows(traces.vectors, every=VECTOR_STRIDE_BYTES, run=_VECTOR_RUN)
        self._control = Windows([control])
        self._term = _any_of(traces.exclusive_terms)
        self._seen = _Seen()

    def look(self, pages: Pages) -> None:
        seen, is_start = self._seen, self._seen.n_pages == 0
        seen.n_pages += len(pages)
        seen.texts.append(self._texts.found_in_pages(pages))
        seen.vectors.append(self._vectors.found_in_pages(pages))
        if not seen.is_control_found:
            seen.is_control_found = bool(len(self._control.found_in_pages(pages)))
        if self._short:
            data = pages.tobytes()
            seen.short.update(short for short in self._short if short in data)
        if self._term is not None:
            seen.n_terms += sum(len(self._term.findall(gap)) for gap in unused_space(pages, is_start=is_start))

    def taken(self) -> _Seen:
        """Return what was found since the last call."""
        seen, self._seen = self._seen, _Seen()
        return seen

    def texts_beyond(self, seen: _Seen, living: bytes) -> int:
        """Count the pieces of text that were found and that nothing left holds."""
        return sum(short not in living for short in seen.short) + _beyond(seen.texts, self._texts, living)

    def vectors_beyond(self, seen: _Seen, living: bytes) -> int:
        """Count the pieces of vectors that were found and that no vector left holds."""
        return _beyond(seen.vectors, self._vectors, living)


def unused_space(pages: Pages, *, is_start: bool) -> Iterable[bytes]:
    """Yield what is not zero in the space between a table or index page's cell pointers and its cells."""
    kinds = pages[:, 0].tolist()
    if is_start:
        kinds[0] = int(pages[0, _FILE_HEADER_BYTES])
    for number, kind in enumerate(kinds):
        header_bytes = _TREE_HEADER_BYTES.get(kind)
        if header_bytes is None:
            continue
        page = pages[number].tobytes()
        at = _FILE_HEADER_BYTES if is_start and number == 0 else 0
        start = at + header_bytes + 2 * int.from_bytes(page[at + 3 : at + 5], "big")
        end = int.from_bytes(page[at + 5 : at + 7], "big")
        if start < end <= USABLE_BYTES and page.count(0, start, end) < end - start:
            yield page[start:end]


def _beyond(found: list[Hashes], windows: Windows, living: bytes) -> int:
    there = np.unique(np.concatenate([np.empty(0, np.uint64), *found]))
    if not len(there):
        return 0
    return int(np.setdiff1d(there, windows.found_in(living), assume_unique=True).size)


def _any_of(terms: Iterable[bytes]) -> re.Pattern[bytes] | None:
    """Match the end of any term that is long enough: the index leaves out what a term shares with the one before it."""
    ends = {term[-_MIN_TERM_BYTES:] for term in terms if len(term) >= _MIN_TERM_BYTES}
    return re.compile(b"|".join(map(re.escape, sorted(ends)))) if ends else None


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")
