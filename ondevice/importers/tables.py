"""Tables with a header line: a row is an item, a column its text, the others its fields."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from ondevice.errors import InputError
from ondevice.importers.columns import roles_of
from ondevice.importers.dates import is_day_first
from ondevice.importers.decoding import is_text, text_of
from ondevice.importers.drafting import RecordPlace
from ondevice.importers.entries import Entries
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.reading import attempted, drafts_of, of_members
from ondevice.importers.rows import Rows
from ondevice.importers.source import HEAD_BYTES, Member, Source
from ondevice.records import Draft

DELIMITERS = (",", ";", "\t", "|")
SUFFIXES = (".csv", ".tsv", ".tab")
METADATA_PREFIX = "metadata."
_N_SAMPLED = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Tables:
    """Tables in CSV and its relatives, with commas, semicolons, tabs or bars, in whatever encoding.

    Columns are known by what they are called in a dozen languages (``text``, ``Inhalt``, ``fecha`` …), or as
    ``ReadOptions.columns`` says. ``kind``, ``time``, ``expires_at`` and ``id`` mean what they mean in JSON Lines,
    ``metadata.NAME`` is metadata, every other column a field. Values stay texts, none is a list, and empty cells are
    left out. An ``id`` names its row: where the row has changed since, its item is updated.

    Args:
        delimiter: What stands between cells; ``None`` takes the one that makes most columns.
    """

    name: str = "csv"
    title: str = "tables (CSV, TSV)"
    delimiter: str | None = None

    def fits(self, source: Source) -> bool:
        """Say whether the first line of each file has a column of text, or at least its name says that it is one."""
        members = list(islice(source.members(), _N_SAMPLED))
        if not source.is_single and not all(member.suffix in SUFFIXES for member in members):
            return False
        return bool(members) and _looks_like_one(members[0])

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield a thing for each row.

        Raises:
            InputError: If a first line has no column of text, or names two columns alike.
        """
        return of_members(source, SUFFIXES, lambda member: self._read(member, options))

    def _read(self, member: Member, options: ReadOptions) -> Reading:
        said, line = _first_line(member.head(HEAD_BYTES))
        delimiter = self.delimiter or said or _widest(line, options.columns)
        with member.opened() as file:
            rows = iter(Rows(file, delimiter))
            if said is not None:
                next(rows)
            _, header = next(rows, (0, []))
            columns = _columns(member, header, options.columns)
            first = list(islice(rows, _N_SAMPLED))
            roles = roles_of(columns, options.columns)
            entries = Entries(options, roles=roles, day_first=_day_first(columns, roles, first))
            for number, cells in chain(first, rows):
                place = RecordPlace(member.place, f"line {number}")
                if isinstance(cells, str):
                    yield Skipped(place=str(place), reason="broken", detail=cells)
                else:
                    yield attempted(place, _found, entries, columns, cells)


def read_csv(path: Path, *, text_column: str = "text", delimiter: str | None = None) -> Iterator[Draft]:
    """Yield a draft for each row of a table, plain or gzipped, as :class:`Tables` reads it.

    Args:
        path: The file; its first line names the columns.
        text_column: The column that is the text.
        delimiter: What stands between cells; ``None`` takes the one of ``, ; tab |`` that finds the text column.

    Raises:
        NotFoundError: If there is no such file.
        InputError: If there is no such column, or at the first row of the wrong form; it names the file and the line.
    """
    options = ReadOptions(columns={"text": text_column})
    return drafts_of(Tables(delimiter=delimiter), path, options)


def _looks_like_one(member: Member) -> bool:
    head = member.head()
    said, first = _first_line(head)
    if not is_text(head) or not first.strip() or first.lstrip().startswith(("{", "[", "<")):
        return False
    if member.suffix in SUFFIXES or said is not None:
        return True
    # A note may well begin with "Message, Monday": nothing but columns has two such names and no other words.
    names = _split(first, _widest(first, {}))
    roles = roles_of(names, {}).values()
    return "" not in names and "text" in roles and len(roles) > 1


def _first_line(head: bytes) -> tuple[str | None, str]:
    """Return the delimiter that a spreadsheet's line ``sep=;`` says, if there is one, and the line of the columns."""
    first, _, rest = text_of(head).partition("\n")
    if first.lower().startswith("sep=") and (said := first.rstrip("\r")[4:]) in DELIMITERS:
        return said, rest.partition("\n")[0].rstrip("\r")
    return None, first.rstrip("\r")


def _widest(header: str, told: Mapping[str, str]) -> str:
    """Return the delimiter that makes most columns, with one of text among them if any does so."""

    def worth(delimiter: str) -> tuple[bool, int]:
        names = _split(header, delimiter)
        return "text" in roles_of(names, told).values(), len(names)

    return max(DELIMITERS, key=worth)


def _split(header: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _columns(member: Member, header: Sequence[str] | str, told: Mapping[str, str]) -> list[str]:
    names = [] if isinstance(header, str) else [name.strip() for name in header]
    if "text" not in roles_of(names, told).values():
        raise InputError(
            f"the table {member.place!r} has no column {told.get('text', 'text')!r} in its first line",
            hint="name it: --map text=COLUMN",
        )
    if len(set(names)) != len(names) or "" in names:
        raise InputError(f"the columns of the table {member.place!r} must have {len(names)} different names")
    return names


def _day_first(
    columns: Sequence[str], roles: Mapping[str, str], rows: Sequence[tuple[int, list[str] | str]]
) -> bool | None:
    places = [number for number, name in enumerate(columns) if roles.get(name) == "time"]
    return is_day_first(
        cells[place] for place in places for _, cells in rows if isinstance(cells, list) and place < len(cells)
    )


def _found(place: RecordPlace, entries: Entries, columns: Sequence[str], cells: Sequence[str]) -> Found:
    if len(cells) != len(columns):
        place.refuse(f"the row has {len(cells)} cells, but the first line names {len(columns)} columns")
    entry: dict[str, object] = {}
    metadata: dict[str, object] = {}
    for name, cell in zip(columns, cells, strict=True):
        if not cell and entries.roles.get(name) != "text":
            continue
        if name.startswith(METADATA_PREFIX):
            metadata[name.removeprefix(METADATA_PREFIX)] = cell
        else:
            entry[name] = cell
    return entries.found(place, {**entry, "metadata": metadata})
