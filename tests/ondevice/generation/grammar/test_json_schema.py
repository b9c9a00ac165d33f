"""Whatever the model wants, the text is JSON that follows the schema: random logits through llama.cpp's own grammar."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondevice.config import Sampling
from ondevice.generation.grammar import Grammar
from ondevice.generation.llama.sampling import TokenChooser
from tests.ondevice.generation.grammar import made_schemas
from tests.ondevice.generation.grammar.following import complaint_of
from tests.ondevice.generation.grammar.writing import write

leaves = st.one_of(
    st.sampled_from(
        [{"type": "integer"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"}, {"const": 'a"\\\n'}]
    ),
    st.builds(
        lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more},
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    st.builds(
        lambda values: {"enum": values}, st.lists(st.one_of(st.text(max_size=4), st.integers()), min_size=1, max_size=3)
    ),
)
names = st.text(alphabet='ab"\\é ', min_size=1, max_size=3)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def build(properties: dict[str, Any], flags: list[bool], closed: bool) -> dict[str, Any]:
        required = [name for name, flag in zip(properties, flags, strict=False) if flag]
        schema = {"type": "object", "properties": properties, "required": required}
        return {**schema, "additionalProperties": False} if closed else schema

    return st.builds(
        build, st.dictionaries(names, inner, min_size=1, max_size=3), st.lists(st.booleans(), max_size=3), st.booleans()
    )


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    arrays = st.builds(
        lambda items, low, more: {"type": "array", "items": items, "minItems": low, "maxItems": low + more},
        inner,
        st.integers(0, 2),
        st.integers(0, 2),
    )
    return st.one_of(
        objects(inner), arrays, st.builds(lambda choices: {"anyOf": choices}, st.lists(inner, min_size=1, max_size=2))
    )


schemas = st.recursive(leaves, nested, max_leaves=4)


def follows(value: Any, schema: Any) -> bool:
    """Say whether ``value`` follows the part of JSON Schema that these tests use."""
    if "anyOf" in schema:
        return any(follows(value, choice) for choice in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return value in schema.get("enum", [schema.get("const")])
    kind = schema["type"]
    if kind == "object":
        known = schema.get("properties", {})
        return (
            isinstance(value, dict)
            and set(schema.get("required", [])) <= set(value) <= set(known)
            and all(follows(each, known[name]) for name, each in value.items())
        )
    if kind == "array":
        sized = isinstance(value, list) and schema["minItems"] <= len(value) <= schema["maxItems"]
        return sized and all(follows(each, schema["items"]) for each in value)
    if kind == "string":
        return isinstance(value, str) and schema["minLength"] <= len(value) <= schema["maxLength"]
    types: dict[str, Any] = {"integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
    return isinstance(value, types[kind]) and (isinstance(value, bool) == (kind == "boolean"))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(schema=schemas, seed=st.integers(0, 1000))
def test_every_text_follows_its_schema(engine, schema, seed):
    text = write(engine, Grammar.from_json_schema(schema), seed)
    assert follows(json.loads(text), schema)


def test_references_may_lead_back(engine):
    schema = {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {
                "type": "object",
                "properties": {
                    "name": {"enum": ["a", "b"]},
                    "next": {"anyOf": [{"type": "null"}, {"type": "null"}, {"$ref": "#/$defs/node"}]},
                },
                "required": ["name", "next"],
                "additionalProperties": False,
            }
        },
    }
    grammar = Grammar.from_json_schema(schema)
    for seed in range(10):
        node = json.loads(write(engine, grammar, seed))
        while node is not None:
            assert set(node) == {"name", "next"}
            node = node["next"]


def test_an_open_schema_allows_any_value(engine):
    assert json.loads(write(engine, Grammar.from_json_schema({"type": ["boolean", "null"]}), 1)) in (True, False, None)
    assert "value" in Grammar.from_json_schema({}).text
    mapping = Grammar.from_json_schema({"type": "object", "additionalProperties": {"type": "integer"}})
    assert all(isinstance(value, int) for value in json.loads(write(engine, mapping, 3)).values())
    assert (
        json.loads(write(engine, Grammar.from_json_schema({"type": "object", "additionalProperties": False}), 1)) == {}
    )


def test_annotations_are_no_constraints():
    Grammar.from_json_schema({"title": "x", "description": "y", "type": "string", "default": "z"})


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"type": "array", "contains": {}}, "cannot enforce the keyword 'contains'"),
        ({"type": "object", "properties": {"a": {"if": {}}}}, "cannot enforce the keyword 'if'"),
        ({"not": {"type": "null"}}, "cannot enforce the keyword 'not'"),
        ({"type": "date"}, "unknown type"),
        ({"type": []}, "allows no type"),
        ({"$ref": "https://example.org/schema"}, "leads out of the schema"),
        ({"$ref": "#/$defs/none"}, "leads nowhere"),
        ({"$ref": "#", "minLength": 3}, "beside other keywords"),
        ({"enum": []}, "enum must be a list"),
        ({"enum": ["a"], "type": "integer"}, "not of the type"),
        ({"const": 1, "enum": [2]}, "not among enum"),
        ({"anyOf": []}, "anyOf must be"),
        ({"type": "array", "minItems": 3, "maxItems": 1}, "rising order"),
        ({"type": "object", "required": ["a"], "additionalProperties": False}, "does not allow"),
        ({"type": "object", "properties": {"a": False}}, "neither an object nor true"),
        ({"type": "string", "maxLength": 5000}, "at most 2000"),
        ({"type": "array", "minItems": 2001}, "at most 2000"),
        ({"type": "string", "minLength": True}, "whole numbers"),
        ({"required": "name"}, "required must be a list of names"),
        ({"required": [1]}, "required must be a list of names"),
        ({"properties": ["name"]}, "properties must be an object"),
        ({"properties": {1: {}}}, "properties must be an object"),
        ({1: 2, "type": "null"}, "a key that is no text"),
        ({"zanzibar": 1}, "an unknown keyword"),
        ({"properties": {"\ud800": {}}}, "surrogate"),
        ({"enum": ["a"], "type": [{}]}, "not of the type"),
        ({"enum": "zanzibar"}, "enum must be a list"),
        ({"const": True, "enum": [1]}, "not among enum"),
        ({"const": float("nan")}, "is not JSON"),
        ({"const": [{1, 2}]}, "is not JSON"),
        ({"$ref": "#"}, "may begin with itself"),
        ({"anyOf": [{"$ref": "#"}, {"type": "null"}]}, "may begin with itself"),
        ({"items": "zanzibar"}, "neither an object nor true"),
        ({"items": [("type", "null")]}, "neither an object nor true"),
    ],
)
def test_what_a_grammar_cannot_keep_is_refused(schema, complaint):
    with pytest.raises(ValueError, match=complaint):
        Grammar.from_json_schema(schema)


def nest(depth: int, around: Callable[[Any], Any], inside: Any) -> Any:
    for _ in range(depth):
        inside = around(inside)
    return inside


AROUND: dict[str, Callable[[Any], Any]] = {
    "items": lambda part: {"type": "array", "items": part},
    "properties": lambda part: {"type": "object", "properties": {"a": part}},
    "additionalProperties": lambda part: {"type": "object", "additionalProperties": part},
    "anyOf": lambda part: {"anyOf": [part, {"type": "null"}]},
}


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_parts_within_one_another_are_no_deeper_than_is_said(engine, around):
    grammar = Grammar.from_json_schema(nest(100, around, {"type": "boolean"}))
    json.loads(write(engine, grammar, 1))
    for depth in (101, 3000):
        with pytest.raises(ValueError, match="nested more than 100 deep"):
            Grammar.from_json_schema(nest(depth, around, {"type": "boolean"}))


def test_a_chain_of_references_may_be_longer():
    chained = {str(i): {"type": "array", "items": {"$ref": f"#/$defs/{i + 1}"}} for i in range(500)}
    Grammar.from_json_schema({"$ref": "#/$defs/0", "$defs": {**chained, "500": {"type": "null"}}})
    bare = {str(i): {"$ref": f"#/$defs/{i + 1}"} for i in range(3000)}
    with pytest.raises(ValueError, match="may begin with one another"):
        Grammar.from_json_schema({"$ref": "#/$defs/0", "$defs": {**bare, "3000": {"type": "null"}}})


def test_a_schema_or_value_that_never_ends_is_refused():
    circle: dict[str, Any] = {}
    circle["properties"] = {"a": circle, "b": circle}
    with pytest.raises(ValueError, match="more than 10000 parts"):
        Grammar.from_json_schema(circle)
    with pytest.raises(ValueError, match="more than 10000 parts"):
        Grammar.from_json_schema(nest(40, lambda part: {"properties": {"a": part, "b": part}}, {}))
    values: list[Any] = []
    values.append(values)
    for value in (values, nest(3000, lambda inner: [inner], 1), nest(3000, lambda inner: {"a": inner}, 1)):
        with pytest.raises(ValueError, match="nested more than 100 deep"):
            Grammar.from_json_schema({"enum": [value]})


def test_many_values_and_names_are_taken_or_refused_with_a_reason(engine):
    for schema in (
        {"enum": [f"value {n}" for n in range(3000)]},
        {"type": "object", "properties": {f"n{n}": {"type": "null"} for n in range(1500)}},
        {"type": "array", "items": {"type": "null"}, "maxItems": 2000},
        {"type": "array", "items": {"type": "null"}, "minItems": 2000, "maxItems": 2000},
    ):
        TokenChooser(engine._desk.vocabulary, Sampling(), Grammar.from_json_schema(schema)).close()
    with pytest.raises(ValueError, match="more than 10000 parts"):
        Grammar.from_json_schema({"enum": list(range(10_000))})
    with pytest.raises(ValueError, match="2500 rules may begin with one another"):
        Grammar.from_json_schema({"type": "object", "properties": {f"n{n}": {} for n in range(4000)}})


def test_names_of_any_characters_are_kept(engine, capfd):
    name = "a\"\\\n\0\u2028\x7f\u202e'[](){}|*+?::=#<>"
    schema = {"type": "object", "properties": {name: {"type": "null"}}, "required": [name]}
    assert json.loads(write(engine, Grammar.from_json_schema(schema), 1)) == {name: None}
    assert capfd.readouterr() == ("", "")


def test_no_complaint_quotes_the_schema():
    for schema in ({"zanzibar": 1}, {"enum": [float("nan"), "zanzibar"]}, {"required": "zanzibar"}, "zanzibar"):
        with pytest.raises((TypeError, ValueError), match="JSON schema") as caught:
            Grammar.from_json_schema(schema)  # type: ignore[arg-type]
        assert "zanzibar" not in str(caught.value)


def test_repr_shows_no_text():
    assert "zanzibar" not in repr(Grammar.from_json_schema({"const": "zanzibar"}))


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(schema=made_schemas.schemas, seed=st.integers(0, 1000))
def test_every_text_of_what_is_not_refused_follows_its_schema_as_jsonschema_reads_it(engine, schema, seed):
    try:
        grammar = Grammar.from_json_schema(schema)
    except ValueError as error:
        assert "JSON schema" in str(error)  # noqa: PT017 - some contradict themselves
        return
    assert complaint_of(schema, write(engine, grammar, seed, haste=2)) is None
