from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.errors import CorruptError
from ondevice.records import Draft, Scalar
from ondevice.vault.content import checked, decode_scalars, encode_metadata, encode_scalars, new_item_id
from ondevice.vault.times import from_micros, to_micros
from ondevice.words import field_text, searchable_text

VALID_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def test_searchable_text_puts_the_title_first() -> None:
    fields: dict[str, Scalar] = {"abstract": "what it says", "score": 4, "title": "A name", "tag": "", "draft": True}
    assert searchable_text("the text", fields) == "A name\nwhat it says\nthe text"
    assert searchable_text("the text", {"score": 4}) == "the text"
    assert field_text({}) == ""


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        ({"text": ""}, "text is empty"),
        ({"text": " \n\t"}, "text is empty"),
        ({"text": "half \ud800"}, "valid Unicode"),
        ({"text": "x" * 2_000_001}, "2,000,001 characters"),
        ({"text": "x", "kind": ""}, "kind"),
        ({"text": "x", "kind": "a\nb"}, "kind"),
        ({"text": "x", "fields": {"a": float("nan")}}, "finite"),
        ({"text": "x", "fields": {"a": 2**63}}, "64 bits"),
        ({"text": "x", "fields": {"": 1}}, "key is empty"),
        ({"text": "x", "fields": {"\udfff": 1}}, "valid Unicode"),
        ({"text": "x", "metadata": {str(i): i for i in range(101)}}, "101"),
        ({"text": "x", "metadata": {"a": [1] * 1_001}}, "1,001 values"),
        ({"text": "x", "metadata": {"a": ["x" * 250_000, "y" * 250_001]}}, "500,001 characters"),
        ({"text": "x", "metadata": {"a": [float("inf")]}}, "finite"),
        ({"text": "x", "metadata": {"a": ["\0"]}}, r"U\+0000"),
        ({"text": "x", "time": datetime(2026, 1, 1)}, "no time zone"),
        ({"text": "x", "expires_at": datetime(2026, 1, 1)}, "no time zone"),
        ({"text": "x", "id": "with space"}, "item id"),
        ({"text": "x", "id": ""}, "item id"),
    ],
)
def test_what_may_not_be_stored(draft: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        checked(Draft(**draft))


@pytest.mark.parametrize(
    "draft",
    [
        {"text": b"bytes"},
        {"text": "x", "kind": 3},
        {"text": "x", "fields": {"a": [1]}},
        {"text": "x", "fields": {1: "a"}},
        {"text": "x", "fields": "title"},
        {"text": "x", "metadata": [("a", 1)]},
        {"text": "x", "metadata": {"a": {"b"}}},
        {"text": "x", "metadata": {"a": [["b"]]}},
        {"text": "x", "metadata": {"a": b"b"}},
        {"text": "x", "time": "2026-01-01"},
    ],
)
def test_types_that_may_not_be_stored(draft: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        checked(Draft(**draft))


@given(VALID_TEXT.filter(str.strip))
def test_errors_never_quote_the_text(text: str) -> None:
    with pytest.raises(ValueError, match="64 bits") as caught:
        checked(Draft(text="fine", fields={text[:50]: 2**70}))
    assert str(caught.value) == "a field value does not fit 64 bits"


def test_scalars_keep_their_order_and_types() -> None:
    assert encode_scalars({"b": 1, "a": None, "c": True, "d": "é"}) == '{"b":1,"a":null,"c":true,"d":"é"}'


def test_lists_stay_in_metadata_as_they_came() -> None:
    metadata = {"tags": ("work", "lyon", "work"), "none": [], "all": [1, 2.5, True, None]}
    assert encode_metadata(metadata) == '{"tags":["work","lyon","work"],"none":[],"all":[1,2.5,true,null]}'
    with pytest.raises(
        TypeError, match="a metadata value is a str, int, float, bool, None or a list of these, not set"
    ):
        encode_metadata({"tags": {"work"}})  # type: ignore[dict-item]


def test_what_is_no_draft_is_told_how_to_become_one() -> None:
    for wrong in ({"text": "x"}, "x", 3):
        with pytest.raises(TypeError, match=r'an item to add is a Draft, not an? \w+: write Draft\(text="…"\)'):
            checked(wrong)  # type: ignore[arg-type]


def test_ids_are_random_and_long() -> None:
    ids = {new_item_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(item_id) for item_id in ids} == {26}


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_keep_every_microsecond(time: datetime) -> None:
    assert from_micros(to_micros(time, "time")) == time


def test_times_are_stored_in_utc() -> None:
    local = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert from_micros(to_micros(local, "time")) == datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "draft",
    [
        Draft(text="door\0code"),
        Draft(text="x", fields={"title": "a\0b"}),
        Draft(text="x", fields={"a\0b": 1}),
        Draft(text="x", metadata={"a\0b": 1}),
        Draft(text="x", metadata={"k": "\0"}),
        Draft(text="x", kind="no\0te"),
        Draft(text="x", id="i\0d"),
    ],
)
def test_the_end_of_text_is_refused_everywhere(draft: Draft) -> None:
    """SQLite's search index would see nothing behind it, and an erasure could not be verified."""
    with pytest.raises(ValueError, match=r"U\+0000|printable|an item id has"):
        checked(draft)


def test_what_a_damaged_page_gives_is_told_as_damage() -> None:
    for text in ("", "\0\0", "{"):
        with pytest.raises(CorruptError, match="cannot be read"):
            decode_scalars(text)
