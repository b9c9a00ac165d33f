"""Objects: names that follow a rule, numbers of properties, and what contradicts itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ondevice.generation.grammar import Grammar
from tests.ondevice.generation.grammar.following import complaint_of
from tests.ondevice.generation.grammar.writing import accepts, write

NULL = {"type": "null"}
KEPT: list[dict[str, Any]] = [
    {"type": "object", "additionalProperties": NULL, "propertyNames": {"pattern": "^[a-c]{2}$"}},
    {"additionalProperties": NULL, "propertyNames": {"$ref": "#/$defs/n"}, "$defs": {"n": {"enum": ["a", "b"]}}},
    {"type": "object", "additionalProperties": NULL, "propertyNames": {"anyOf": [{"const": "x"}, {"format": "date"}]}},
    {"type": "object", "patternProperties": {"^x-": NULL}, "additionalProperties": False},
    {"type": "object", "patternProperties": {"^x-": NULL}, "properties": {"a": NULL}, "required": ["x-1", "b"]},
    {"type": "object", "additionalProperties": NULL, "minProperties": 1, "maxProperties": 2},
    {"type": "object", "properties": dict.fromkeys("abcde", NULL), "minProperties": 2, "maxProperties": 3},
    {"type": "object", "properties": dict.fromkeys("abc", NULL), "required": ["b"], "maxProperties": 1},
    {"type": "object", "properties": dict.fromkeys("abc", NULL), "minProperties": 3},
]  # fmt: skip


@pytest.mark.parametrize("schema", KEPT, ids=str)
def test_what_is_written_keeps_them(engine, schema):
    grammar = Grammar.from_json_schema(schema)
    for seed in range(15):
        assert complaint_of(schema, write(engine, grammar, seed, haste=3)) is None


def test_every_number_of_properties_within_the_bounds_can_be_written(engine):
    grammar = Grammar.from_json_schema(KEPT[6])
    names = [name for n in range(32) for name in ["".join(c for i, c in enumerate("abcde") if n >> i & 1)]]
    written = [each for each in names if accepts(engine, grammar, json.dumps(dict.fromkeys(each)))]
    assert written == [each for each in names if 2 <= len(each) <= 3]


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"minProperties": 2}, "may be 1 at most where any names are allowed; declare properties"),
        ({"maxProperties": 2001}, "may be at most 2000"),
        ({"minProperties": 2, "maxProperties": 1}, "rising order"),
        ({"properties": {"a": NULL}, "minProperties": 2}, "too few for minProperties"),
        ({"properties": {"a": NULL}, "required": ["a"], "maxProperties": 0}, "too many for maxProperties"),
        ({"properties": {"ab": NULL}, "patternProperties": {"^a": NULL}}, "follows a pattern of patternProperties too"),
        ({"patternProperties": {"^a": NULL, "^b": NULL}}, "several patterns; write them as one"),
        ({"patternProperties": {r"\bzanzibar": NULL}}, "at #/patternProperties/…: a grammar cannot follow the pattern"),
        ({"patternProperties": 5}, "patternProperties must be an object"),
        ({"propertyNames": {"maxLength": 1}, "properties": {"a": NULL}}, "propertyNames stands beside properties"),
        ({"propertyNames": {"maxLength": 1}, "required": ["a"]}, "requires a property that it does not allow"),
        ({"propertyNames": {"type": "integer"}}, "at #/propertyNames: its parts allow no type together"),
    ],
)
def test_what_cannot_be_kept_or_contradicts_itself_is_refused(schema, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        Grammar.from_json_schema({"type": "object", **schema})
    assert "zanzibar" not in str(caught.value)
