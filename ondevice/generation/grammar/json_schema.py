"""From a JSON schema to a grammar whose every text is JSON that follows the schema.

The subset is what a grammar can keep: types, properties, required, additionalProperties, items, lengths and counts,
enum, const, anyOf and local references. Anything else raises instead of being ignored. Objects are written with the
declared properties in their order, and white space is at most one space, so that a small model cannot get lost in it.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

from ondevice.generation.grammar.json_literals import IS_OF_TYPE, MOST_DEEP, MOST_PARTS, literals, quoted, refuse

MOST_COUNTED = 2000
"""The largest length or number of items: llama.cpp unrolls every repetition."""

_ANNOTATIONS = frozenset(
    {"$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"}
)
_OBJECT = frozenset({"properties", "required", "additionalProperties"})
_ARRAY = frozenset({"items", "minItems", "maxItems"})
_STRING = frozenset({"minLength", "maxLength"})
_DEFINITIONS = frozenset({"$defs", "definitions"})
_OTHERS = (
    "allOf oneOf not if then else prefixItems contains minContains maxContains uniqueItems patternProperties "
    "propertyNames minProperties maxProperties dependentRequired dependentSchemas dependencies unevaluatedItems "
    "unevaluatedProperties additionalItems pattern format contentEncoding contentMediaType contentSchema multipleOf "
    "minimum maximum exclusiveMinimum exclusiveMaximum nullable $anchor $dynamicRef $dynamicAnchor $vocabulary"
)
"""What is named when it is refused; a key of any other name may hold the user's words."""

_KEYWORDS = _ANNOTATIONS | _DEFINITIONS | _OBJECT | _ARRAY | _STRING | {"type", "enum", "const", "anyOf", "$ref"}
_BASICS = {
    "space": '" "?',
    "plain": r'[^"\\\x00-\x1F\x7F] | "\\" ["\\/bfnrt]',
    "char": r'plain | "\\u" [0-9a-fA-F]{4}',
    "string": r'"\"" char* "\""',
    "integer": '"-"? ("0" | [1-9] [0-9]{0,14})',
    "number": 'integer ("." [0-9]{1,15})?',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "member": 'string ":" space value',
    "object": '"{" (member ("," space member)*)? "}"',
    "array": '"[" (value ("," space value)*)? "]"',
    "value": "object | array | string | number | boolean | null",
}


def gbnf_of(schema: Mapping[str, Any]) -> str:
    """Return the GBNF text of ``schema``.

    Raises:
        ValueError: If a keyword cannot be enforced, the schema contradicts itself, or it is too deep or too large.
    """
    return _Writer(schema).text()


class _Writer:
    """Writes a rule for each part of a schema. Parts wait in a queue, so that none is too deep for Python."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._root = schema
        self._rules = {**_BASICS, "root": ""}
        self._references: dict[str, str] = {}
        self._waiting: deque[tuple[str, object, int]] = deque([("root", schema, 0)])
        self._depth = 0
        self._n_parts = 0

    def text(self) -> str:
        while self._waiting:
            name, schema, self._depth = self._waiting.popleft()
            self._rules[name] = self._expression(schema)
        return "\n".join(f"{name} ::= {rule}" for name, rule in self._rules.items())

    def _rule(self, kind: str, expression: str = "") -> str:
        """Add a rule and return its name; the grammar of a schema has as many as it has parts."""
        name = f"{kind}-{len(self._rules)}"
        self._rules[name] = expression
        return name

    def _part(self, kind: str, schema: object, *, depth: int | None = None) -> str:
        """Return the name of the rule for a part, which is written later."""
        depth = self._depth + 1 if depth is None else depth
        self._n_parts += 1
        if depth > MOST_DEEP:
            refuse(f"it is nested more than {MOST_DEEP} deep")
        if self._n_parts > MOST_PARTS:
            refuse(f"it has more than {MOST_PARTS} parts")
        name = self._rule(kind)
        self._waiting.append((name, schema, depth))
        return name

    def _expression(self, schema: object) -> str:
        if schema is True:
            return "value"
        if not isinstance(schema, Mapping):
            refuse("a part of it is neither an object nor true")
        _check_keywords(schema)
        if "$ref" in schema:
            return self._reference(schema)
        if "anyOf" in schema:
            return self._any_of(schema)
        if "const" in schema or "enum" in schema:
            return literals(schema)
        kinds = schema.get("type", _implied(schema))
        if kinds is None:
            return "value"
        names = kinds if isinstance(kinds, list) else [kinds]
        if not names:
            refuse("it allows no type")
        return " | ".join(self._typed(name, schema) for name in names)

    def _typed(self, kind: object, schema: Mapping[str, Any]) -> str:
        if not isinstance(kind, str) or kind not in IS_OF_TYPE:
            refuse("it has an unknown type")
        if kind == "object" and _OBJECT & set(schema):
            return self._object(schema)
        if kind == "array" and _ARRAY & set(schema):
            least, most = _counts(schema, "minItems", "maxItems")
            return f'"[" {self._repeated(self._part("item", schema.get("items", True)), least, most)} "]"'
        if kind == "string" and _STRING & set(schema):
            least, most = _counts(schema, "minLength", "maxLength")
            # Without \u escapes: a pair of them may be one character, and then the length is wrong.
            return f'"\\"" plain{{{least},{"" if most is None else most}}} "\\""'
        return kind

    def _reference(self, schema: Mapping[str, Any]) -> str:
        path = schema["$ref"]
        if set(schema) - _ANNOTATIONS - _DEFINITIONS - {"$ref"}:
            refuse("a reference stands beside other keywords")
        if not isinstance(path, str) or not (path == "#" or path.startswith("#/")):
            refuse("a reference leads out of the schema")
        if path not in self._references:
            self._references[path] = self._part("ref", self._resolve(path), depth=0)
        return self._references[path]

    def _resolve(self, path: str) -> object:
        target: object = self._root
        for step in path.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(target, Mapping) or key not in target:
                refuse("a reference leads nowhere")
            target = target[key]
        return target

    def _any_of(self, schema: Mapping[str, Any]) -> str:
        choices = schema["anyOf"]
        stands_alone = not set(schema) - _ANNOTATIONS - _DEFINITIONS - {"anyOf"}
        if not stands_alone or not choices or not isinstance(choices, list):
            refuse("anyOf must be a list and stand alone")
        return " | ".join(self._part("choice", choice) for choice in choices)

    def _object(self, schema: Mapping[str, Any]) -> str:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        others = schema.get("additionalProperties", True)
        if not isinstance(properties, Mapping) or not _are_texts(properties):
            refuse("properties must be an object")
        if not isinstance(required, list | tuple) or not _are_texts(required):
            refuse("required must be a list of names")
        properties = dict(properties)
        for name in required:
            if name not in properties:
                if others is False:
                    refuse("it requires a property that it does not allow")
                properties[name] = others
        if properties:
            return f'"{{" {self._members(properties, frozenset(required))} "}}"'
        if others is False:
            return '"{}"'
        member = self._rule("member", f'string ":" space {self._part("part", others)}')
        return f'"{{" {self._repeated(member, 0, None)} "}}"'

    def _members(self, properties: Mapping[str, Any], required: frozenset[str]) -> str:
        """Write the members from the last to the first: after any member a comma is due, before any it is not."""
        after_none, after_some = '""', '""'
        for name in reversed(list(properties)):
            key = quoted(json.dumps(name, ensure_ascii=False))
            member = self._rule("member", f'{key} ":" space {self._part("part", properties[name])}')
            first, later = f"{member} {after_some}", f'"," space {member} {after_some}'
            if name not in required:
                first, later = f"{first} | {after_none}", f"{later} | {after_some}"
            after_none, after_some = self._rule("members", first), self._rule("more", later)
        return after_none

    def _repeated(self, item: str, least: int, most: int | None) -> str:
        """Return ``item`` repeated with commas between, as a rule of its own where it may be missing."""
        if most == 0:
            return '""'
        end = "" if most is None else most - 1
        several = f'{item} ("," space {item}){{{max(least - 1, 0)},{end}}}'
        return several if least else self._rule("several", f'{several} | ""')


def _check_keywords(schema: Mapping[Any, Any]) -> None:
    if not _are_texts(schema):
        refuse("a part of it has a key that is no text")
    unknown = sorted(set(schema) - _KEYWORDS)
    if unknown:
        known = next((key for key in unknown if key in _OTHERS.split()), None)
        refuse("it has an unknown keyword" if known is None else f"a grammar cannot enforce the keyword {known!r}")


def _are_texts(keys: object) -> bool:
    return isinstance(keys, Mapping | list | tuple) and all(isinstance(key, str) for key in keys)


def _implied(schema: Mapping[str, Any]) -> str | None:
    for kind, keywords in (("object", _OBJECT), ("array", _ARRAY), ("string", _STRING)):
        if keywords & set(schema):
            return kind
    return None


def _counts(schema: Mapping[str, Any], low: str, high: str) -> tuple[int, int | None]:
    least, most = schema.get(low, 0), schema.get(high)
    if type(least) is not int or least < 0 or not (most is None or (type(most) is int and most >= least)):
        refuse(f"{low} and {high} must be whole numbers in rising order")
    if max(least, most or 0) > MOST_COUNTED:
        refuse(f"{low} and {high} may be at most {MOST_COUNTED}")
    return least, most
