"""Whether the choices of ``oneOf`` exclude one another, and by which property.

JSON Schema wants exactly one choice to hold. A grammar can promise that where no answer follows two of them: where they
are of different types, name different values, or are objects that a property tells apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, islice, product
from typing import Any

from ondevice.generation.grammar.json_keywords import refuse
from ondevice.generation.grammar.json_literals import IS_OF_TYPE, distinct, named_values

Flatten = Callable[[object], Mapping[str, Any]]
"""Gives the constraints of a part, references included."""

MOST_CHOICES = 200
_MOST_DEEP = 10
_KINDS = frozenset(IS_OF_TYPE) - {"integer"}


def separators(choices: Sequence[object], flatten: Flatten, first: str | None, place: str) -> frozenset[str]:
    """Return the properties that must be written, so that an answer follows one choice alone.

    Args:
        choices: The parts of the schema that are to exclude one another.
        flatten: Gives the constraints of a part.
        first: The property that is said to tell the choices apart.
        place: Where the choices stand.

    Raises:
        ValueError: If an answer may follow two of them.
    """
    leaves = [list(islice(_leaves(choice, flatten, 0), MOST_CHOICES)) for choice in choices[: MOST_CHOICES + 1]]
    if sum(map(len, leaves)) > MOST_CHOICES:
        refuse(f"oneOf has more than {MOST_CHOICES} choices; write anyOf", place)
    found = [] if first is None else [first]
    used = set[str]()
    for several, others in combinations(leaves, 2):
        for one, other in product(several, others):
            name = _told_apart(one, other, flatten, found, 0)
            if name is None:
                reason = "an answer may follow two choices of oneOf; write anyOf"
                refuse(f"{reason}, or give each choice a property with a const of its own", place)
            if name and name not in used:
                used.add(name)
                found.append(name)
    return frozenset(used)


def _leaves(choice: object, flatten: Flatten, depth: int) -> Iterator[Mapping[str, Any]]:
    """Yield the choices of a choice."""
    flat = flatten(choice)
    inner = flat.get("anyOf", flat.get("oneOf"))
    if len(flat) == 1 and isinstance(inner, list) and depth < _MOST_DEEP:
        for each in inner:
            yield from _leaves(each, flatten, depth + 1)
    else:
        yield flat


def _told_apart(
    one: Mapping[str, Any], other: Mapping[str, Any], flatten: Flatten, preferred: Sequence[str], depth: int
) -> str | None:
    """Return the property that must be written, "" if none need be, or ``None`` if an answer may follow both."""
    shared = _kinds(one) & _kinds(other)
    values, others = named_values(one), named_values(other)
    if not shared or (
        values is not None and others is not None and not distinct(values).keys() & distinct(others).keys()
    ):
        return ""
    if shared != {"object"} or depth > _MOST_DEEP:
        return None
    if _lacks_required(one, other) or _lacks_required(other, one):
        return ""
    names = dict.fromkeys([*preferred, *_properties(one)])
    for name in (name for name in names if name in _properties(one) and name in _properties(other)):
        inner = flatten(_properties(one)[name]), flatten(_properties(other)[name])
        if _told_apart(*inner, flatten, (), depth + 1) == "":
            return "" if name in {*_required(one), *_required(other)} else name
    return None


def _lacks_required(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether the first allows no property that the second requires."""
    if one.get("additionalProperties") is not False or "patternProperties" in one:
        return False
    return any(name not in _properties(one) for name in _required(other))


def _required(schema: Mapping[str, Any]) -> list[str]:
    required = schema.get("required")
    return [name for name in required if isinstance(name, str)] if isinstance(required, list | tuple) else []


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _kinds(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the types of the answers that a part lets through."""
    values = named_values(schema)
    if values is not None:
        return frozenset(kind for kind in _KINDS for value in values if IS_OF_TYPE[kind](value))
    kinds = schema.get("type")
    named = [kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, list) else []
    return frozenset("number" if kind == "integer" else kind for kind in named if isinstance(kind, str)) or _KINDS
