"""Which turns are one item."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ondevice.importers.chats.turns import Talk, Turn
from ondevice.importers.chats.windows import MAX_OPEN, MAX_SPEAKERS, WINDOW_CHARS, Windows
from ondevice.importers.drafting import MAX_TEXT_CHARS
from ondevice.importers.found import Found, Skipped

START = datetime(2021, 3, 14, 21, 5, tzinfo=UTC)
TALK = Talk(id="t", title="Choir", kind="message", program="slack")


def turn(number: int, text: str = "la", **more: Any) -> Turn:
    known: dict[str, Any] = {
        "speaker": "Ana",
        "time": START + timedelta(minutes=number),
        "is_mine": True,
        "place": f"message {number}",
    }
    return Turn(id=str(number), text=text, **(known | more))


def items(*turns: Turn) -> list[Found | Skipped]:
    windows = Windows(TALK, only_mine=False)
    return [*(each for one in turns for each in windows.add(one)), *windows.end()]


def texts(*turns: Turn) -> list[str]:
    return [each.draft.text for each in items(*turns) if isinstance(each, Found)]


def test_a_longer_export_has_the_same_items_and_a_longer_last_one() -> None:
    turns = [turn(number, "la " * 50) for number in range(30)]
    early, late = items(*turns[:16]), items(*turns)
    assert early[:-1] == late[: len(early) - 1]
    last, grown = early[-1], late[len(early) - 1]
    assert isinstance(last, Found)
    assert isinstance(grown, Found)
    assert last.key == grown.key
    assert grown.draft.text.startswith(last.draft.text)
    assert max(len(each.draft.text) for each in late if isinstance(each, Found)) < WINDOW_CHARS + 200


def test_a_long_message_is_an_item_of_its_own() -> None:
    assert [len(text) for text in texts(turn(1), turn(2, "x" * 5000), turn(3))] == [7, 5005, 7]


def test_threads_are_kept_apart_however_long_they_rest() -> None:
    later = START + timedelta(days=3)
    said = texts(turn(1, "a", thread="1"), turn(2, "b"), turn(3, "c", thread="1", time=later), turn(4, "d", time=later))
    assert said == ["Ana: b", "Ana: a\nAna: c", "Ana: d"]


def test_only_so_many_threads_are_followed() -> None:
    turns = [turn(number, str(number), thread=str(number)) for number in range(MAX_OPEN + 1)]
    said = texts(*turns, turn(1000, "late", thread="0"), turn(1001, "late", thread="5"))
    assert said[0] == "Ana: 0"
    assert "Ana: late" in said
    assert "Ana: 5\nAna: late" in said


def test_an_answer_stays_with_its_question() -> None:
    assert len(texts(turn(1, "x" * 990), turn(2, "y" * 500, is_answer=True), turn(3))) == 2


def test_a_turn_without_a_time_goes_on() -> None:
    (item,) = items(turn(1, time=None), turn(2), turn(3, time=None))
    assert isinstance(item, Found)
    assert item.draft.time == turn(2).time


def test_what_no_item_may_hold_is_told() -> None:
    (long,) = items(turn(1, "x" * (MAX_TEXT_CHARS + 1)))
    assert isinstance(long, Skipped)
    assert (long.reason, long.place) == ("too long", "message 1")
    (named,) = items(*(turn(number, speaker=f"singer {number}") for number in range(50)))
    assert isinstance(named, Found)
    assert str(named.draft.fields["from"]).count(",") == MAX_SPEAKERS - 1
