"""The values that a JSON schema names one by one, as literals of a grammar."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

MOST_DEEP = 100
"""Parts of a schema within one another, where what a reference leads to begins anew; the same holds for a value."""

MOST_PARTS = 10_000
"""Parts of a schema in all, and of the values of an enum."""

IS_OF_TYPE: Mapping[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def literals(schema: Mapping[str, Any]) -> str:
    """Return the expression for a schema with ``enum`` or ``const``.

    Raises:
        ValueError: If a value is no JSON, or not of the schema's type.
    """
    values = [schema["const"]] if "const" in schema else schema["enum"]
    kinds = schema.get("type", list(IS_OF_TYPE))
    named = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
    allowed = [IS_OF_TYPE[kind] for kind in named if kind in IS_OF_TYPE]
    if not isinstance(values, list) or not values:
        refuse("enum must be a list with values")
    if not all(any(is_of_type(value) for is_of_type in allowed) for value in values):
        refuse("a value of enum or const is not of the type")
    texts = _json_texts(values)
    if "const" in schema and "enum" in schema and texts[0] not in _json_texts(schema["enum"]):
        refuse("const is not among enum")
    return " | ".join(map(quoted, texts))


def _json_texts(values: object) -> list[str]:
    if not isinstance(values, list):
        refuse("enum must be a list with values")
    _check_size(values)
    try:
        return [json.dumps(value, ensure_ascii=False, allow_nan=False) for value in values]
    except (TypeError, ValueError):  # their messages quote the value
        refuse("a value of enum or const is not JSON")


def _check_size(values: list[Any]) -> None:
    """Refuse values that are too deep to be written, or lead back to themselves."""
    waiting: list[tuple[object, int]] = [(values, 0)]
    n_parts = 0
    while waiting:
        value, depth = waiting.pop()
        n_parts += 1
        if depth > MOST_DEEP or n_parts > MOST_PARTS:
            refuse(f"enum or const is nested more than {MOST_DEEP} deep, or has more than {MOST_PARTS} parts")
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
        waiting += [(each, depth + 1) for each in inner]


def quoted(text: str) -> str:
    """Return a text as a literal of a grammar."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def refuse(reason: str) -> NoReturn:
    """Say why a schema cannot be used; no reason quotes it.

    Raises:
        ValueError: Always.
    """
    raise ValueError(f"the JSON schema cannot be turned into a grammar: {reason}")
