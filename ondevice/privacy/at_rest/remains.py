"""What lies readable where the SDK works, and in the profile itself: the user's words, keys, core files, logs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ondevice.privacy.at_rest.formats import HEAD_BYTES, format_of, is_core, is_text, unpacked
from ondevice.privacy.at_rest.marks import unmarked
from ondevice.privacy.at_rest.needles import Needles
from ondevice.privacy.at_rest.places import Located
from ondevice.privacy.at_rest.published import is_published
from ondevice.privacy.at_rest.reading import PART_BYTES, Budget, head_of
from ondevice.privacy.at_rest.readings import flowing, readings
from ondevice.privacy.at_rest.user_words import UserWords
from ondevice.privacy.findings import Finding

TEXT, KEY, VECTOR = "text", "key", "vector"
_MOST_NAMED = 5
_AS_BLANKS = bytes.maketrans(b"-_+.", b"    ")
_LARGE_BYTES = 1 << 20
_MOST_LAYERS = 2
"""As base64 of a compressed log; deeper packing is not opened."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What to look for: the user's own words, and spellings of the profile's keys and of items' vectors.

    Args:
        in_own: In the profile, and where only the SDK writes.
        anywhere: In files that anybody may have written.
        words: The user's, which no name in a report may show.
    """

    in_own: Needles
    anywhere: Needles
    words: UserWords

    @classmethod
    def of(cls, words: UserWords, keys: Sequence[bytes], vectors: Sequence[bytes] = ()) -> Self:
        """Take the words' pieces, the keys, and the spellings of vectors."""
        return cls(
            in_own=Needles({TEXT: words.in_own, KEY: keys, VECTOR: vectors}),
            anywhere=Needles({TEXT: words.anywhere, KEY: keys, VECTOR: vectors}),
            words=words,
        )


@dataclass(kw_only=True)
class Remains:
    """Where what was found, so that a folder with a thousand such files is one finding.

    Attributes:
        files: Code and place → the files' names, as a report may show them.
        n_pieces: Code and place → how many pieces were found.
    """

    files: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    n_pieces: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, code: str, place: str, name: str, n_pieces: int) -> None:
        """Note a file."""
        if n_pieces:
            self.files.setdefault((code, place), []).append(name)
            self.n_pieces[code, place] += int(n_pieces)

    def add_counts(self, place: str, name: str, counts: Counter[str]) -> None:
        """Note what was found in a file."""
        self.add("user-text", place, name, counts[TEXT])
        self.add("key-bytes", place, name, counts[KEY])
        self.add("user-vector", place, name, counts[VECTOR])

    def findings(self) -> Iterator[Finding]:
        """Say what was found, once for each kind and place."""
        for (code, place), names in self.files.items():
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            files = f"{len(names)} {'file' if len(names) == 1 else 'files'} ({', '.join(names[:_MOST_NAMED])}{more})"
            yield _finding(code, place, files, self.n_pieces[code, place])


def look_through(files: Iterable[Located], wanted: Wanted, budget: Budget) -> Iterator[Finding]:
    """Look through files outside the profile, as far as the budget goes.

    The small ones come first, so that a few large ones leave no log unread; of these the SDK's own, then the newest.
    """
    remains = Remains()
    for file in sorted(
        files, key=lambda file: (file.size > _LARGE_BYTES, not file.is_own, not file.bears_name, -file.changed_ns)
    ):
        _look_at(file, wanted, budget, remains)
    yield from remains.findings()


def _look_at(file: Located, wanted: Wanted, budget: Budget, remains: Remains) -> None:
    head = head_of(file.path, HEAD_BYTES)
    counts = counted(file.path, budget, wanted.in_own if file.is_own else wanted.anywhere, name=file.within)
    is_core_file = is_core(format_of(head or b""))
    is_strange = file.is_own and not file.is_of_model and bool(head) and is_text(head or b"")
    if counts or is_core_file or is_strange:
        # A name is compared with all words of the user's, which takes longer than most files.
        place, name = file.place.name, wanted.words.shown(file.within)
        if counts[TEXT] and not counts[KEY] and not file.is_own and is_published(file.path):
            remains.add("published-text", place, name, counts[TEXT])
            counts = Counter()
        remains.add_counts(place, name, counts)
        remains.add("core-file", place, name, is_core_file)
        remains.add("own-folder-text", place, name, is_strange and not counts[TEXT])


def counted(path: Path, budget: Budget, needles: Needles, *, name: str | None = None) -> Counter[str]:
    """Return how often needles of each kind are found in a file, in what lies packed or encoded in it, and in its name.

    Args:
        path: The file.
        budget: Counts what is read.
        needles: What to look for.
        name: Its name with those of the folders that count as well; its own alone by default.
    """
    named = os.fsencode(path.name if name is None else name)
    # A title makes a name, with other marks between its words.
    counts = needles.found_in(named) | needles.found_in(named.translate(_AS_BLANKS))
    for part in budget.parts(path, overlap=needles.longest):
        counts += _found(part, needles, _MOST_LAYERS)
    return counts


def _found(data: bytes, needles: Needles, n_layers: int) -> Counter[str]:
    """Count in these bytes, and in so many layers of what lies packed or encoded in them."""
    counts = needles.found_in(data) | needles.found_in(flowing(data))
    for plain in unmarked(data):  # marks of marks are read at once
        counts |= needles.found_in(plain)
    if n_layers:
        for inner in (*readings(data), *unpacked(data[:PART_BYTES])):
            counts += _found(inner, needles, n_layers - 1)
    return counts


def _finding(code: str, place: str, files: str, n_pieces: int) -> Finding:
    code = f"at-rest/{code}"
    if code.endswith("/user-text"):
        return Finding(
            code=code,
            level="high",
            text=f"text of the user's can be read in {place}, in {files}; pieces of items found: {n_pieces}",
            hint="delete it, and stop what writes it: an app's log, a crash reporter, an import or export left there",
        )
    if code.endswith("/key-bytes"):
        return Finding(
            code=code,
            level="high",
            text=f"a key of the profile's can be read in {place}, in {files}; times found: {n_pieces}",
            hint="delete it, and give the profile a new key: ondevice rekey",
        )
    if code.endswith("/user-vector"):
        return Finding(
            code=code,
            level="high",
            text=f"vectors of the user's items can be read in {place}, in {files}; pieces of vectors found: {n_pieces}",
            hint="delete it, and stop what writes it: much of a text can be read back from its vector",
        )
    if code.endswith("/core-file"):
        return Finding(
            code=code,
            level="medium",
            text=f"core files lie in {place}, and can hold a process's keys and texts: {files}",
            hint="delete them, and call ondevice.protect_process() before a profile is opened",
        )
    if code.endswith("/published-text"):
        return Finding(
            code="at-rest/published-text",
            level="note",
            text=f"text as the user's stands in {place}, as Git or a package's record has it, in {files}",
            hint="nothing, where items were taken from there; otherwise take the text out of what is published",
        )
    return Finding(
        code=code,
        level="note",
        text=f"the SDK did not write what can be read in {place}, in {files}; no text of the user's was found in it",
        hint="look at what it is: an app's log may come to hold more",
    )
