"""Keywords: remarks are passed over, and every refusal names the place, the keyword and the remedy, and no value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ondevice.generation.grammar import Grammar
from ondevice.generation.grammar.formats import FORMATS, FREE_FORMATS, NUMBER_FORMATS
from ondevice.generation.grammar.json_keywords import (
    COMBINERS,
    DEFINITIONS,
    OF_ARRAYS,
    OF_NUMBERS,
    OF_OBJECTS,
    OF_TEXTS,
    REMARKS,
)

REMARKED: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.org/note",
    "$comment": "zanzibar",
    "$anchor": "note",
    "$dynamicAnchor": "note",
    "title": "Note",
    "description": "zanzibar",
    "default": "zanzibar",
    "examples": ["zanzibar"],
    "example": "zanzibar",
    "deprecated": True,
    "readOnly": True,
    "writeOnly": False,
    "contentMediaType": "text/html",
    "contentEncoding": "quoted-printable",
    "discriminator": {"propertyName": "kind"},
    "externalDocs": {"url": "https://example.org"},
    "x-app": {"order": 1},
}


@pytest.mark.parametrize("keyword", [*sorted(REMARKS), "x-app"])
def test_a_remark_changes_nothing(keyword):
    plain = {"type": "object", "properties": {"a": {"type": "string"}}}
    remarked = {
        **plain,
        keyword: REMARKED[keyword],
        "properties": {"a": {"type": "string", keyword: REMARKED[keyword]}},
    }
    assert Grammar.from_json_schema(remarked) == Grammar.from_json_schema(plain)


@pytest.mark.parametrize(
    ("keyword", "remedy"),
    [
        ("not", "say what is allowed instead"),
        ("if", "one choice of anyOf for each case"),
        ("then", "one choice of anyOf for each case"),
        ("dependentRequired", "one choice of anyOf for each case"),
        ("dependentSchemas", "one choice of anyOf for each case"),
        ("contains", "describe every item with items"),
        ("unevaluatedItems", "describe every item with items"),
        ("unevaluatedProperties", "set additionalProperties to false"),
        ("contentSchema", "put that schema in the place of the text"),
        ("nullable", 'write anyOf with {"type": "null"}'),
        ("$dynamicRef", "write $ref"),
    ],
)
def test_a_refusal_names_place_keyword_and_remedy(keyword, remedy):
    schema = {"properties": {"a/b": True, "notes": {"items": {"anyOf": [{"type": "null"}, {keyword: "zanzibar"}]}}}}
    with pytest.raises(ValueError, match="at #/properties/notes/items/anyOf/1: a grammar cannot enforce") as caught:
        Grammar.from_json_schema(schema)
    assert repr(keyword) in str(caught.value)
    assert str(caught.value).count(remedy) == 1
    assert "zanzibar" not in str(caught.value)


def test_a_misspelt_keyword_is_told_the_right_one():
    for wrong, right in (("minLenght", "minLength"), ("propertys", "properties"), ("anyof", "anyOf")):
        with pytest.raises(ValueError, match=f"at #: it has an unknown keyword; is it meant to be '{right}'") as caught:
            Grammar.from_json_schema({wrong: 3})
        assert wrong not in str(caught.value)


def test_a_name_that_is_no_plain_word_is_not_shown():
    for name in ("my zanzibar words", "zanzibar\x1b[2J", "zanzibar" * 20):
        with pytest.raises(ValueError, match="at #/properties/…: ") as caught:
            Grammar.from_json_schema({"properties": {name: {"not": {}}}})
        assert "zanzibar" not in str(caught.value)
        for beside in ({}, {"minLength": 1}):
            schema = {"$ref": f"#/$defs/{name}", **beside, "$defs": {name: {"not": {}}}}
            with pytest.raises(ValueError, match=r"at #/\$defs/…: ") as caught:
                Grammar.from_json_schema(schema)
            assert "zanzibar" not in str(caught.value)


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"enum": ["a", "bcd"], "minLength": 2}, "at #: a value of enum or const does not keep the other keywords"),
        ({"const": "zanzibar", "pattern": "^a"}, "does not keep the other keywords"),
        ({"enum": [1, 5], "minimum": 2}, "does not keep the other keywords"),
        ({"enum": [[1]], "minItems": 2}, "stands beside keywords of objects or arrays"),
        (
            {"type": "string", "pattern": "(?<=zanzibar)"},
            "at #/pattern: a grammar cannot follow the pattern, at its",
        ),
        ({"type": "string", "pattern": 5}, "at #/pattern: it must be a text"),
        ({"type": "string", "pattern": "a" * 2001}, "at #/pattern: a pattern may have 2000 characters"),
        (
            {"type": "string", "pattern": "^(a|b)*a(a|b){12}$"},
            "more than 5000 steps; repeat less, or lower maxLength",
        ),
        ({"type": "string", "pattern": "^a{3}$", "maxLength": 2}, "no text has its pattern, format and length"),
        ({"type": "string", "pattern": r"^(?!.)a"}, "no text has its pattern"),
        ({"oneOf": []}, "oneOf must be a list with choices"),
        ({"anyOf": "zanzibar"}, "anyOf must be a list with choices"),
    ],
)
def test_what_contradicts_itself_or_needs_too_much_is_refused(schema, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        Grammar.from_json_schema({"items": schema}["items"])
    assert "zanzibar" not in str(caught.value)


def test_many_hard_patterns_are_given_up_together():
    hard = {f"p{n}": {"type": "string", "pattern": f"^[a-z]{{1,{n}}}$"} for n in range(1960, 2000)}
    with pytest.raises(ValueError, match=r"take too long|needs more than 50000 rules"):
        Grammar.from_json_schema({"type": "object", "properties": hard})


def test_the_page_names_every_keyword_and_format():
    page = (Path(__file__).parents[4] / "docs" / "reference" / "structured-answers.md").read_text("utf-8")
    keywords = REMARKS | DEFINITIONS | COMBINERS | OF_OBJECTS | OF_ARRAYS | OF_TEXTS | OF_NUMBERS
    formats = {name for name in (*FORMATS, *FREE_FORMATS, *NUMBER_FORMATS) if not name[-1].isdigit() or name[0] != "u"}
    assert {name for name in keywords | formats if f"`{name}`" not in page} == set()
