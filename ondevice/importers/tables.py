"""Tables with a header line: a row is an item, a column its text, the others its fields."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Self

from ondevice.errors import InputError
from ondevice.importers.drafting import RecordPlace
from ondevice.importers.jsonl import draft_of
from ondevice.importers.opening import opened_text
from ondevice.records import Draft
from ondevice.safety.printable import one_line

DELIMITERS = (",", ";", "\t", "|")
METADATA_PREFIX = "metadata."
MAX_ROW_CHARS = 32 << 20


def read_csv(path: Path, *, text_column: str = "text", delimiter: str | None = None) -> Iterator[Draft]:
    """Yield a draft for each row of a table in UTF-8, plain or gzipped.

    Columns ``kind``, ``time``, ``expires_at`` and ``id`` mean what they mean in JSON Lines, ``metadata.NAME`` is
    metadata, every other column a field. Values stay strings, and none is a list; empty cells are left out.

    Args:
        path: The file; its first line names the columns.
        text_column: The column that is the text.
        delimiter: What stands between cells; ``None`` takes the one of ``, ; tab |`` that finds the text column.

    Raises:
        NotFoundError: If there is no such file.
        InputError: If there is no such column, or a row has the wrong form; it names the file and the line.
    """
    with opened_text(path) as file:
        lines = _Lines(file, path.name)
        header = next(lines, "")
        delimiter = delimiter or _delimiter(path, header, text_column)
        reader = csv.reader(chain([header], lines), delimiter=delimiter, strict=True)
        try:
            columns = _columns(path, next(reader, []), text_column)
            for cells in reader:
                lines.begin_row()
                if cells:
                    yield _draft(RecordPlace(path.name, f"line {reader.line_num}"), columns, cells)
        except csv.Error as error:
            RecordPlace(path.name, f"line {reader.line_num}").refuse(f"the row cannot be read: {error}")


class _Lines:
    """The lines of a table, as long as a row of them is not longer than one may be."""

    def __init__(self, file: io.TextIOWrapper, name: str) -> None:
        self._file, self._name = file, name
        self._n_lines = self._n_chars = 0

    def begin_row(self) -> None:
        """Let a new row begin with the next line; one with line ends in its cells goes over several."""
        self._n_chars = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        self._n_lines += 1
        line = self._file.readline(MAX_ROW_CHARS + 1)
        self._n_chars += len(line)
        if self._n_chars > MAX_ROW_CHARS:
            RecordPlace(self._name, f"line {self._n_lines}").refuse(
                f"the row is longer than {MAX_ROW_CHARS} characters"
            )
        if not line:
            raise StopIteration
        return line


def _delimiter(path: Path, header: str, text_column: str) -> str:
    widths = {}
    for delimiter in DELIMITERS:
        try:
            names = next(csv.reader([header], delimiter=delimiter), [])
        except csv.Error:
            continue  # no cell may be so long
        if text_column in (name.strip() for name in names):
            widths[delimiter] = len(names)
    if not widths:
        raise InputError(
            f"the table {one_line(path.name)!r} has no column {text_column!r} in its first line",
            hint="name it: --text-column",
        )
    return max(widths, key=lambda delimiter: widths[delimiter])


def _columns(path: Path, header: Sequence[str], text_column: str) -> list[str]:
    names = [name.strip() for name in header]
    if text_column not in names:
        raise InputError(
            f"the table {one_line(path.name)!r} has no column {text_column!r} in its first line",
            hint="name it: --text-column",
        )
    if len(set(names)) != len(names) or "" in names:
        raise InputError(f"the columns of the table {one_line(path.name)!r} must have {len(names)} different names")
    if text_column != "text" and "text" in names:
        names[names.index("text")] = "text (other)"
    names[names.index(text_column)] = "text"
    return names


def _draft(place: RecordPlace, columns: Sequence[str], cells: Sequence[str]) -> Draft:
    if len(cells) != len(columns):
        place.refuse(f"the row has {len(cells)} cells, but the first line names {len(columns)} columns")
    entry: dict[str, object] = {"text": ""}
    metadata: dict[str, object] = {}
    fields: dict[str, object] = {}
    for name, cell in zip(columns, cells, strict=True):
        if not cell:
            continue
        if name in ("text", "kind", "time", "expires_at", "id"):
            entry[name] = cell
        elif name.startswith(METADATA_PREFIX):
            metadata[name.removeprefix(METADATA_PREFIX)] = cell
        else:
            fields[name] = cell
    return draft_of(place, {**entry, "metadata": metadata, "fields": fields})
