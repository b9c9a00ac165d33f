"""The rows of a table, one after the other, where some may be damaged.

A quotation mark that is never closed would make one row of all that follows. So a row has a limit, and where it cannot
be read its first line alone is given up: the lines behind it, which it took for its own, are read one by one.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, Self

from ondevice.importers.decoding import lines_of

MAX_ROW_CHARS = 8 << 20
_TOO_LONG = "it is longer than {} characters"


class Rows:
    """Yields each row as the number of its first line, and its cells, or the reason why it has none."""

    def __init__(self, file: BinaryIO, delimiter: str) -> None:
        """Read an open file in whatever encoding, whose cells a character separates."""
        # A limit of the whole process. An item may be longer than Python's own, and a row is bounded here already.
        csv.field_size_limit(max(csv.field_size_limit(), MAX_ROW_CHARS))
        self._delimiter = delimiter
        self._lines = _Lines(file)

    def __iter__(self) -> Iterator[tuple[int, list[str] | str]]:
        """Yield the rows; empty lines are none."""
        reader = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
        while True:
            number = self._lines.begin_row()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield number, f"the row cannot be read: {self._lines.excess or error}"
                for alone, line in self._lines.taken_since(number):
                    yield from self._alone(alone, line)
                continue
            if cells:
                yield number, cells

    def _alone(self, number: int, line: str) -> Iterator[tuple[int, list[str] | str]]:
        try:
            cells = next(csv.reader([line], delimiter=self._delimiter, strict=True), [])
        except csv.Error as error:
            yield number, f"the row cannot be read: {error}"
            return
        if cells:
            yield number, cells


class _Lines:
    """The lines of a table, as long as a row of them is not longer than one may be."""

    def __init__(self, file: BinaryIO) -> None:
        self._lines = lines_of(file, limit=MAX_ROW_CHARS)
        self._row: deque[tuple[int, str]] = deque()
        self._n_lines = self._n_chars = 0
        self.excess = ""

    def begin_row(self) -> int:
        """Let a new row begin with the next line, and return its number."""
        self._row.clear()
        self._n_chars, self.excess = 0, ""
        return self._n_lines + 1

    def taken_since(self, number: int) -> list[tuple[int, str]]:
        """Return the lines behind this one that were taken for the row's."""
        return [(each, line) for each, line in self._row if each > number]

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        self._n_lines, line = next(self._lines)
        if line is not None:
            self._n_chars += len(line)
            self._row.append((self._n_lines, line))
        if line is None or self._n_chars > MAX_ROW_CHARS:
            self.excess = _TOO_LONG.format(MAX_ROW_CHARS)
            raise csv.Error
        return line
