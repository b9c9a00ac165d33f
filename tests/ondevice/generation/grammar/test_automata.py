"""Automata: what they accept, how they are trimmed, and that their rules write the same texts."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondevice.generation.grammar import Grammar
from ondevice.generation.grammar.automata import Automaton, Ranges, common, in_class, union
from tests.ondevice.generation.grammar.writing import accepts, write

A, B, C = ((97, 97),), ((98, 98),), ((99, 99),)
LETTERS = [A, B, C, ((97, 98),)]
TEXTS = ["".join(letters) for n in range(4) for letters in product("abc", repeat=n)]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[dict[int, Ranges]], list[bool]]:
    """Return states whose ways have no letter in common, as the rest of the room makes them."""
    n = draw(st.integers(1, 5))
    ways: list[dict[int, Ranges]] = []
    for _ in range(n):
        row: dict[int, list[Ranges]] = {}
        for letter in (A, B, C):
            target = draw(st.none() | st.integers(0, n - 1))
            if target is not None:
                row.setdefault(target, []).append(letter)
        ways.append({target: union(sets) for target, sets in row.items()})
    return ways, draw(st.lists(st.booleans(), min_size=n, max_size=n))


@given(table=tables())
def test_a_trimmed_automaton_accepts_the_same(table):
    whole, trimmed = Automaton(*table), Automaton.trimmed(*table)
    accepted = [text for text in TEXTS if whole.accepts(text)]
    assert [text for text in TEXTS if trimmed.accepts(text)] == accepted
    if trimmed.is_empty:
        assert accepted == []
        return
    assert trimmed.shortest() == (len(accepted[0]) if accepted else 4)
    longest = trimmed.longest()
    if longest is not None and longest <= 3:
        assert len(accepted[-1]) == longest


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables())
def test_its_rules_write_what_it_accepts(engine, table):
    automaton = Automaton.trimmed(*table)
    if automaton.is_empty:
        return
    rules = automaton.rules("root", in_class, '"."')
    grammar = Grammar.from_gbnf("\n".join(f"{name} ::= {rule}" for name, rule in rules))
    assert [text for text in TEXTS if accepts(engine, grammar, text + ".")] == list(filter(automaton.accepts, TEXTS))
    written = write(engine, grammar, 1, closing=b".", haste=2)
    assert automaton.accepts(written.removesuffix("."))


def test_states_that_do_the_same_are_one():
    ways: list[dict[int, Ranges]] = [{1: A, 2: B}, {3: C}, {4: C}, {}, {}]
    automaton = Automaton.trimmed(ways, [False, False, False, True, True])
    assert len(automaton.ways) == 3
    assert (automaton.shortest(), automaton.longest()) == (2, 2)


@pytest.mark.parametrize(
    "ranges", [((0, 0x10FFFF),), ((34, 34), (45, 45), (91, 94)), ((0x20, 0x20), (0x1F600, 0x1F600))]
)
def test_a_class_is_written_so_that_llama_reads_it(engine, ranges):
    grammar = Grammar.from_gbnf(f"root ::= {in_class(ranges)}")
    for code in (32, 34, 45, 91, 92, 93, 94, 97, 0x1F600):
        assert accepts(engine, grammar, chr(code)) == any(low <= code <= high for low, high in ranges)


def test_sets_are_joined_and_cut():
    assert union([((1, 3),), ((4, 4), (9, 9))]) == ((1, 4), (9, 9))
    assert common(((1, 5), (8, 9)), ((4, 8),)) == ((4, 5), (8, 8))
