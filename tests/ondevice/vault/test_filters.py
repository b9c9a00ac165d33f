from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ondevice.records import Draft, Filter
from ondevice.vault import Vault
from ondevice.vault.filters import MAX_CONDITIONS, where

VALUES: list[Any] = [None, True, False, 0, 1, 1.0, 2, 2.5, -3, "", "1", "a", "b", "true", "é"]
LISTS: list[Any] = [[], [None], ["a"], ["a", "b"], [None, "b", "a"], [1, "1", True], [0, 5], [2.5, 2.5], ["", False]]


@pytest.fixture
def filled(vault: Vault) -> Vault:
    drafts = [Draft(text=f"v{i}", metadata={"x": value}) for i, value in enumerate(VALUES)]
    vault.items.put_many([*drafts, Draft(text="without")])
    return vault


def texts(vault: Vault, **conditions: Any) -> list[str]:
    return [item.text for item in vault.items.list(Filter(**conditions), newest_first=False, limit=None)]


def same(value: object, other: object) -> bool:
    """Compare as a filter does: within one type, where int and float are one."""
    kinds = [bool if isinstance(v, bool) else float if isinstance(v, int | float) else type(v) for v in (value, other)]
    return kinds[0] is kinds[1] and value == other


@pytest.mark.parametrize("wanted", VALUES, ids=repr)
def test_equal_compares_within_one_type(filled: Vault, wanted: Any) -> None:
    expected = [f"v{i}" for i, value in enumerate(VALUES) if same(value, wanted)]
    assert texts(filled, metadata={"x": wanted}) == expected + (["without"] if wanted is None else [])


@pytest.mark.parametrize("unwanted", VALUES, ids=repr)
def test_ne_is_the_complement(filled: Vault, unwanted: Any) -> None:
    everything = texts(filled)
    equal = texts(filled, metadata={"x": unwanted})
    assert texts(filled, metadata={"x": {"ne": unwanted}}) == [text for text in everything if text not in equal]


@pytest.fixture
def listed(filled: Vault) -> Vault:
    """Add items whose ``x`` is a list to those where it is a scalar."""
    filled.items.put_many([Draft(text=f"l{i}", metadata={"x": value}) for i, value in enumerate(LISTS)])
    return filled


def having(test: Callable[[list[Any]], bool]) -> list[str]:
    """Return the texts of what passes a test of its values: a scalar is one, a list has some, a null is none."""
    held = [(f"v{i}", [value]) for i, value in enumerate(VALUES)] + [("without", [])]
    held += [(f"l{i}", value) for i, value in enumerate(LISTS)]
    return [text for text, values in held if test([value for value in values if value is not None])]


@pytest.mark.parametrize("wanted", VALUES[1:], ids=repr)
def test_equal_finds_the_lists_that_hold_the_value(listed: Vault, wanted: Any) -> None:
    holds = having(lambda values: any(same(value, wanted) for value in values))
    assert texts(listed, metadata={"x": wanted}) == holds
    assert texts(listed, metadata={"x": {"ne": wanted}}) == having(
        lambda values: not any(same(value, wanted) for value in values)
    )


def test_none_means_that_there_is_no_value(listed: Vault) -> None:
    assert texts(listed, metadata={"x": None}) == having(lambda values: not values) == ["v0", "without", "l0", "l1"]
    assert texts(listed, metadata={"x": {"ne": None}}) == having(bool)


@pytest.mark.parametrize(
    "wanted",
    [("a", "b"), (1, True), ["a", None, 2.5], {"true", "1"}, frozenset(), (0, 0)],
    ids=["texts", "numbers", "with nothing", "set", "none", "twice the same"],
)
def test_several_mean_one_of_them_in_lists_too(listed: Vault, wanted: Any) -> None:
    assert texts(listed, metadata={"x": wanted}) == having(
        lambda values: any(same(value, each) for value in values for each in wanted) or (None in wanted and not values)
    )


def test_bounds_are_for_one_and_the_same_value(listed: Vault) -> None:
    assert texts(listed, metadata={"x": {"gte": 2, "lt": 3}}) == ["v6", "v7", "l7"]
    assert "l6" not in texts(listed, metadata={"x": {"gt": 0, "lt": 5}}), "[0, 5] has no value between them"
    assert texts(listed, metadata={"x": {"gt": "a"}}) == ["v12", "v13", "v14", "l3", "l4"]
    assert texts(listed, metadata={"x": {"gte": 0, "ne": 0}}) == ["v4", "v5", "v6", "v7", "l5", "l7"]


A, B, N = Filter(kinds=("a",)), Filter(kinds=("b",)), Filter(metadata={"n": [1, 2]})


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        (A | N, ["a0", "a1", "a2", "b1", "b2"]),
        (A & N, ["a1", "a2"]),
        ((A & N) | (B & Filter(metadata={"n": 0})), ["a1", "a2", "b0"]),
        ((A | B) & N & Filter(metadata={"n": {"ne": 1}}), ["a2", "b2"]),
        (Filter(kinds=("a",), metadata={"n": 0}) | Filter(kinds=("b",), metadata={"n": 1}), ["a0", "b1"]),
        (Filter(kinds=("a",), any_of=(N, Filter(ids=("a0",)))), ["a0", "a1", "a2"]),
        (Filter(any_of=()), []),
        (Filter(any_of=(A,), all_of=(B,)), []),
        (
            functools.reduce(operator.or_, [Filter(ids=(f"a{n}",)) for n in range(3)], Filter(any_of=())),
            ["a0", "a1", "a2"],
        ),
        (A | Filter(), ["a0", "a1", "a2", "b0", "b1", "b2"]),
    ],
    ids=range(10),
)
def test_filters_compose_on_every_road(vault: Vault, filter_: Filter, expected: list[str]) -> None:
    stored = vault.items.put_many(
        [
            Draft(text=f"{kind}{n} word", id=f"{kind}{n}", kind=kind, metadata={"n": n})
            for kind in "ab"
            for n in range(3)
        ]
    )
    rows = {each.row: each.item.id for each in stored}
    assert [item.id for item in vault.items.list(filter_, newest_first=False)] == expected
    assert vault.items.count(filter_) == vault.items.count_kept(filter_) == len(expected)
    assert [rows[row] for row in vault.items.rows(filter_).tolist()] == expected
    assert [item.id for item in vault.items.iterate(filter_)] == expected
    assert sorted(rows[each.row] for each in vault.items.recent(filter_, 9)) == expected
    assert sorted(rows[each.row] for each in vault.lexical.match(["word"], filter=filter_, limit=9)) == expected
    if not filter_.is_empty and expected:
        assert list(vault.forget(filter_).item_ids) == expected
        assert vault.items.count() == 6 - len(expected)


def test_a_filter_of_many_values_is_one_condition(vault: Vault) -> None:
    vault.items.put_many([Draft(text=f"v{n}", metadata={"n": n, "s": str(n)}) for n in range(3)])
    many = [*range(2, 30_000), *map(str, range(30_000))]
    assert texts(vault, metadata={"n": many}) == ["v2"]
    assert texts(vault, metadata={"s": many, "n": {"ne": 1}}) == ["v0", "v2"]


def test_as_many_conditions_as_are_allowed_can_be_asked_and_more_are_refused(vault: Vault) -> None:
    vault.items.put_many([Draft(text="a", metadata={"k": 1})])
    most = [Filter(metadata={f"a{n}": {"ne": n}}) for n in range(MAX_CONDITIONS)]
    for compose in (operator.or_, operator.and_):
        assert vault.items.count(functools.reduce(compose, most)) == 1
        with pytest.raises(ValueError, match=f"at most {MAX_CONDITIONS} conditions"):
            vault.items.count(functools.reduce(compose, [*most, Filter(until=datetime(2026, 1, 1, tzinfo=UTC))]))
    deep = functools.reduce(
        lambda inner, n: Filter(any_of=(inner,), metadata={"k": n}), range(1, 9), Filter(kinds=("note",))
    )
    assert vault.items.count(deep) == 0


def test_list_means_one_of(filled: Vault) -> None:
    assert texts(filled, metadata={"x": [True, "a", 2]}) == ["v1", "v6", "v11"]
    assert texts(filled, metadata={"x": []}) == []


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"gt": 1}, [2, 2.5]),
        ({"gte": 1}, [1, 1.0, 2, 2.5]),
        ({"lt": 1}, [0, -3]),
        ({"lte": 1, "gte": 0}, [0, 1, 1.0]),
        ({"gt": 0, "ne": 2}, [1, 1.0, 2.5]),
        ({"gte": "a"}, ["a", "b", "true", "é"]),
        ({"lt": "a"}, ["", "1"]),
    ],
)
def test_order_compares_within_one_type(filled: Vault, condition: Any, expected: list[Any]) -> None:
    found = texts(filled, metadata={"x": condition})
    assert [repr(VALUES[int(text[1:])]) for text in found] == [repr(value) for value in expected]


def test_keys_are_never_read_as_paths(vault: Vault) -> None:
    keys = ["a.b", 'quote"d', "$.x", "[0]", "it's", "é", "a b"]
    vault.items.put_many([Draft(text=key, metadata={key: "here"}) for key in keys])
    for key in keys:
        assert texts(vault, metadata={key: "here"}) == [key]


def test_all_parts_must_hold(vault: Vault) -> None:
    day = [datetime(2026, 1, n, tzinfo=UTC) for n in range(1, 5)]
    vault.items.put_many(
        [
            Draft(text=f"{kind}{n}", kind=kind, time=day[n], metadata={"n": n}, id=f"{kind}{n}")
            for kind in "ab"
            for n in range(3)
        ]
    )
    assert texts(vault, kinds=("a",), since=day[1]) == ["a1", "a2"]
    assert texts(vault, since=day[1], until=day[2]) == ["a1", "b1"]
    assert texts(vault, ids=("a0", "b2", "gone"), metadata={"n": 2}) == ["b2"]
    assert texts(vault, kinds=()) == []
    assert texts(vault, ids=()) == []


def test_every_read_takes_the_filter(vault: Vault) -> None:
    vault.items.put_many([Draft(text="word one", kind="a"), Draft(text="word two", kind="b")])
    chosen = Filter(kinds=("b",))
    assert vault.items.count(chosen) == 1
    assert vault.items.rows(chosen).tolist() == [2]
    assert [ranked.row for ranked in vault.items.recent(chosen, 9)] == [2]
    assert [ranked.row for ranked in vault.lexical.match(["word"], filter=chosen, limit=9)] == [2]


@pytest.mark.parametrize(
    "filter_",
    [
        Filter(metadata={"x": {"like": "a"}}),
        Filter(metadata={"x": {}}),
        Filter(metadata={"x": {"gt": None}}),
        Filter(metadata={"x": {"lt": True}}),
        Filter(metadata={"x": float("inf")}),
        Filter(since=datetime(2026, 1, 1)),
    ],
    ids=range(6),
)
def test_wrong_values_are_refused(vault: Vault, filter_: Filter) -> None:
    with pytest.raises(ValueError, match=r".+"):
        vault.items.list(filter_)


@pytest.mark.parametrize(
    "filter_",
    [
        Filter(kinds="note"),  # type: ignore[arg-type]
        Filter(ids=(1,)),  # type: ignore[arg-type]
        Filter(metadata={"x": [[1]]}),  # type: ignore[list-item]
        Filter(metadata={"x": b"a"}),
        Filter(metadata={"x": datetime(2026, 1, 1)}),  # type: ignore[dict-item]
        Filter(metadata={3: 1}),  # type: ignore[dict-item]
        Filter(metadata=[1]),  # type: ignore[arg-type]
        {"kinds": ["a"]},
    ],
    ids=range(8),
)
def test_wrong_types_are_refused(vault: Vault, filter_: Any) -> None:
    with pytest.raises(TypeError):
        vault.items.list(filter_)


@pytest.mark.parametrize("wrong", [{"kinds": ["a"]}, {}, "note", 3, ["note"]], ids=repr)
def test_what_is_no_filter_is_told_how_to_become_one(vault: Vault, wrong: Any) -> None:
    reads = (
        vault.items.list,
        vault.items.count,
        vault.items.rows,
        lambda filter: vault.items.recent(filter, 3),
        lambda filter: list(vault.items.iterate(filter)),
        lambda filter: vault.lexical.match(["word"], filter=filter, limit=3),
    )
    for read in reads:
        with pytest.raises(TypeError, match=r'a filter is a Filter, not an? \w+: write Filter\(kinds=\("note",\)\)'):
            read(wrong)


@given(
    key=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
)
@settings(max_examples=50)
def test_values_are_bound_and_never_part_of_the_statement(key: str, value: str) -> None:
    condition, values = where(Filter(metadata={key: value}, kinds=(value,)))
    assert condition == (
        "items.kind IN (SELECT value FROM json_each(?)) AND EXISTS (SELECT 1 FROM json_each(items.metadata) AS m"
        " WHERE m.key = ? AND ((m.type = 'text' AND m.value = ?) OR m.type = 'array' AND EXISTS (SELECT 1 FROM"
        " json_each(m.value) AS v WHERE (v.type = 'text' AND v.value = ?))))"
    )
    assert values[1:] == [key, value, value]
