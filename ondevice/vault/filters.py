"""A filter as SQL: fixed fragments, with every value bound and every operator known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ondevice.records import Condition, Filter, Scalar
from ondevice.vault.content import check_scalar
from ondevice.vault.times import to_micros

ALIVE = "(items.expires_us IS NULL OR items.expires_us > ?)"
"""The condition every read has; its parameter is the present."""

_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_OF_KEY = "SELECT 1 FROM json_each(items.metadata) AS m WHERE m.key = ?"


def where(filter: Filter | None) -> tuple[str, list[Any]]:
    """Return the SQL condition on ``items``, and its parameters; ``1`` where everything passes.

    A condition compares within one type: a number with numbers, a text with texts, ``True`` only with
    ``True``. ``None`` means that the key is null or not there; ``ne`` also holds where it is not there.

    Raises:
        ValueError: If an operator is unknown, a value has no order, or a time no zone.
        TypeError: If a part of the filter has another type than it may have.
    """
    if filter is None:
        return "1", []
    if not isinstance(filter, Filter):
        raise TypeError(f"a filter is a Filter, not {type(filter).__name__}")
    parts: list[str] = []
    values: list[Any] = []
    for column, names in (("kind", filter.kinds), ("id", filter.ids)):
        if names is not None:
            _require_strings(names, column)
            parts.append(f"items.{column} IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(list(names)))
    if filter.since is not None:
        parts.append("items.time_us >= ?")
        values.append(to_micros(filter.since, "since"))
    if filter.until is not None:
        parts.append("items.time_us < ?")
        values.append(to_micros(filter.until, "until"))
    if not isinstance(filter.metadata, Mapping):
        raise TypeError(f"a filter's metadata is a mapping, not {type(filter.metadata).__name__}")
    for key, condition in filter.metadata.items():
        if not isinstance(key, str):
            raise TypeError(f"a metadata key is a str, not {type(key).__name__}")
        part, more = _metadata(key, condition)
        parts.append(part)
        values.extend(more)
    return " AND ".join(parts) or "1", values


def _metadata(key: str, condition: Condition) -> tuple[str, list[Any]]:
    if "\0" in key:
        raise ValueError("a metadata key holds the character U+0000, which no item has")
    if isinstance(condition, Mapping):
        if not condition:
            raise ValueError("a metadata condition has no operator: use gt, gte, lt, lte or ne")
        tests = [_operator(key, name, value) for name, value in condition.items()]
        return " AND ".join(part for part, _ in tests), [value for _, more in tests for value in more]
    if isinstance(condition, list | tuple | set | frozenset):
        tests = [_equal(key, value) for value in condition]
        return "(" + (" OR ".join(part for part, _ in tests) or "0") + ")", [v for _, more in tests for v in more]
    return _equal(key, condition)


def _operator(key: str, name: str, value: Scalar) -> tuple[str, list[Any]]:
    if name == "ne":
        part, values = _equal(key, value)
        return f"NOT {part}", values
    if name not in _COMPARISONS:
        raise ValueError(f"there is no metadata operator {name!r}: use gt, gte, lt, lte or ne")
    check_scalar(value, "metadata")
    if value is None or isinstance(value, bool):
        raise ValueError(f"the metadata operator {name} needs a number or a text")
    return f"EXISTS ({_OF_KEY} AND {_types(value)} AND m.value {_COMPARISONS[name]} ?)", [key, value]


def _equal(key: str, value: Scalar) -> tuple[str, list[Any]]:
    check_scalar(value, "metadata")
    if value is None:
        return f"NOT EXISTS ({_OF_KEY} AND m.type <> 'null')", [key]
    if isinstance(value, bool):
        return f"EXISTS ({_OF_KEY} AND m.type = ?)", [key, "true" if value else "false"]
    return f"EXISTS ({_OF_KEY} AND {_types(value)} AND m.value = ?)", [key, value]


def _types(value: str | int | float) -> str:
    return "m.type = 'text'" if isinstance(value, str) else "m.type IN ('integer', 'real')"


def _require_strings(values: object, what: str) -> None:
    if isinstance(values, str) or not isinstance(values, list | tuple | set | frozenset):
        raise TypeError(f"a filter's {what}s come as a tuple of str")
    if not all(isinstance(value, str) for value in values):
        raise TypeError(f"a filter's {what}s are str")
