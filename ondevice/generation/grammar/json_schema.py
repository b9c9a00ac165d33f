"""From a JSON schema to a grammar whose every text is JSON that follows the schema.

The texts of a grammar are among those that the schema allows, and need not be all of them: objects are written with the
declared properties in their order, and white space is at most one space, so that a small model cannot get lost in it.
What a grammar cannot keep raises instead of being ignored; what constrains nothing, such as a title, is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ondevice.generation.grammar.automata import Automaton, TooLargeError, in_class
from ondevice.generation.grammar.json_arrays import array_of
from ondevice.generation.grammar.json_choices import separators
from ondevice.generation.grammar.json_keywords import (
    COMBINERS,
    OF_ARRAYS,
    OF_NUMBERS,
    OF_OBJECTS,
    OF_TEXTS,
    check_keywords,
    constraints,
    inside,
    refuse,
)
from ondevice.generation.grammar.json_literals import IS_OF_TYPE, literals
from ondevice.generation.grammar.json_numbers import MOST_STATES, NumberLimits, automaton_within
from ondevice.generation.grammar.json_objects import object_of
from ondevice.generation.grammar.json_parts import Part, Parts
from ondevice.generation.grammar.json_sequences import NOTHING, times
from ondevice.generation.grammar.json_texts import TextLimits, check_counts, check_format, in_json


def gbnf_of(schema: Mapping[str, Any]) -> str:
    """Return the GBNF text of ``schema``.

    Raises:
        ValueError: If a keyword cannot be enforced, the schema contradicts itself, or it is too deep or too large. It
            names the place in the schema, the keyword and what to do.
    """
    parts = Parts(schema)
    while part := parts.next():
        parts.rules[part.name] = _expression(parts, part)
    return "\n".join(f"{name} ::= {rule}" for name, rule in parts.rules.items())


def _expression(parts: Parts, part: Part) -> str:
    if part.schema is True:
        return "value"
    schema = check_keywords(part.schema, part.place)
    kept = constraints(schema)
    if kept.keys() == {"$ref"}:
        return parts.reference(kept["$ref"], part.place, part.needs)
    if COMBINERS & kept.keys():
        if len(kept) > 1 or "allOf" in kept:
            kept = parts.flattened(schema, part.place)
        for keyword in ("anyOf", "oneOf"):
            if keyword in kept:
                return _choices(parts, part, keyword, kept, schema.get("discriminator"))
    check_format(kept, part.place)
    if "const" in kept or "enum" in kept:
        return literals(kept, part.place)
    kinds = kept.get("type", _implied(kept))
    if kinds is None:
        return "value"
    names = kinds if isinstance(kinds, list) else [kinds]
    if not names:
        refuse("it allows no type", part.place)
    return " | ".join(_typed(parts, name, kept, part) for name in names)


def _typed(parts: Parts, kind: object, schema: Mapping[str, Any], part: Part) -> str:
    if not isinstance(kind, str) or kind not in IS_OF_TYPE:
        refuse("it has an unknown type", part.place)
    if kind == "object" and OF_OBJECTS & schema.keys():
        return object_of(parts, schema, part.place, part.needs)
    if kind == "array" and OF_ARRAYS & schema.keys():
        return array_of(parts, schema, part.place)
    if kind == "string" and OF_TEXTS & schema.keys():
        return _text(parts, TextLimits.of(schema, part.place), part.place)
    if kind in ("integer", "number"):
        return _number(parts, kind, NumberLimits.of(schema, part.place), part.place)
    return kind


def _text(parts: Parts, limits: TextLimits, place: str) -> str:
    if not limits.are_counts:
        name = parts.automaton("text", limits, lambda: limits.automaton(place), in_json, '"\\""')
        return f'"\\"" {name}'
    if limits.least == 0 and limits.most is None:
        return "string"
    check_counts(limits.least, limits.most, "minLength", "maxLength", place)
    return f'"\\"" char{times(limits.least, limits.most)} "\\""'


def _number(parts: Parts, kind: str, limits: NumberLimits, place: str) -> str:
    if limits.are_none:
        return kind

    def make() -> Automaton:
        try:
            automaton = automaton_within(limits, is_integer=kind == "integer")
        except TooLargeError:
            refuse(f"its bounds and multipleOf need more than {MOST_STATES} steps; take a simpler multipleOf", place)
        if automaton.is_empty:
            refuse("no number of at most 15 digits is within its bounds", place)
        return automaton

    return parts.automaton("number", (kind, limits), make, lambda digits: [in_class(digits)], NOTHING)


def _choices(parts: Parts, part: Part, keyword: str, kept: Mapping[str, Any], discriminator: object) -> str:
    """Return the expression of ``anyOf`` or ``oneOf``; what stands beside it holds for each choice."""
    choices = kept[keyword]
    if not isinstance(choices, list) or not choices:
        refuse(f"{keyword} must be a list with choices", part.place)
    beside = {key: value for key, value in kept.items() if key != keyword}
    needs = part.needs
    if keyword == "oneOf":
        first = discriminator.get("propertyName") if isinstance(discriminator, Mapping) else None
        needs |= separators(choices, lambda schema: parts.flattened(schema, part.place), first, part.place)
    return " | ".join(
        parts.part(
            "choice",
            {"allOf": [beside, choice]} if beside else choice,
            inside(part.place, keyword, number),
            needs=needs,
        )
        for number, choice in enumerate(choices)
    )


def _implied(schema: Mapping[str, Any]) -> str | None:
    groups = (("object", OF_OBJECTS), ("array", OF_ARRAYS), ("string", OF_TEXTS), ("number", OF_NUMBERS))
    return next((kind for kind, keywords in groups if keywords & schema.keys()), None)
