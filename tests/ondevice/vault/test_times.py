from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.vault.times import from_micros, to_micros

EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


@given(st.datetimes(timezones=st.timezones() | st.just(EAST) | st.just(WEST), allow_imaginary=False))
def test_every_time_comes_back_or_is_refused_in_words(time: datetime) -> None:
    try:
        utc = time.astimezone(UTC)
    except OverflowError:
        with pytest.raises(ValueError, match="time lies outside the years 1 to 9999 in UTC"):
            to_micros(time, "time")
    else:
        assert from_micros(to_micros(time, "time")) == utc


@pytest.mark.parametrize(
    "time", [datetime(1, 1, 1, tzinfo=EAST), datetime(9999, 12, 31, 23, tzinfo=WEST)], ids=["first", "last"]
)
def test_a_time_that_utc_cannot_name_is_refused(time: datetime) -> None:
    with pytest.raises(ValueError, match="expires_at lies outside the years 1 to 9999 in UTC"):
        to_micros(time, "expires_at")


def test_the_first_and_the_last_moment_stay() -> None:
    for time in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        assert from_micros(to_micros(time, "time")) == time


def test_a_time_without_zone_and_what_is_no_time_are_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        to_micros(datetime(2026, 1, 1), "time")
    with pytest.raises(TypeError, match="is a datetime, not str"):
        to_micros("2026-01-01", "time")  # type: ignore[arg-type]
