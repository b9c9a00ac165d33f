"""A pattern's automaton accepts what regular-expression engines find the pattern in, and never more."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ondevice.generation.grammar.automata import Automaton, TooLargeError
from ondevice.generation.grammar.patterns import PatternFaultError, parsed
from ondevice.generation.grammar.regular import automaton_of

atoms = st.sampled_from(
    ["a", "b", "c", ".", "[ab]", "[^a]", r"[^\w]", r"[a\-c]", r"\d", r"\D", r"\W", r"\s", r"\S", r"\."]
)
counts = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}", "*?", "{2}?"])


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(inner, max_size=3).map("".join),
        st.builds("({}|{})".format, inner, inner),
        st.builds("(?:{}){}".format, inner, counts),
        st.builds("(?{}{})".format, st.sampled_from("=!"), inner),
        st.builds("{}{}{}".format, st.sampled_from(["^", ""]), inner, st.sampled_from(["$", ""])),
    )


patterns = st.recursive(atoms, larger, max_leaves=6)
texts = st.text(alphabet="abc1-. _", max_size=6)


def automaton(pattern: str, *, is_wide: bool = False) -> Automaton:
    return automaton_of([parsed(pattern, is_wide=is_wide)])


@given(pattern=patterns, text=texts)
def test_it_accepts_what_python_finds_it_in(pattern: str, text: str):
    try:
        expression = parsed(pattern)
    except PatternFaultError as fault:
        assert "repetition of a bound" in str(fault)  # noqa: PT017 - the rest of what is made is all read
        return
    assert automaton_of([expression]).accepts(text) == bool(re.search(pattern, text))


@given(pattern=patterns, text=st.text(alphabet="aé٣ \n\r\u2028\x85\x1c\ufeff_", max_size=4))
@example(pattern="^.$[^a]", text="_\n")
@example(pattern="a$", text="a\n")
@example(pattern="a$\\s", text="a\n")
def test_where_engines_differ_it_accepts_no_more_than_python_and_its_wide_reading_no_less(pattern: str, text: str):
    try:
        narrow, wide = automaton(pattern), automaton(pattern, is_wide=True)
    except PatternFaultError:
        return
    found = bool(re.search(pattern, text))
    assert found or not narrow.accepts(text)
    assert wide.accepts(text) or not found


@pytest.mark.parametrize(
    ("pattern", "accepted", "refused"),
    [
        ("", ["", "anything"], []),
        ("b", ["abc"], ["", "ac"]),
        (r"^\d{3}-\d{4}$", ["555-1234"], ["5555-123", "555-1234 ", "\u0665\u0665\u0665-1234"]),
        ("^a|b$", ["ax", "xb"], ["xa", "bx"]),
        (r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$", ["1", "-0.5", "+.5"], ["", "-", "."]),
        (r"^(?=.*[A-Z])(?=.*\d).{4,}$", ["aB3d"], ["B3d", "abc3"]),
        (r"^[\]\-^\\]+$", ["]-^\\"], ["a"]),
        (r"^\x41é\t$", ["Aé\t", "Aé\t"], ["A"]),
        (r"^(?P<year>\d{4})(?<month>\d\d)$", ["202601"], ["2026"]),
        ("^a{0}b{2,}$", ["bb", "bbbb"], ["abb", "b"]),
    ],
)
def test_usual_patterns(pattern: str, accepted: list[str], refused: list[str]):
    made = automaton(pattern)
    assert [text for text in accepted if not made.accepts(text)] == []
    assert [text for text in refused if made.accepts(text)] == []


@pytest.mark.parametrize(
    ("pattern", "met"),
    [
        (r"(a)\1", "character 5 stands a backslash"),
        (r"\bword", "a backslash"),
        (r"\p{L}", "a backslash"),
        (r"\<a", "a backslash"),
        ("a\\", "a backslash"),
        ("(?<=a)b", "neither plain nor a lookahead"),
        ("(?i)a", "neither plain nor a lookahead"),
        ("(?>a)", "neither plain nor a lookahead"),
        ("(a", "a group without an end"),
        ("a)", "closes none"),
        ("a}", "closes none"),
        ("[a", "a class without an end"),
        ("[]", "an empty class"),
        ("[z-a]", "does not rise"),
        (r"[\d-x]", "does not rise"),
        ("[[:alpha:]]", "behind a backslash"),
        ("[a&&b]", "behind a backslash"),
        ("*a", "a repetition of nothing"),
        ("a**", "a repetition of a repetition"),
        ("a*+", "a repetition of a repetition"),
        ("a{2}{3}", "a repetition of a repetition"),
        ("a{,3}", "begins no repetition"),
        ("a{3,2}", "does not rise"),
        ("a{2001}", "is of more than 2000"),
        ("^*", "a repetition of a bound"),
        ("(?:(?=a)b)+", "or of a lookahead"),
        ("(" * 21 + ")" * 21, "more than 20 groups"),
        ("a?(?=b?)" * 21, "more than 20 lookaheads"),
    ],
)
def test_what_engines_read_differently_or_no_automaton_can_is_refused(pattern: str, met: str):
    with pytest.raises(PatternFaultError, match=met):
        parsed(pattern)


@pytest.mark.parametrize(
    "pattern", ["^(a|b)*a(a|b){12}$", "^(?:(?:(?:a{1,40}){1,40}){1,40})$", "^" + "(a?b?)" * 300 + "$"]
)
def test_a_pattern_of_too_many_states_is_given_up(pattern: str):
    with pytest.raises(TooLargeError):
        automaton(pattern)
