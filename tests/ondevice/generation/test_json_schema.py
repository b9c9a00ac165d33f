"""Whatever the model wants, the text is JSON that follows the schema: random logits through llama.cpp's own grammar."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondevice.config import Sampling
from ondevice.generation.grammar import Grammar
from ondevice.generation.sampling import TokenChooser

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


def write(engine: Any, grammar: Grammar, seed: int, most: int = 3000) -> str:
    """Let random logits write a text that the grammar allows, to its end."""
    vocabulary = engine._desk.vocabulary
    random = np.random.default_rng(seed)
    data = b""
    with TokenChooser(vocabulary, Sampling(), grammar) as chooser:
        for _ in range(most):
            token = chooser.choose(random.standard_normal(vocabulary.size).astype(np.float32))
            if vocabulary.ends_turn(token):
                return data.decode("utf-8", "replace")
            data += vocabulary.piece(token)
    raise AssertionError("the grammar let a text grow without end")


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
        ({"type": "integer", "minimum": 3}, "cannot enforce the keyword 'minimum'"),
        ({"type": "object", "properties": {"a": {"pattern": "x"}}}, "cannot enforce the keyword 'pattern'"),
        ({"oneOf": [{"type": "null"}]}, "cannot enforce the keyword 'oneOf'"),
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
    ],
)
def test_what_a_grammar_cannot_keep_is_refused(schema, complaint):
    with pytest.raises(ValueError, match=complaint):
        Grammar.from_json_schema(schema)


def test_repr_shows_no_text():
    assert "zanzibar" not in repr(Grammar.from_json_schema({"const": "zanzibar"}))
