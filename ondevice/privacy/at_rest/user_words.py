"""The user's own words, taken from a copy in order to be looked for; nothing shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import PurePath

from ondevice.errors import OndeviceError
from ondevice.learned.summaries import SUMMARY
from ondevice.privacy.at_rest.readings import flowing
from ondevice.privacy.at_rest.spellings import spellings
from ondevice.records import Item
from ondevice.safety.confined import Confined
from ondevice.safety.printable import one_line
from ondevice.vault.content import item_of
from ondevice.vault.vault import Vault

MIN_WHOLE_CHARS = 12
"""A shorter text is not looked for."""
MIN_OWN_CHARS = 20
MIN_FOREIGN_CHARS = 28
"""In a file that anybody may have written, shorter runs could be anybody's."""

_SUMMARY_CHARS = 60
"""A summary begins as everybody's does, and its shorter runs are the SDK's own words."""

_READ_CHARS = 400
_STEP_CHARS = 6
_WORD = re.compile(r"\w{4,}")
_MOST_WORDS = 200_000
WITHHELD = "(a name that holds the user's words)"


Kept = tuple[str, int, int]
"""A text, and how long the pieces of it are that are looked for where only the SDK writes, and elsewhere."""


class UserWords(Confined):
    """Pieces of a sample of items.

    Attributes:
        n_items: How many items there are.
        n_sampled: Of how many the pieces are.
        in_own: What to look for in the profile, and where only the SDK writes: runs of 20 characters.
        anywhere: What to look for elsewhere: runs of 28 characters. Of both, shorter texts as a whole.
    """

    def __init__(self, items: Iterable[Item], *, n_items: int, n_sampled: int, more: Iterable[Kept] = ()) -> None:
        """Take the pieces of every n-th item and of so many other texts, and the words of all."""
        self.n_items = n_items
        self.n_sampled = min(n_items, n_sampled)
        every = max(1, n_items // max(1, n_sampled))
        fine: list[bytes] = []
        coarse: list[bytes] = []
        words: set[str] = set()
        for number, item in enumerate(items):
            texts = [item.text, *_strings(item.fields.values()), *_strings(item.metadata.values())]
            if len(words) < _MOST_WORDS:
                words.update(word for text in texts for word in _WORD.findall(text.casefold()))
            if number % every == 0:
                for text in texts:
                    fine += _pieces(text, MIN_OWN_CHARS)
                    coarse += _pieces(text, MIN_FOREIGN_CHARS)
        for text, fine_chars, coarse_chars in islice(more, n_sampled):
            words.update(_WORD.findall(text.casefold()))
            fine += _pieces(text, fine_chars)
            coarse += _pieces(text, coarse_chars)
        self.in_own, self.anywhere = fine, coarse
        self._words: set[str] | None = words

    @classmethod
    def unread(cls) -> UserWords:
        """Stand for the words of a profile that does not open: every name could hold one."""
        words = cls((), n_items=0, n_sampled=0)
        words._words = None
        return words

    @classmethod
    def of(cls, vault: Vault, *, n_sampled: int) -> UserWords:
        """Read them from an open copy: of items, those that have expired too, of earlier wordings and of summaries."""
        with vault.database.reading() as connection:
            n_items = int(connection.execute("SELECT count(*) FROM items").fetchone()[0])
        items = map(item_of, vault.items.iterate_rows(at_us=0))
        return cls(items, n_items=n_items, n_sampled=n_sampled, more=_kept_texts(vault))

    def shown(self, path: str) -> str:
        """Return a path as a report may show it: a part that holds a word of the user's is withheld."""
        parts = PurePath(path).parts
        return str(PurePath(*(one_line(part) if self._is_harmless(part) else WITHHELD for part in parts)))

    def _is_harmless(self, name: str) -> bool:
        if self._words is None:
            return False
        folded = name.casefold()
        return not any(word in folded for word in self._words)

    def __repr__(self) -> str:
        """Tell the numbers alone."""
        return f"UserWords(n_items={self.n_items}, n_sampled={self.n_sampled})"


def _kept_texts(vault: Vault) -> Iterator[Kept]:
    """Yield what the profile keeps of the user's in other places than items: summaries and earlier wordings."""
    for kept in vault.derived.list(SUMMARY):
        with suppress(OndeviceError):  # whoever reads the sealed files tells that one is damaged
            text = vault.derived.read(SUMMARY, kept.name).decode("utf-8", "replace")
            yield text, _SUMMARY_CHARS, _SUMMARY_CHARS
    with vault.database.reading() as connection:
        for (text,) in connection.execute("SELECT text FROM versions ORDER BY row, version DESC"):
            yield text, MIN_OWN_CHARS, MIN_FOREIGN_CHARS


def _strings(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from _strings(value)


def _pieces(text: str, n_chars: int) -> Iterator[bytes]:
    """Yield what shows that a text was written somewhere, as a whole or in part, in any spelling."""
    stripped = text.strip()
    if len(stripped) < MIN_WHOLE_CHARS:
        return
    read = stripped[:_READ_CHARS]
    starts = range(0, max(1, len(read) - n_chars + 1), _STEP_CHARS)
    for start in starts:
        piece = read[start : start + n_chars].encode("utf-8", "replace")
        yield piece
        # As it is found where its own lines were broken anew.
        if len(joined := flowing(piece)) >= MIN_WHOLE_CHARS:
            yield joined
    # An encoding is broken nowhere that a text is not, so a few pieces are enough.
    for start in {0, starts[len(starts) // 2]}:
        yield from spellings(read[start : start + n_chars])
