"""Filters compose, and stay values."""

from __future__ import annotations

import functools
import operator
from typing import Any

import pytest

from ondevice.records import MAX_FILTER_DEPTH, Filter

A, B, C = (Filter(kinds=(kind,)) for kind in "abc")


def test_or_and_and_are_written_as_parts() -> None:
    assert Filter(any_of=(A, B)) == A | B
    assert Filter(all_of=(A, B)) == A & B
    assert Filter(all_of=(Filter(any_of=(A, B)), C)) == (A | B) & C


def test_chains_do_not_get_deep() -> None:
    parts = [Filter(kinds=(str(n),)) for n in range(100)]
    for compose, name in ((operator.or_, "any_of"), (operator.and_, "all_of")):
        chain: Filter = functools.reduce(compose, parts)
        assert getattr(chain, name) == tuple(parts)
        assert chain.depth == 1
    assert (A | (B | C)) == ((A | B) | C)
    assert Filter(kinds=("a",), any_of=(B, C)) | A == Filter(any_of=(Filter(kinds=("a",), any_of=(B, C)), A))
    assert Filter(any_of=()) | A == Filter(any_of=(A,))


def test_too_deep_is_refused() -> None:
    deep = A
    for _ in range(MAX_FILTER_DEPTH):
        deep = Filter(any_of=(deep,))
    assert deep.depth == MAX_FILTER_DEPTH
    with pytest.raises(ValueError, match="more than 8 deep"):
        Filter(all_of=(deep,))
    with pytest.raises(ValueError, match="more than 8 deep"):
        deep & A


def test_a_filter_that_asks_for_nothing_is_empty_however_it_is_put() -> None:
    """An erasure asks before it forgets everything."""
    for empty in (Filter(), Filter() | A, A | Filter(), Filter(any_of=(A, Filter())), Filter(all_of=(Filter(),))):
        assert empty.is_empty
    for narrow in (A, A & Filter(), Filter() & A, A | B, Filter(any_of=()), Filter(all_of=(Filter(), A))):
        assert not narrow.is_empty
    assert Filter() & A is A & Filter() is A


@pytest.mark.parametrize("wrong", [{"kinds": ["a"]}, "a", None, [A]], ids=repr)
def test_only_filters_compose(wrong: Any) -> None:
    for compose in (
        lambda: A | wrong,
        lambda: A & wrong,
        lambda: Filter(any_of=(wrong,)),
        lambda: Filter(all_of=(A, wrong)),
    ):
        with pytest.raises(TypeError, match=r"Filter, not an? \w+: write Filter"):
            compose()
    listed: Any = [A]
    with pytest.raises(TypeError, match="a filter's any_of is a tuple of Filter, not a list"):
        Filter(any_of=listed)
    with pytest.raises(TypeError, match="a filter's all_of is a tuple of Filter, not a list"):
        Filter(all_of=listed)


def test_parts_are_the_filter_and_all_in_it() -> None:
    composed = (A | B) & C
    assert list(composed.parts()) == [composed, A | B, A, B, C]


def test_a_repr_shows_no_metadata() -> None:
    assert "secret" not in repr(A | Filter(metadata={"secret": "secret"}))
