"""Who said an item and what stands beside it: who is named, which rows are neighbours, and what each adds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ondevice.records import Item, Ranked
from ondevice.retrieval.surroundings import AUTHOR_BONUS, NEIGHBOUR_SHARE, with_surroundings

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def turn(number: int, speaker: str = "Ana", *, talk: str = "t", kind: str = "chat", minutes: int | None = None) -> Item:
    return Item(
        id=str(number),
        kind=kind,
        text="said",
        metadata={"speaker": speaker, "conversation": talk},
        time=NOON + timedelta(minutes=number if minutes is None else minutes),
        added_at=NOON,
    )


def gains(query: str, items: dict[int, Item], score: float = 1.0) -> dict[int, object]:
    hits = [Ranked(row, score) for row in items]
    return {row: pytest.approx(found - score) for row, found in with_surroundings(query, hits, items)}


def test_a_turn_gains_of_the_turns_before_and_after_it() -> None:
    assert gains("what", {1: turn(1), 2: turn(2), 3: turn(3)}) == {
        1: NEIGHBOUR_SHARE,
        2: 2 * NEIGHBOUR_SHARE,
        3: NEIGHBOUR_SHARE,
    }


@pytest.mark.parametrize(
    "other",
    [
        turn(2, talk="another"),
        turn(2, kind="message"),
        turn(2, minutes=62),
    ],
    ids=["of another talk", "of another kind", "long after"],
)
def test_what_does_not_belong_to_the_same_talk_is_no_neighbour(other: Item) -> None:
    assert gains("what", {1: turn(1), 2: other}) == {1: 0.0, 2: 0.0}


def test_notes_and_rows_apart_are_no_neighbours() -> None:
    assert gains("what", {1: turn(1, kind="note"), 2: turn(2, kind="note")}) == {1: 0.0, 2: 0.0}
    assert gains("what", {1: turn(1), 3: turn(2)}) == {1: 0.0, 3: 0.0}


def test_who_is_named_gains() -> None:
    items = {1: turn(1, "Ana Maria"), 5: turn(2, "Bob")}
    for query in ("What did Ana buy?", "what did ana buy", "Maria's day"):
        assert gains(query, items) == {1: AUTHOR_BONUS, 5: 0.0}, query
    assert gains("Who is bobby?", items) == {1: 0.0, 5: 0.0}


def test_a_name_that_is_a_word_too_needs_its_capital() -> None:
    items = {1: turn(1, "Will")}
    assert gains("will it rain?", items) == {1: 0.0}
    assert gains("What did Will say?", items) == {1: AUTHOR_BONUS}


def test_small_words_are_nobody() -> None:
    items = {1: turn(1, "The Team"), 4: turn(2, "Ludwig van Beethoven")}
    assert gains("The trip of van Gogh, what was it?", items) == {1: 0.0, 4: 0.0}
    assert gains("What did the team say?", items) == {1: AUTHOR_BONUS, 4: 0.0}


def test_a_sender_may_stand_in_the_fields_and_of_several_none_is_the_author() -> None:
    mail = replace(turn(1), kind="mail", metadata={}, fields={"from": "Priya Rao"})
    both = replace(mail, fields={"from": "Priya Rao, Bob"})
    address = replace(mail, fields={"from": "priya@example.org"})
    assert gains("mails from Priya", {1: mail, 4: both, 7: address}) == {1: AUTHOR_BONUS, 4: 0.0, 7: AUTHOR_BONUS}


def test_what_is_gained_may_change_the_order_and_equals_stay_in_theirs() -> None:
    items = {1: turn(1, "Ana"), 4: turn(2, "Bob"), 9: turn(3, "Ana")}
    hits = [Ranked(4, 1.2), Ranked(1, 1.0), Ranked(9, 1.0)]
    assert [row for row, _ in with_surroundings("ana?", hits, items)] == [1, 9, 4]
    assert with_surroundings("ana?", hits, {}) == hits
