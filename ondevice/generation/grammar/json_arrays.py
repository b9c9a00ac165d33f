"""Arrays: items of one kind, of a kind for each place, or different ones of those that are named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ondevice.generation.grammar.json_keywords import inside, refuse
from ondevice.generation.grammar.json_literals import distinct, literals, named_values
from ondevice.generation.grammar.json_parts import Parts
from ondevice.generation.grammar.json_sequences import COMMA, NOTHING, Entry, in_order, repeated, times
from ondevice.generation.grammar.json_texts import check_counts, counts


def array_of(parts: Parts, schema: Mapping[str, Any], place: str) -> str:
    """Return the expression of an array.

    Raises:
        ValueError: If its keywords have the wrong form, contradict one another, or cannot be kept.
    """
    least, most = counts(schema, "minItems", "maxItems", place)
    check_counts(least, most, "minItems", "maxItems", place)
    prefix, items = schema.get("prefixItems", []), schema.get("items", True)
    if not isinstance(prefix, list):
        refuse("prefixItems must be a list", place)
    if items is False:
        most = len(prefix) if most is None else min(most, len(prefix))
        if least > most:
            refuse("it must have more items than it allows", place)
    if schema.get("uniqueItems", False) is not False and (most is None or most > 1):
        return f'"[" {_different(parts, schema, (least, most), place)} "]"'
    if prefix and most != 0:
        return f'"[" {_prefixed(parts, prefix, items, (least, most), place)} "]"'
    item = "value" if most == 0 else parts.part("item", items, inside(place, "items"))
    return f'"[" {repeated(parts, item, least, most)} "]"'


def _prefixed(parts: Parts, prefix: list[Any], items: object, bounds: tuple[int, int | None], place: str) -> str:
    """Write the items from the last of the prefix to the first; what stands behind them may be missing."""
    least, most = bounds
    n = len(prefix) if most is None else min(len(prefix), most)
    behind = NOTHING
    if most is None or most > n:
        item = parts.part("item", items, inside(place, "items"))
        behind = f"({COMMA} {item}){times(max(least - n, 0), None if most is None else most - n)}"
    for number in range(n - 1, -1, -1):
        item = parts.part("item", prefix[number], inside(place, "prefixItems", number))
        written = f"{f'{COMMA} ' if number else ''}{item} {behind}"
        behind = parts.rule("items", written if number < least else f"{written} | {NOTHING}")
    return behind


def _different(parts: Parts, schema: Mapping[str, Any], bounds: tuple[int, int | None], place: str) -> str:
    """Return the expression of some of the values that are named, each once and in their order."""
    item = parts.flattened(schema.get("items", True), inside(place, "items"))
    values = named_values(item)
    if schema["uniqueItems"] is not True or "prefixItems" in schema or values is None:
        reason = "uniqueItems can be kept where items names its values by enum"
        refuse(f"{reason}; leave it out, and take each answer's different items", place)
    others = {key: keyword for key, keyword in item.items() if key not in ("const", "enum")}
    written = [literals({**others, "const": value}, inside(place, "items")) for value in distinct(values).values()]
    found = in_order(parts, [Entry(each) for each in written], *bounds)
    if found is None:
        refuse("it must have more different items than there are", place)
    return found
