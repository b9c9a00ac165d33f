"""Schemas made at random of most of the keywords: some contradict themselves, or cannot be kept."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Schemas = st.SearchStrategy[dict[str, Any]]

NAMES = st.sampled_from(["a", "b", "c d", 'e"'])
PATTERNS = ["^[a-c]{1,3}$", "a", r"^\d+\.?$", "^(?!ab)[a-d]{2,4}$", r'["\\\n]', "^x|y$"]
FORMATS = ["date", "time", "uuid4", "ipv4", "email", "base64", "path"]
values = st.one_of(st.text(alphabet='ab"\\é\n', max_size=3), st.integers(-3, 3), st.booleans(), st.none())
bounds = st.integers(-5, 20) | st.sampled_from([0.5, -2.25, 3.75])


def some(**keywords: st.SearchStrategy[Any]) -> Schemas:
    return st.fixed_dictionaries({}, optional=keywords)


def typed(kind: str, **keywords: st.SearchStrategy[Any]) -> Schemas:
    return some(**keywords).map(lambda made: {"type": kind, **made})


counts = {"minimum": bounds, "exclusiveMinimum": bounds, "maximum": bounds, "exclusiveMaximum": bounds}
steps = st.sampled_from([1, 2, 5, 0.5, 0.25, 3])
leaves: Schemas = st.one_of(
    typed("integer", **counts, multipleOf=steps),
    typed("number", **counts, multipleOf=steps),
    typed("string", minLength=st.integers(0, 3), maxLength=st.integers(1, 6), pattern=st.sampled_from(PATTERNS)),
    typed("string", format=st.sampled_from(FORMATS), minLength=st.integers(0, 12), title=st.just("x")),
    st.sampled_from([{"type": "boolean"}, {"type": ["null", "boolean"]}, {"$ref": "#/$defs/leaf"}]),
    st.lists(values, min_size=1, max_size=3).map(lambda several: {"enum": several}),
    values.map(lambda value: {"const": value}),
)


def nested(inner: Schemas) -> Schemas:
    size = st.integers(0, 3)
    properties = st.dictionaries(NAMES, inner, max_size=3)
    required = st.lists(NAMES, max_size=2, unique=True)
    objects = typed(
        "object",
        properties=properties,
        required=required,
        additionalProperties=st.just(False) | inner,
        minProperties=st.integers(0, 2),
        maxProperties=st.integers(0, 3),
    )
    maps = typed("object", propertyNames=st.sampled_from([{"pattern": "^k"}, {"enum": ["p", "q"]}]), maxProperties=size)
    arrays = typed(
        "array",
        items=inner | st.just(False),
        prefixItems=st.lists(inner, max_size=2),
        minItems=st.integers(0, 2),
        maxItems=size,
        uniqueItems=st.just(False) | st.booleans(),
    )
    several = st.lists(inner, min_size=1, max_size=3)
    choices = st.builds(lambda key, made: {key: made}, st.sampled_from(["anyOf", "oneOf", "allOf"]), several)
    beside = st.builds(
        lambda whole, one, other: {**whole, "anyOf": [{"required": [one]}, {"required": [other]}]},
        objects,
        NAMES,
        NAMES,
    )
    return st.one_of(objects, maps, arrays, choices, beside)


schemas: Schemas = st.recursive(leaves, nested, max_leaves=5).map(
    lambda made: {**made, "$defs": {"leaf": {"type": "integer", "minimum": 0, "maximum": 7}}}
)
