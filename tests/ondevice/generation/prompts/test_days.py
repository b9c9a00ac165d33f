"""Days in words: as people say them, in the asker's zone, whatever the locale."""

from __future__ import annotations

import locale
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.generation.prompts.days import day_in_words, distance_in_words, require_zone, today_in_words

NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (1, "yesterday"),
        (2, "2 days ago"),
        (13, "13 days ago"),
        (14, "2 weeks ago"),
        (17, "2 weeks ago"),
        (18, "3 weeks ago"),
        (59, "8 weeks ago"),
        (60, "2 months ago"),
        (365, "12 months ago"),
        (729, "24 months ago"),
        (730, "2 years ago"),
        (3653, "10 years ago"),
        (-1, "tomorrow"),
        (-2, "in 2 days"),
        (-13, "in 13 days"),
        (-14, "in 2 weeks"),
        (-90, "in 3 months"),
        (-1461, "in 4 years"),
    ],
)
def test_a_distance_is_said_in_the_unit_that_people_would_use(days: int, words: str) -> None:
    assert distance_in_words(days) == words


@given(st.integers(2, 40_000))
def test_the_words_grow_with_the_distance_and_are_near_it(days: int) -> None:
    lengths = {"days": 1, "weeks": 7, "months": 30.44, "years": 365.25}
    count, unit, ago = distance_in_words(days).split(" ")
    assert ago == "ago"
    assert int(count) >= 2
    assert abs(int(count) * lengths[unit] - days) <= lengths[unit] / 2 + 1
    assert distance_in_words(-days) == f"in {count} {unit}"


def test_a_day_is_named_with_its_weekday_and_its_distance() -> None:
    assert today_in_words(NOW) == "Wednesday 18 March 2026"
    assert day_in_words(datetime(2026, 3, 4, 12, tzinfo=UTC), NOW) == "Wed 4 March, 2 weeks ago"
    assert day_in_words(datetime(2026, 3, 17, 23, 59, tzinfo=UTC), NOW) == "Tue 17 March, yesterday"
    assert day_in_words(NOW + timedelta(days=1), NOW) == "Thu 19 March, tomorrow"
    assert day_in_words(datetime(2025, 12, 31, 12, tzinfo=UTC), NOW) == "Wed 31 December 2025, 3 months ago"


def test_a_day_begins_where_the_asker_is() -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    late = datetime(2026, 3, 17, 23, tzinfo=UTC)
    assert day_in_words(late, NOW) == "Tue 17 March, yesterday"
    assert day_in_words(late, tokyo) == "Wed 18 March, today"


@pytest.mark.parametrize("hours", [-12, 0, 14])
def test_the_ends_of_the_calendar_have_a_day_too(hours: int) -> None:
    now = NOW.astimezone(timezone(timedelta(hours=hours)))
    for time, year in ((datetime.min, "1 January 1,"), (datetime.max, "31 December 9999,")):
        assert year in day_in_words(time.replace(tzinfo=UTC), now)


@contextmanager
def another_locale() -> Iterator[None]:
    """Set the first locale in which a weekday has another name, as far as this machine has one."""
    before = locale.setlocale(locale.LC_TIME)
    try:
        for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "ja_JP.UTF-8", "C.UTF-8"):
            try:
                locale.setlocale(locale.LC_TIME, name)
                break
            except locale.Error:
                continue
        yield
    finally:
        locale.setlocale(locale.LC_TIME, before)


def test_the_words_do_not_hang_on_the_locale() -> None:
    with another_locale():
        assert today_in_words(NOW) == "Wednesday 18 March 2026"


def test_a_time_without_a_zone_is_refused() -> None:
    assert require_zone(NOW) is NOW
    with pytest.raises(ValueError, match=r"^now has no time zone: write datetime\(\.\.\., tzinfo=UTC\)"):
        require_zone(datetime(2026, 3, 18))
    with pytest.raises(TypeError, match="now must be a datetime, not of type str"):
        require_zone("2026-03-18")
    with pytest.raises(TypeError, match="not of type date"):
        require_zone(NOW.date())
