"""Parts that hold at the same time: ``allOf``, references beside keywords, and what stands beside choices."""

from __future__ import annotations

from typing import Any

import pytest

from ondevice.generation.grammar import Grammar
from tests.ondevice.generation.grammar.following import complaint_of
from tests.ondevice.generation.grammar.writing import accepts, write

NULL, FLAG = {"type": "null"}, {"type": "boolean"}
KEPT: dict[str, dict[str, Any]] = {
    "allOf of one": {"allOf": [{"$ref": "#/$defs/n"}], "title": "N", "default": 3, "$defs": {"n": {"type": "integer"}}},
    "a reference beside": {"$ref": "#/$defs/n", "minLength": 3, "$defs": {"n": {"type": "string", "maxLength": 4}}},
    "bounds": {"allOf": [{"type": "integer", "minimum": 3}, {"minimum": 1, "maximum": 5}], "maximum": 9},
    "properties": {"allOf": [{"properties": {"a": NULL}, "required": ["a"]}, {"properties": {"b": FLAG}}]},
    "the same property": {"allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"a": {"minimum": 7}}}]},
    "beside anyOf": {"properties": {"a": NULL, "b": FLAG}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "types": {"allOf": [{"type": ["boolean", "null"]}, {"type": ["null", "integer"]}]},
    "a pointer into a list": {"anyOf": [NULL, {"type": "array", "items": {"$ref": "#/anyOf/0"}}]},
    "a pointer with signs": {"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": NULL}},
    "deep references": {"$ref": "#/$defs/0", "minLength": 1, "maxLength": 2, "$defs": {
        **{str(n): {"$ref": f"#/$defs/{n + 1}"} for n in range(90)}, "90": {"type": "string"}}},
}  # fmt: skip


@pytest.mark.parametrize("schema", KEPT.values(), ids=KEPT)
def test_what_is_written_keeps_all_of_them(engine, schema):
    grammar = Grammar.from_json_schema(schema)
    for seed in range(15):
        assert complaint_of(schema, write(engine, grammar, seed, haste=2)) is None


def test_what_keeps_all_of_them_can_be_written(engine):
    bounds = Grammar.from_json_schema(KEPT["bounds"])
    assert [n for n in range(12) if accepts(engine, bounds, str(n))] == [3, 4, 5]
    either = Grammar.from_json_schema(KEPT["beside anyOf"])
    texts = ("{}", '{"a":null}', '{"b":true}', '{"a":null,"b":true}')
    assert [text for text in texts if accepts(engine, either, text)] == list(texts[1:])


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"allOf": []}, "allOf must be a list with parts"),
        ({"allOf": [{"pattern": "a"}, {"pattern": "b"}]}, "'pattern' stands in two parts that hold at the same time"),
        ({"allOf": [{"type": "null"}, {"type": "string"}]}, "allow no type together"),
        ({"allOf": [{"properties": {"a": {}}, "additionalProperties": False}, {"properties": {"b": {}}}]}, "closes an"),
        ({"allOf": [{"items": NULL}, {"prefixItems": [FLAG]}]}, "closes an object or array stands beside one"),
        ({"allOf": [{"contains": {}}]}, "at #/allOf/0: a grammar cannot enforce the keyword 'contains'"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"if": {}}}}, "at #/\\$defs/a: a grammar cannot enforce"),
        ({"$ref": "#", "minLength": 3}, "leads back to itself"),
        ({"$ref": "other.json"}, "at #: a reference leads out of the schema; put what it names under \\$defs"),
        ({"$ref": "#/anyOf/7", "anyOf": [NULL]}, "leads nowhere"),
        ({"properties": {"a": {"$ref": "#/$defs/none"}}}, "at #/properties/a: a reference leads nowhere"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_as_one_is_refused(schema, complaint):
    with pytest.raises(ValueError, match=complaint):
        Grammar.from_json_schema(schema)


def test_parts_that_double_at_each_step_are_refused_at_once():
    doubled = {str(n): {"allOf": [{"$ref": f"#/$defs/{n + 1}"}] * 2} for n in range(60)}
    with pytest.raises(ValueError, match="more than 100 parts"):
        Grammar.from_json_schema({"$ref": "#/$defs/0", "minLength": 1, "$defs": {**doubled, "60": {"type": "string"}}})
