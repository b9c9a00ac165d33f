"""Objects: the declared properties in their order, or any number of members whose names follow a rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ondevice.generation.grammar.json_keywords import are_texts, inside, refuse
from ondevice.generation.grammar.json_literals import named_values, quoted
from ondevice.generation.grammar.json_parts import Parts
from ondevice.generation.grammar.json_sequences import Entry, in_order, repeated
from ondevice.generation.grammar.json_texts import check_counts, counts, widest


@dataclass(frozen=True, slots=True)
class _Value:
    """The part that describes a member's value."""

    schema: object
    place: str


def object_of(parts: Parts, schema: Mapping[str, Any], place: str, needs: frozenset[str]) -> str:
    """Return the expression of an object.

    Raises:
        ValueError: If its keywords have the wrong form, contradict one another, or cannot be kept.
    """
    least, most = counts(schema, "minProperties", "maxProperties", place)
    others = _Value(schema.get("additionalProperties", True), inside(place, "additionalProperties"))
    patterns = {
        pattern: _Value(value, inside(place, "patternProperties", pattern))
        for pattern, value in _named_parts(schema, "patternProperties", place).items()
    }
    matches = [(widest(pattern, value.place), value) for pattern, value in patterns.items()]
    names = parts.flattened(schema["propertyNames"], place) if "propertyNames" in schema else None
    declared = _declared(schema, names, others, place)
    is_closed = bool(declared) or (others.schema is False and not patterns)
    if any(automaton.accepts(name) for name in declared for automaton, _ in matches):
        refuse("a declared property follows a pattern of patternProperties too; let them differ", place)
    for name in _required(schema, place):
        if name not in declared:
            value = next((value for automaton, value in matches if automaton.accepts(name)), others)
            if value.schema is False or names is not None:
                refuse("it requires a property that it does not allow, or does not declare", place)
            declared[name] = value
            is_closed = True
    if not is_closed:
        return _map(parts, (names, patterns, others), (least, most), place)
    due = needs.union(schema.get("required", ()))
    members = [Entry(_member(parts, _key(name), value), name in due) for name, value in declared.items()]
    written = in_order(parts, members, least, most)
    if written is None:
        refuse("its properties are too few for minProperties, or too many for maxProperties", place)
    return f'"{{" {written} "}}"'


def _declared(
    schema: Mapping[str, Any], names: Mapping[str, Any] | None, others: _Value, place: str
) -> dict[str, _Value]:
    """Return the values of the properties that are declared, or of those that ``propertyNames`` lists."""
    properties = _named_parts(schema, "properties", place)
    if names is None:
        return {name: _Value(value, inside(place, "properties", name)) for name, value in properties.items()}
    if properties or "patternProperties" in schema:
        refuse("propertyNames stands beside properties or patternProperties; leave it out", place)
    return {name: others for name in named_values(names) or () if isinstance(name, str)}


def _map(
    parts: Parts,
    described: tuple[Mapping[str, Any] | None, Mapping[str, _Value], _Value],
    bounds: tuple[int, int | None],
    place: str,
) -> str:
    """Return the expression of an object of any names. A name may come twice; whoever reads it takes the last."""
    names, patterns, value = described
    least, most = bounds
    if least > 1:
        refuse("minProperties may be 1 at most where any names are allowed; declare properties", place)
    check_counts(least, most, "minProperties", "maxProperties", place)
    key = "string"
    if names is not None:
        key = parts.part("name", {"allOf": [names, {"type": "string"}]}, inside(place, "propertyNames"))
    if len(patterns) > 1:
        refuse("patternProperties has several patterns; write them as one", place)
    for pattern, its_value in patterns.items():
        key = parts.part("name", {"type": "string", "pattern": pattern}, its_value.place)
        value = its_value
    member = parts.rule("member", _member(parts, key, value))
    return f'"{{" {repeated(parts, member, least, most)} "}}"'


def _member(parts: Parts, key: str, value: _Value) -> str:
    return parts.rule("member", f'{key} ":" space {parts.part("part", value.schema, value.place)}')


def _key(name: str) -> str:
    return quoted(json.dumps(name, ensure_ascii=False))


def _named_parts(schema: Mapping[str, Any], keyword: str, place: str) -> Mapping[str, Any]:
    found = schema.get(keyword, {})
    if not isinstance(found, Mapping) or not are_texts(found):
        refuse(f"{keyword} must be an object", place)
    return found


def _required(schema: Mapping[str, Any], place: str) -> list[str]:
    required = schema.get("required", [])
    if not isinstance(required, list | tuple) or not are_texts(required):
        refuse("required must be a list of names", place)
    return list(required)
