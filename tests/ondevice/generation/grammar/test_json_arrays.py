"""Arrays: a kind for each place, and different items of those that are named."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from ondevice.generation.grammar import Grammar
from tests.ondevice.generation.grammar.following import complaint_of
from tests.ondevice.generation.grammar.writing import accepts, write

PAIR = [{"type": "boolean"}, {"type": "null"}]
KEPT: list[dict[str, Any]] = [
    {"type": "array", "prefixItems": PAIR, "items": False},
    {"type": "array", "prefixItems": PAIR, "minItems": 2, "maxItems": 2},
    {"type": "array", "prefixItems": PAIR, "minItems": 1, "items": {"type": "boolean"}},
    {"type": "array", "prefixItems": PAIR, "minItems": 3, "maxItems": 4, "items": {"type": "boolean"}},
    {"type": "array", "prefixItems": PAIR, "maxItems": 1},
    {"type": "array", "prefixItems": PAIR, "maxItems": 0},
    {"type": "array", "items": False},
    {"type": "array", "items": {"enum": [True, None]}, "uniqueItems": True},
    {"type": "array", "items": {"enum": [True, None, False]}, "uniqueItems": True, "minItems": 2, "maxItems": 2},
    {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 1},
    {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "maxItems": 1},
    {"type": "array", "items": {"type": "boolean"}, "uniqueItems": False, "maxItems": 2},
]
VALUES = [list(items) for n in range(5) for items in product([True, None], repeat=n)]


@pytest.mark.parametrize("schema", KEPT, ids=str)
def test_the_arrays_that_can_be_written_are_those_that_are_valid(engine, schema):
    grammar = Grammar.from_json_schema(schema)
    for seed in range(5):
        assert complaint_of(schema, write(engine, grammar, seed, haste=1)) is None
    texts = [json.dumps(value) for value in VALUES]
    written = {text for text in texts if accepts(engine, grammar, text)}
    valid = {text for text in texts if complaint_of(schema, text) is None}
    assert written == valid if not schema.get("uniqueItems") else written <= valid


def test_different_items_are_written_in_their_order(engine):
    schema = {
        "type": "array",
        "items": {"$ref": "#/$defs/c"},
        "uniqueItems": True,
        "$defs": {"c": {"enum": [3, 1, 1.0, 2]}},
    }
    grammar = Grammar.from_json_schema(schema)
    texts = [json.dumps(list(items)) for n in range(4) for items in product([3, 1, 2], repeat=n)]
    assert [text for text in texts if accepts(engine, grammar, text)] == [
        *("[]", "[3]", "[1]", "[2]"),
        *("[3, 1]", "[3, 2]", "[1, 2]", "[3, 1, 2]"),
    ]


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"items": {"type": "integer"}, "uniqueItems": True}, "uniqueItems can be kept where items names its values"),
        ({"items": {"enum": [1, 2]}, "uniqueItems": True, "minItems": 3}, "more different items than there are"),
        ({"items": {"enum": [1]}, "uniqueItems": 5}, "uniqueItems can be kept"),
        ({"prefixItems": PAIR, "items": False, "minItems": 3}, "must have more items than it allows"),
        ({"prefixItems": {}}, "prefixItems must be a list"),
        ({"items": [{}]}, "at #/items: a part of it is neither an object nor true"),
        ({"additionalItems": False}, "cannot enforce the keyword 'additionalItems'; describe every item with items"),
    ],
)
def test_what_cannot_be_kept_or_contradicts_itself_is_refused(schema, complaint):
    with pytest.raises(ValueError, match=complaint):
        Grammar.from_json_schema({"type": "array", **schema})
