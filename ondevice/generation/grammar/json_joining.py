"""Parts of a schema that must hold at the same time, written as one: references beside keywords, and ``allOf``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ondevice.generation.grammar.json_keywords import check_keywords, constraints, inside, refuse

MOST_JOINED = 100
"""Parts that are written as one."""

_LARGER = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_SMALLER = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_OF_OTHERS = {"additionalProperties", "patternProperties", "propertyNames"}
_PERCENT = re.compile(rb"%([0-9a-fA-F]{2})")


def resolved(root: Mapping[str, Any], path: object, place: str) -> tuple[object, str]:
    """Return what a reference leads to, and its place.

    Raises:
        ValueError: If it leads out of the schema, or nowhere.
    """
    if not isinstance(path, str) or not (path == "#" or path.startswith("#/")):
        refuse("a reference leads out of the schema; put what it names under $defs", place)
    target: object = root
    steps = path.split("/")[1:]
    for step in steps:
        key = _unescaped(step)
        if isinstance(target, list) and key.isdecimal() and len(key) < 9 and int(key) < len(target):
            target = target[int(key)]
        elif isinstance(target, Mapping) and key in target:
            target = target[key]
        else:
            refuse("a reference leads nowhere", place)
    return target, inside("#", *steps)


def _unescaped(step: str) -> str:
    whole = _PERCENT.sub(lambda found: bytes.fromhex(found[1].decode()), step.encode("utf-8", "surrogatepass"))
    return whole.decode("utf-8", "replace").replace("~1", "/").replace("~0", "~")


def flattened(root: Mapping[str, Any], schema: object, place: str) -> dict[str, Any]:
    """Return the constraints of a part, with what it refers to and what ``allOf`` adds among them.

    Raises:
        ValueError: If it leads back to itself, or its parts cannot be written as one.
    """
    kept: dict[str, Any] = {}
    waiting: list[tuple[object, str]] = [(schema, place)]
    for number, (part, its_place) in enumerate(waiting):
        if number > MOST_JOINED:
            reason = "a reference that stands beside other keywords leads back to itself"
            refuse(f"{reason}, or to more than {MOST_JOINED} parts", place)
        own = {} if part is True else constraints(check_keywords(part, its_place))
        if "$ref" in own:
            waiting.append(resolved(root, own.pop("$ref"), its_place))
        parts = own.pop("allOf", None)
        if parts is not None and not (isinstance(parts, list) and parts):
            refuse("allOf must be a list with parts", its_place)
        waiting += [(each, inside(its_place, "allOf", n)) for n, each in enumerate(parts or ())]
        kept = _joined(kept, own, place)
    return kept


def _joined(first: dict[str, Any], second: dict[str, Any], place: str) -> dict[str, Any]:
    _check_shared_names(first, second, place)
    _check_shared_names(second, first, place)
    both = {**first, **second}
    for key in first.keys() & second.keys():
        one, other = first[key], second[key]
        if one == other and type(one) is type(other):
            continue
        if key in _LARGER | _SMALLER and _are_numbers(one, other):
            both[key] = max(one, other) if key in _LARGER else min(one, other)
        elif key == "required" and isinstance(one, list) and isinstance(other, list):
            both[key] = [*one, *(name for name in other if name not in one)]
        elif key == "properties" and isinstance(one, Mapping) and isinstance(other, Mapping):
            both[key] = {
                **one,
                **{name: {"allOf": [one[name], part]} if name in one else part for name, part in other.items()},
            }
        elif key == "type" and isinstance(one, str | list) and isinstance(other, str | list):
            both[key] = _common_types(one, other, place)
        else:
            refuse(f"the keyword {key!r} stands in two parts that hold at the same time; write it once", place)
    return both


def _check_shared_names(first: Mapping[str, Any], second: Mapping[str, Any], place: str) -> None:
    """Refuse what would mean something else among the other part's properties or items."""
    known, added = first.get("properties", {}), second.get("properties", {})
    rests = {key for key in _OF_OTHERS & first.keys() if first[key] is not True}
    adds = isinstance(added, Mapping) and any(not isinstance(known, Mapping) or name not in known for name in added)
    if (adds and rests) or ("items" in first and "items" not in second and "prefixItems" in second):
        refuse("a part that closes an object or array stands beside one that adds to it; write both as one", place)


def _are_numbers(*values: object) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _common_types(one: str | list[Any], other: str | list[Any], place: str) -> list[Any]:
    first, second = ([kinds] if isinstance(kinds, str) else kinds for kinds in (one, other))
    common = [kind for kind in first if kind in second or (kind == "integer" and "number" in second)]
    common += [kind for kind in second if kind == "integer" and "number" in first and kind not in common]
    if not common:
        refuse("its parts allow no type together", place)
    return common
