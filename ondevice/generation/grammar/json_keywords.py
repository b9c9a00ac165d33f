"""The keywords of JSON schemas: which are kept, which are remarks, which are refused; and how that is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NoReturn

_FOR_READERS = {"title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly"}
_FOR_PROGRAMS = {"$schema", "$id", "$comment", "$anchor", "$dynamicAnchor", "contentMediaType", "contentEncoding"}
REMARKS = frozenset(_FOR_READERS | _FOR_PROGRAMS | {"discriminator", "externalDocs"})
"""Keywords that constrain nothing."""

DEFINITIONS = frozenset({"$defs", "definitions"})
COMBINERS = frozenset({"$ref", "allOf", "anyOf", "oneOf"})
_OF_NAMES = {"properties", "required", "additionalProperties", "patternProperties", "propertyNames"}
OF_OBJECTS = frozenset(_OF_NAMES | {"minProperties", "maxProperties"})
OF_ARRAYS = frozenset(["items", "prefixItems", "minItems", "maxItems", "uniqueItems"])
OF_TEXTS = frozenset(["minLength", "maxLength", "pattern", "format"])
OF_NUMBERS = frozenset(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
_KEPT = OF_OBJECTS | OF_ARRAYS | OF_TEXTS | OF_NUMBERS | COMBINERS | {"type", "enum", "const"}

_CASES = "write one choice of anyOf for each case"
_ITEMS = "describe every item with items, or each with prefixItems"
_REMEDIES = {
    "not": "say what is allowed instead",
    **dict.fromkeys(("if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies"), _CASES),
    **dict.fromkeys(("contains", "minContains", "maxContains", "unevaluatedItems", "additionalItems"), _ITEMS),
    "unevaluatedProperties": "declare the properties, and set additionalProperties to false",
    "contentSchema": "put that schema in the place of the text that holds JSON",
    "nullable": 'write anyOf with {"type": "null"}',
    **dict.fromkeys(("$dynamicRef", "$recursiveRef"), "write $ref"),
    "$vocabulary": "leave it out",
}
"""What is named when it is refused, and what to do; a key of any other name may hold the user's words."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.$-]{1,64}", re.ASCII)


def check_keywords(schema: object, place: str) -> Mapping[str, Any]:
    """Return a part of a schema, which is an object whose keywords are all known and can be kept.

    Raises:
        ValueError: If it is not.
    """
    if not isinstance(schema, Mapping):
        refuse("a part of it is neither an object nor true", place)
    if not are_texts(schema):
        refuse("a part of it has a key that is no text", place)
    for key in schema:
        if key in _REMEDIES:
            refuse(f"a grammar cannot enforce the keyword {key!r}; {_REMEDIES[key]}", place)
        if key not in _KEPT and key not in REMARKS and key not in DEFINITIONS and not key.startswith("x-"):
            meant = get_close_matches(key, sorted(_KEPT), n=1)
            refuse("it has an unknown keyword" + (f"; is it meant to be {meant[0]!r}?" if meant else ""), place)
    return schema


def constraints(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part without remarks and definitions."""
    return {key: value for key, value in schema.items() if key in _KEPT}


def are_texts(keys: object) -> bool:
    """Say whether an object has texts for keys, or a list holds texts only."""
    return isinstance(keys, Mapping | list | tuple) and all(isinstance(key, str) for key in keys)


def inside(place: str, *steps: str | int) -> str:
    """Return the JSON pointer of what lies within a place. A name that is no plain word is not shown."""
    shown = ("…" if isinstance(step, str) and not _PLAIN_NAME.fullmatch(step) else str(step) for step in steps)
    return "/".join([place, *shown])


def refuse(reason: str, place: str | None = None) -> NoReturn:
    """Say why a schema cannot be used, and where; no reason quotes a value of it.

    Raises:
        ValueError: Always.
    """
    at = "" if place is None else f" at {place}"
    raise ValueError(f"the JSON schema cannot be turned into a grammar{at}: {reason}")
