"""A study's kept file: JSON in which a table names its columns once and stands one record to a line.

Floats keep seven digits. They are rounded so that rounding them again, to the fewer digits of a table, gives what the
unrounded number would have given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_05UP, Context
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"

_KEPT = Context(prec=7, rounding=ROUND_05UP)
_TABLE = {"columns", "records"}


def write_study(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document whose lists of records, all with the same keys, become tables; folders are created."""
    parts = (f"{_compact(key)}:{_part(value)}" for key, value in document.items())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", "utf-8")


def read_study(path: Path) -> dict[str, Any]:
    """Return the document that :func:`write_study` wrote, with its rounded floats; other JSON is read as it is."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return {key: _records(value) if _is_table(value) else value for key, value in found.items()}


def kept(value: float) -> float:
    """Return what is kept of a float: seven digits, or all of a whole number."""
    if not value % 1:
        return value
    # By way of twelve digits, so that 0.30000000000000004 is 0.3.
    return float(_KEPT.create_decimal(f"{value:.12g}"))


def _part(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if not isinstance(value, list) or not _are_records(value):
        return _compact(value)
    columns = [_column(name, [record[name] for record in value]) for name in value[0]]
    lines = ",\n".join(_compact([_cell(column, record) for column in columns]) for record in value)
    return f'{{"columns":{_compact(columns)},"records":[\n{lines}\n]}}'


def _are_records(values: Sequence[Any]) -> bool:
    return bool(values) and all(isinstance(each, dict) and list(each) == list(values[0]) for each in values)


def _column(name: str, values: Sequence[Any]) -> str | dict[str, list[str]]:
    """Return a column's name, and the keys of its cells where they are objects of the same keys, or empty."""
    filled = [value for value in values if value != {}]
    return {name: list(filled[0])} if _are_records(filled) else name


def _cell(column: str | dict[str, list[str]], record: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(column, str):
        return _rounded(record[column])
    (name,) = column
    return [_rounded(value) for value in record[name].values()]


def _rounded(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return kept(value) if isinstance(value, float) else value


def _is_table(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return isinstance(value, dict) and value.keys() == _TABLE


def _records(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for cells in table["records"]:
        record = {}
        for column, cell in zip(table["columns"], cells, strict=True):
            if isinstance(column, str):
                record[column] = cell
            else:
                ((name, keys),) = column.items()
                record[name] = dict(zip(keys, cell, strict=True)) if cell else {}
        found.append(record)
    return found


def _compact(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
