"""From a JSON schema to a grammar whose every text is JSON that follows the schema.

The subset is what a grammar can keep: types, properties, required, additionalProperties, items, lengths and counts,
enum, const, anyOf and local references. Anything else raises instead of being ignored. Objects are written with the
declared properties in their order, and white space is at most one space, so that a small model cannot get lost in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

_ANNOTATIONS = frozenset(
    {"$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"}
)
_OBJECT = frozenset({"properties", "required", "additionalProperties"})
_ARRAY = frozenset({"items", "minItems", "maxItems"})
_STRING = frozenset({"minLength", "maxLength"})
_DEFINITIONS = frozenset({"$defs", "definitions"})
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
_IS_OF_TYPE: Mapping[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def gbnf_of(schema: Mapping[str, Any]) -> str:
    """Return the GBNF text of ``schema``.

    Raises:
        ValueError: If a keyword cannot be enforced, or the schema contradicts itself.
    """
    return _Writer(schema).text()


class _Writer:
    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._root = schema
        self._rules = dict(_BASICS)
        self._references: dict[str, str] = {}

    def text(self) -> str:
        self._rules["root"] = self._expression(self._root)
        return "\n".join(f"{name} ::= {rule}" for name, rule in self._rules.items())

    def _rule(self, kind: str, expression: str) -> str:
        """Add a rule and return its name; the grammar of a schema has as many as it has parts."""
        name = f"{kind}-{len(self._rules)}"
        self._rules[name] = expression
        return name

    def _expression(self, schema: object) -> str:
        if schema is True:
            return "value"
        if not isinstance(schema, Mapping):
            _refuse("a part of it is neither an object nor true")
        unknown = sorted(set(schema) - _KEYWORDS)
        if unknown:
            _refuse(f"a grammar cannot enforce the keyword {unknown[0]!r}")
        if "$ref" in schema:
            return self._reference(schema)
        if "anyOf" in schema:
            return self._any_of(schema)
        if "const" in schema or "enum" in schema:
            return _literals(schema)
        kinds = schema.get("type", _implied(schema))
        if kinds is None:
            return "value"
        names = kinds if isinstance(kinds, list) else [kinds]
        if not names:
            _refuse("it allows no type")
        return " | ".join(self._typed(name, schema) for name in names)

    def _typed(self, kind: object, schema: Mapping[str, Any]) -> str:
        if not isinstance(kind, str) or kind not in _IS_OF_TYPE:
            _refuse("it has an unknown type")
        if kind == "object" and _OBJECT & set(schema):
            return self._object(schema)
        if kind == "array" and _ARRAY & set(schema):
            counts = _counts(schema, "minItems", "maxItems")
            item = self._rule("item", self._expression(schema.get("items", True)))
            return f'"[" {_repeated(item, *counts)} "]"'
        if kind == "string" and _STRING & set(schema):
            least, most = _counts(schema, "minLength", "maxLength")
            # Without \u escapes: a pair of them may be one character, and then the length is wrong.
            return f'"\\"" plain{{{least},{"" if most is None else most}}} "\\""'
        return kind

    def _reference(self, schema: Mapping[str, Any]) -> str:
        path = schema["$ref"]
        if set(schema) - _ANNOTATIONS - _DEFINITIONS - {"$ref"}:
            _refuse("a reference stands beside other keywords")
        if not isinstance(path, str) or not (path == "#" or path.startswith("#/")):
            _refuse("a reference leads out of the schema")
        if path not in self._references:
            name = self._references[path] = self._rule("ref", "")
            self._rules[name] = self._expression(self._resolve(path))
        return self._references[path]

    def _resolve(self, path: str) -> object:
        target: object = self._root
        for step in path.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(target, Mapping) or key not in target:
                _refuse("a reference leads nowhere")
            target = target[key]
        return target

    def _any_of(self, schema: Mapping[str, Any]) -> str:
        choices = schema["anyOf"]
        stands_alone = not set(schema) - _ANNOTATIONS - _DEFINITIONS - {"anyOf"}
        if not stands_alone or not choices or not isinstance(choices, list):
            _refuse("anyOf must be a list and stand alone")
        return " | ".join(self._rule("choice", self._expression(choice)) for choice in choices)

    def _object(self, schema: Mapping[str, Any]) -> str:
        properties = dict(schema.get("properties", {}))
        required = list(schema.get("required", []))
        others = schema.get("additionalProperties", True)
        for name in required:
            if name not in properties:
                if others is False:
                    _refuse("it requires a property that it does not allow")
                properties[name] = others
        if properties:
            return f'"{{" {self._members(properties, required)} "}}"'
        if others is False:
            return '"{}"'
        member = self._rule("member", f'string ":" space ({self._expression(others)})')
        return f'"{{" {_repeated(member, 0, None)} "}}"'

    def _members(self, properties: Mapping[str, Any], required: Sequence[str]) -> str:
        """Write the members from the last to the first: after any member a comma is due, before any it is not."""
        after_none, after_some = '""', '""'
        for name in reversed(list(properties)):
            key = _quoted(json.dumps(name, ensure_ascii=False))
            member = self._rule("member", f'{key} ":" space ({self._expression(properties[name])})')
            first, later = f"{member} {after_some}", f'"," space {member} {after_some}'
            if name not in required:
                first, later = f"{first} | {after_none}", f"{later} | {after_some}"
            after_none, after_some = self._rule("members", first), self._rule("more", later)
        return after_none


def _implied(schema: Mapping[str, Any]) -> str | None:
    for kind, keywords in (("object", _OBJECT), ("array", _ARRAY), ("string", _STRING)):
        if keywords & set(schema):
            return kind
    return None


def _literals(schema: Mapping[str, Any]) -> str:
    values = [schema["const"]] if "const" in schema else schema["enum"]
    kinds = schema.get("type", list(_IS_OF_TYPE))
    allowed = [_IS_OF_TYPE[kind] for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind in _IS_OF_TYPE]
    if not isinstance(values, list) or not values:
        _refuse("enum must be a list with values")
    if not all(any(is_of_type(value) for is_of_type in allowed) for value in values):
        _refuse("a value of enum or const is not of the type")
    if "const" in schema and "enum" in schema and schema["const"] not in schema["enum"]:
        _refuse("const is not among enum")
    return " | ".join(_quoted(json.dumps(value, ensure_ascii=False, allow_nan=False)) for value in values)


def _counts(schema: Mapping[str, Any], low: str, high: str) -> tuple[int, int | None]:
    least, most = schema.get(low, 0), schema.get(high)
    if not isinstance(least, int) or least < 0 or not (most is None or (isinstance(most, int) and most >= least)):
        _refuse(f"{low} and {high} must be whole numbers in rising order")
    return least, most


def _repeated(item: str, least: int, most: int | None) -> str:
    """Return ``item`` repeated with commas between, in brackets where it may be missing."""
    if most == 0:
        return '""'
    end = "" if most is None else most - 1
    several = f'{item} ("," space {item}){{{max(least - 1, 0)},{end}}}'
    return several if least else f"({several})?"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _refuse(reason: str) -> NoReturn:
    raise ValueError(f"the JSON schema cannot be turned into a grammar: {reason}")
