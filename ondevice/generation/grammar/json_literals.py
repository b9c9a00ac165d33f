"""The values that a JSON schema names one by one, as literals of a grammar."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ondevice.generation.grammar.json_keywords import OF_ARRAYS, OF_OBJECTS, inside, refuse
from ondevice.generation.grammar.json_numbers import NumberLimits
from ondevice.generation.grammar.json_texts import TextLimits, widest

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


def literals(schema: Mapping[str, Any], place: str) -> str:
    """Return the expression for a part of a schema with ``enum`` or ``const``.

    Raises:
        ValueError: If a value is no JSON, or does not follow the rest of the part.
    """
    values = [schema["const"]] if "const" in schema else schema["enum"]
    kinds = schema.get("type", list(IS_OF_TYPE))
    named = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
    allowed = [IS_OF_TYPE[kind] for kind in named if kind in IS_OF_TYPE]
    if not isinstance(values, list) or not values:
        refuse("enum must be a list with values", place)
    if not all(any(is_of_type(value) for is_of_type in allowed) for value in values):
        refuse("a value of enum or const is not of the type", place)
    texts = json_texts(values, place)
    if "const" in schema and "enum" in schema and texts[0] not in json_texts(schema["enum"], place):
        refuse("const is not among enum", place)
    _check_limits(values, schema, place)
    return " | ".join(map(quoted, texts))


def named_values(schema: Mapping[str, Any]) -> list[Any] | None:
    """Return all the values that a part allows, where it names them; they may break its other keywords."""
    if "const" in schema:
        return [schema["const"]]
    if isinstance(schema.get("enum"), list):
        return list(schema["enum"])
    kind = schema.get("type")
    if kind == "boolean":
        return [False, True]
    return [None] if kind == "null" else None


def json_texts(values: object, place: str) -> list[str]:
    """Return values as JSON.

    Raises:
        ValueError: If they are no list, too deep, too many or no JSON.
    """
    if not isinstance(values, list):
        refuse("enum must be a list with values", place)
    _check_size(values, place)
    try:
        return [json.dumps(value, ensure_ascii=False, allow_nan=False) for value in values]
    except (TypeError, ValueError):  # their messages quote the value
        refuse("a value of enum or const is not JSON", place)


def distinct(values: Iterable[Any]) -> dict[str, Any]:
    """Return values without those that JSON takes for equal to one before, as it does with 1 and 1.0."""
    found: dict[str, Any] = {}
    for value in values:
        plain = int(value) if isinstance(value, float) and value.is_integer() else value
        found.setdefault(json.dumps(plain, sort_keys=True, default=repr), value)
    return found


def quoted(text: str) -> str:
    """Return a text as a literal of a grammar."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _check_limits(values: Sequence[object], schema: Mapping[str, Any], place: str) -> None:
    if (OF_OBJECTS | OF_ARRAYS) & schema.keys() and any(isinstance(value, list | dict) for value in values):
        refuse("enum or const stands beside keywords of objects or arrays; leave them out", place)
    texts, numbers = TextLimits.of(schema, place), NumberLimits.of(schema, place)
    automaton = None if texts.pattern is None else widest(texts.pattern, inside(place, "pattern"))
    for value in values:
        if isinstance(value, str):
            is_within = texts.least <= len(value) and (texts.most is None or len(value) <= texts.most)
            holds = is_within and (automaton is None or automaton.accepts(value))
        else:
            holds = not IS_OF_TYPE["number"](value) or numbers.hold(value)  # type: ignore[arg-type]
        if not holds:
            refuse("a value of enum or const does not keep the other keywords", place)


def _check_size(values: list[Any], place: str) -> None:
    """Refuse values that are too deep to be written, or lead back to themselves."""
    waiting: list[tuple[object, int]] = [(values, 0)]
    n_parts = 0
    while waiting:
        value, depth = waiting.pop()
        n_parts += 1
        if depth > MOST_DEEP or n_parts > MOST_PARTS:
            refuse(f"enum or const is nested more than {MOST_DEEP} deep, or has more than {MOST_PARTS} parts", place)
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
        waiting += [(each, depth + 1) for each in inner]
