"""Times, pairs and conditions typed on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ondevice.cli.failing import UsageError
from ondevice.cli.values import (
    parse_alternatives,
    parse_conditions,
    parse_metadata,
    parse_pairs,
    parse_scalar,
    parse_time,
)
from ondevice.records import Filter


def test_iso_times_are_aware() -> None:
    assert parse_time("2024-05-31T18:30:00+02:00", option="--time", spans_lie=-1) == datetime(
        2024, 5, 31, 16, 30, tzinfo=UTC
    )
    local = parse_time("2024-05-31", option="--time", spans_lie=-1)
    assert local.tzinfo is not None
    assert (local.year, local.month, local.day, local.hour) == (2024, 5, 31, 0)


@pytest.mark.parametrize(("direction", "days"), [(-1, -14), (1, 14)])
def test_spans_count_from_now(direction: int, days: int) -> None:
    moment = parse_time("2w", option="--since", spans_lie=direction)
    away = moment - datetime.now(UTC)
    assert abs(away - timedelta(days=days)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "text", ["", "soon", "3y", "2024-13-01", "-5d", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-12:00"]
)
def test_other_times_are_refused_without_quoting_them(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_time(text, option="--since", spans_lie=-1)
    assert "--since" in caught.value.message
    assert not text or text not in caught.value.message


def test_numbers_that_no_item_can_hold_stay_texts() -> None:
    for text in ("1e999", "-1e999", "9" * 30, "9" * 5000, "[" * 100_000):
        assert parse_scalar(text) == text


@pytest.mark.parametrize("pair", ["a=\ud800", "\udcff=b"])
def test_what_is_no_unicode_is_refused(pair: str) -> None:
    for parse in (parse_pairs, parse_metadata, parse_conditions, parse_alternatives):
        with pytest.raises(UsageError, match="--where must be valid Unicode"):
            parse([pair], option="--where")


def test_scalars_are_json_where_they_can_be() -> None:
    assert [parse_scalar(text) for text in ("5", "4.5", "true", "null", '"5"', "five", "[1]", "NaN")] == [
        5,
        4.5,
        True,
        None,
        "5",
        "five",
        "[1]",
        "NaN",
    ]


def test_pairs_keep_later_equals_signs() -> None:
    assert parse_pairs(["title=a=b", "score=5"], option="--field") == {"title": "a=b", "score": 5}
    for wrong in ("title", "=x"):
        with pytest.raises(UsageError):
            parse_pairs([wrong], option="--field")


def test_conditions_of_all_signs() -> None:
    found = parse_conditions(["place=Lyon", "rooms>=2", "rooms<5", "floor!=0"], option="--where")
    assert found == Filter(metadata={"place": "Lyon", "rooms": {"gte": 2, "lt": 5}, "floor": {"ne": 0}})
    assert parse_conditions(['tags=["work","lyon"]', "done=null"], option="--where") == Filter(
        metadata={"tags": ["work", "lyon"], "done": None}
    )
    assert parse_conditions([], option="--where").is_empty


@pytest.mark.parametrize("conditions", [["a=1", "a=2"], ["a=1", "a>2"], ["a>2", "a=1"], ["a!=1", "a!=2"]])
def test_two_conditions_of_one_key_must_both_hold(conditions: list[str]) -> None:
    first, second = (parse_conditions([each], option="--where") for each in conditions)
    found = parse_conditions([*conditions, "b=3"], option="--where")
    assert found == Filter(metadata={**first.metadata, "b": 3}, all_of=(second,))


def test_alternatives_are_not_drawn_together() -> None:
    found = parse_alternatives(["rooms<2", "rooms>5", "place=Lyon"], option="--any")
    assert found == Filter(
        any_of=tuple(
            Filter(metadata={key: wanted})
            for key, wanted in (("rooms", {"lt": 2}), ("rooms", {"gt": 5}), ("place", "Lyon"))
        )
    )
    assert parse_alternatives([], option="--any").is_empty


def test_conditions_that_make_no_sense() -> None:
    for parse in (parse_conditions, parse_alternatives):
        with pytest.raises(UsageError, match="--where needs name=value"):
            parse(["rooms"], option="--where")


def test_a_name_given_again_makes_a_list_of_metadata_and_is_refused_as_a_field() -> None:
    pairs = ["tags=work", "place=Lyon", "tags=lyon", 'more=["a",1]', "more=b", 'odd=[["a"]]']
    assert parse_metadata(pairs, option="--meta") == {
        "tags": ["work", "lyon"],
        "place": "Lyon",
        "more": ["a", 1, "b"],
        "odd": '[["a"]]',
    }
    assert parse_metadata(['tags=["work"]'], option="--meta") == {"tags": ["work"]}
    with pytest.raises(UsageError, match="--field names one name twice"):
        parse_pairs(["title=a", "title=b"], option="--field")
