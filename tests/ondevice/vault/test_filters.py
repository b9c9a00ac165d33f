from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ondevice.records import Draft, Filter
from ondevice.vault import Vault
from ondevice.vault.filters import where

VALUES: list[Any] = [None, True, False, 0, 1, 1.0, 2, 2.5, -3, "", "1", "a", "b", "true", "é"]


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
        Filter(metadata={3: 1}),  # type: ignore[dict-item]
        Filter(metadata=[1]),  # type: ignore[arg-type]
        {"kinds": ["a"]},
    ],
    ids=range(6),
)
def test_wrong_types_are_refused(vault: Vault, filter_: Any) -> None:
    with pytest.raises(TypeError):
        vault.items.list(filter_)


@given(
    key=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
)
@settings(max_examples=50)
def test_values_are_bound_and_never_part_of_the_statement(key: str, value: str) -> None:
    condition, values = where(Filter(metadata={key: value}, kinds=(value,)))
    assert condition == (
        "items.kind IN (SELECT value FROM json_each(?)) AND EXISTS (SELECT 1 FROM json_each(items.metadata) AS m"
        " WHERE m.key = ? AND m.type = 'text' AND m.value = ?)"
    )
    assert values[1:] == [key, value]
