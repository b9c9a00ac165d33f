"""``oneOf`` is kept where no answer can follow two choices, and refused where one might."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ondevice.generation.grammar import Grammar
from tests.ondevice.generation.grammar.following import complaint_of
from tests.ondevice.generation.grammar.writing import accepts, write


def of(kind: object, **more: object) -> dict[str, object]:
    return {"type": "object", "properties": {"kind": kind, "n": {"type": "boolean"}}, **more}


CAT, DOG = {"const": "cat"}, {"enum": ["dog", "wolf"]}
APART: dict[str, dict[str, Any]] = {
    "types": {"oneOf": [{"type": "integer"}, {"type": "boolean"}, {"type": ["null", "array"], "maxItems": 0}]},
    "values": {"oneOf": [{"const": 1}, {"enum": ["1", None]}, {"type": "array", "maxItems": 0}]},
    "required": {"oneOf": [of(CAT, required=["kind"]), of(DOG, required=["kind"])]},
    "not required": {"oneOf": [of(CAT), of(DOG)]},
    "required of one": {"oneOf": [of(CAT, additionalProperties=False), {"type": "object", "required": ["z"]}]},
    "nested": {"oneOf": [{"oneOf": [of(CAT), of({"const": 1})]}, {"$ref": "#/$defs/d"}], "$defs": {"d": of(DOG)}},
    "deep": {"oneOf": [of(of(CAT, required=["kind"])), of(of(DOG)), of({"type": "null"})]},
    "type of a property": {"oneOf": [of({"type": "integer"}), of({"type": "null"})]},
    "discriminator": {"oneOf": [of(CAT), of(DOG)], "discriminator": {"propertyName": "kind", "mapping": {}}},
    "beside": {"type": "object", "required": ["n"], "oneOf": [of(CAT), of(DOG)]},
}  # fmt: skip


@pytest.mark.parametrize("schema", APART.values(), ids=APART)
def test_an_answer_follows_one_choice_alone(engine, schema):
    grammar = Grammar.from_json_schema(schema)
    for seed in range(20):
        assert complaint_of(schema, write(engine, grammar, seed, haste=1)) is None


def test_the_property_that_tells_the_choices_apart_is_always_written(engine):
    grammar = Grammar.from_json_schema(APART["not required"])
    assert accepts(engine, grammar, json.dumps({"kind": "wolf", "n": True}))
    assert not accepts(engine, grammar, json.dumps({"n": True}))
    assert accepts(engine, Grammar.from_json_schema({"anyOf": APART["not required"]["oneOf"]}), json.dumps({"n": True}))


def test_choices_may_hold_one_another(engine):
    children = {"type": "array", "items": {"oneOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}]}}
    schema = {
        "$defs": {key: {"type": "object", "properties": {"is": {"const": key}, "in": children}} for key in "ab"},
        **children,
    }
    grammar = Grammar.from_json_schema(schema)
    text = json.dumps([{"is": "a", "in": [{"is": "b", "in": []}]}, {"is": "b"}])
    assert accepts(engine, grammar, text)
    assert not accepts(engine, grammar, text.replace('"b"', '"c"'))


@pytest.mark.parametrize(
    "choices",
    [
        [{"type": "integer"}, {"type": "number"}],
        [{"type": "string"}, {"const": "a"}],
        [{"enum": [1, 2]}, {"enum": [2.0, 3]}],
        [{"type": "null"}, True],
        [of(CAT), of({"enum": ["cat", "lion"]})],
        [of(CAT), {"type": "object"}],
        [{"type": "array"}, {"type": "array", "minItems": 1}],
    ],
    ids=str,
)
def test_choices_that_may_both_hold_are_refused(choices):
    with pytest.raises(ValueError, match="at #/items: an answer may follow two choices of oneOf; write anyOf, or give"):
        Grammar.from_json_schema({"items": {"oneOf": choices}})


def test_very_many_choices_are_refused():
    many = {"oneOf": [of({"const": n}) for n in range(201)]}
    with pytest.raises(ValueError, match="more than 200 choices"):
        Grammar.from_json_schema(many)
    Grammar.from_json_schema({"oneOf": many["oneOf"][1:]})
