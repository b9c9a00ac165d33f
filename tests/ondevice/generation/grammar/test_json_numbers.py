"""Numbers within bounds: the automaton against exact fractions, and against the doubles that readers make of them."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondevice.generation.grammar import Grammar
from ondevice.generation.grammar.json_numbers import MOST_DIGITS, NumberLimits, automaton_within
from tests.ondevice.generation.grammar.following import complaint_of
from tests.ondevice.generation.grammar.writing import accepts, write

values = st.one_of(
    st.integers(-300, 300),
    st.floats(-20, 20).map(lambda value: round(value, 2)),
    st.sampled_from([0, 0.001, -0.5, 10**15, -(10**20), 10**400, 999999999999999, 1e-300, 1e300]),
)
steps = st.sampled_from([1, 2, 3, 7, 10, 0.5, 0.25, 0.1, 0.01, 1.5, 25, 1000])
limits = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), values),
        "multipleOf": steps,
    },
)
written = st.one_of(
    st.integers(-350, 350).map(str),
    st.floats(-25, 25).map(lambda value: f"{value:.2f}"),
    st.sampled_from(["0", "-0", "0.0", "-0.0", "00", "1.", "", "-", ".5", "0.0010", "1000000000000000", "1" * 15]),
)


def is_number(text: str, *, is_integer: bool) -> bool:
    form = r"-?(0|[1-9][0-9]*)" + ("" if is_integer else r"(\.[0-9]+)?")
    n_digits = sum(sign.isdigit() for sign in text)
    return bool(re.fullmatch(form, text)) and n_digits <= MOST_DIGITS and not (text[0] == "-" and Fraction(text) == 0)


@settings(max_examples=60, deadline=None)
@given(schema=limits, text=written, is_integer=st.booleans())
def test_it_accepts_the_numbers_within(schema: dict[str, Any], text: str, is_integer: bool):
    automaton = automaton_within(NumberLimits.of(schema, "#"), is_integer=is_integer)
    expected = is_number(text, is_integer=is_integer)
    if expected:
        number = Fraction(text)
        bound = {key: Fraction(str(value) if isinstance(value, float) else value) for key, value in schema.items()}
        expected = (
            ("minimum" not in schema or number >= bound["minimum"])
            and ("maximum" not in schema or number <= bound["maximum"])
            and ("exclusiveMinimum" not in schema or number > bound["exclusiveMinimum"])
            and ("exclusiveMaximum" not in schema or number < bound["exclusiveMaximum"])
            and ("multipleOf" not in schema or (number / bound["multipleOf"]).denominator == 1)
        )
    assert automaton.accepts(text) == expected


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schema=limits, kind=st.sampled_from(["integer", "number"]), seed=st.integers(0, 100))
def test_what_is_written_is_valid_as_it_stands_and_as_a_double(engine, schema, kind, seed):
    schema = {**schema, "type": kind}
    try:
        grammar = Grammar.from_json_schema(schema)
    except ValueError as error:
        assert "no number of at most 15 digits" in str(error)  # noqa: PT017 - or the bounds allow none
        return
    text = write(engine, grammar, seed)
    assert complaint_of(schema, text) is None
    value = float(text)
    assert schema.get("exclusiveMinimum", -(10**15)) < value < schema.get("exclusiveMaximum", 10**15)
    assert schema.get("minimum", value) <= value <= schema.get("maximum", value)


def test_an_age_has_a_small_grammar(engine):
    grammar = Grammar.from_json_schema({"type": "integer", "minimum": 18, "maximum": 120})
    assert [n for n in range(-5, 200) if accepts(engine, grammar, str(n))] == list(range(18, 121))
    assert grammar.text.count("number-") < 8


def test_bounds_that_hold_no_double_apart_are_kept_apart(engine):
    schema = {"type": "number", "exclusiveMinimum": 0.1, "maximum": 0.3}
    grammar = Grammar.from_json_schema(schema)
    assert not accepts(engine, grammar, "0.1")
    assert not accepts(engine, grammar, "0.10000000000000000001")
    assert accepts(engine, grammar, "0.10000000000001")
    assert accepts(engine, grammar, "0.30")


def test_formats_of_numbers_are_bounds(engine):
    grammar = Grammar.from_json_schema({"type": "integer", "format": "int32"})
    assert accepts(engine, grammar, "-2147483648")
    assert not accepts(engine, grammar, "2147483648")
    assert accepts(engine, Grammar.from_json_schema({"type": "integer", "format": "int64"}), "2147483648")


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"minimum": "3"}, "at #/minimum: it must be a number"),
        ({"maximum": float("nan")}, "at #/maximum: it must be a number"),
        ({"exclusiveMinimum": True}, "at #/exclusiveMinimum: it must be a number"),
        ({"multipleOf": 0}, "at #/multipleOf: it must be above 0"),
        ({"minimum": 5, "maximum": 4}, "at #: no number of at most 15 digits is within its bounds"),
        ({"minimum": 10**400}, "no number of at most 15 digits"),
        ({"exclusiveMinimum": 1, "exclusiveMaximum": 2, "type": "integer"}, "no number"),
        ({"multipleOf": 99_999_989}, "need more than 20000 steps"),
    ],
)
def test_bounds_that_are_none_or_allow_nothing_are_refused(schema, complaint):
    with pytest.raises(ValueError, match=complaint):
        Grammar.from_json_schema({"type": "number", **schema})
