"""Feedback in files: one JSON object a line, all of one kind and origin."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from export.errors import DatasetError
from export.gate.given_files import read_given
from ondevice.errors import StorageError
from ondevice.safety.strict_json import parse_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MAX_FILE_BYTES = 2 << 30

Record = TypeVar("Record")


def write_lines(path: Path, values: Sequence[Mapping[str, Any]]) -> None:
    """Write JSON objects, one a line; the file appears whole or not at all.

    Raises:
        StorageError: If the disk refuses.
    """
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values), "utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StorageError(f"{path.name!r} cannot be written: {error.strerror}") from None


def write_records(path: Path, records: Sequence[DataclassInstance]) -> None:
    """Write records as :func:`read_records` reads them; raises as :func:`write_lines`."""
    write_lines(path, [asdict(record) for record in records])


def read_records(
    path: Path, made_of: Callable[[dict[str, Any]], Record], *, on: str, origin: Callable[[Record], object], other: str
) -> list[Record]:
    """Read what :func:`write_records` wrote.

    Args:
        path: The file.
        made_of: Makes a record of a line's object, or raises a built-in error.
        on: What the feedback is on.
        origin: What all records have in common.
        other: What to say of a line that has not.

    Raises:
        NotFoundError: If there is no such file.
        DatasetError: If a line is something else, or of another origin than the first; it names the line.
        StorageError: If it cannot be read.
    """
    records: list[Record] = []
    for number, value in enumerate(_objects(path), start=1):
        try:
            records.append(made_of(value))
        except (ValueError, TypeError, KeyError):
            raise DatasetError(f"{path.name!r}, line {number}: it is no feedback on {on}") from None
        if origin(records[-1]) != origin(records[0]):
            raise DatasetError(f"{path.name!r}, line {number}: {other}")
    return records


def _objects(path: Path) -> list[dict[str, Any]]:
    try:
        lines = read_given(path, limit_bytes=MAX_FILE_BYTES).decode("utf-8").split("\n")
        values = [parse_json(line) for line in lines if line]
    except ValueError:
        values = []
    if not values or not all(isinstance(value, dict) for value in values):
        raise DatasetError(f"{path.name!r} does not hold one JSON object a line")
    return values
