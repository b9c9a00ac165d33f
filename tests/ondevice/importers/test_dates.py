from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.importers.dates import is_day_first, moment_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-07-03T18:30:00+02:00", (2024, 7, 3, 16, 30)),
        ("2024-07-03 18:30", (2024, 7, 3, 16, 30)),
        ("2024-07-03 18:30:00 UTC", (2024, 7, 3, 18, 30)),
        ("03.07.2024 18:30", (2024, 7, 3, 16, 30)),
        ("3.7.24, 18:30", (2024, 7, 3, 16, 30)),
        ("2024/07/03 18:30", (2024, 7, 3, 16, 30)),
        ("31/7/2024 6:30 PM", (2024, 7, 31, 16, 30)),
        ("7/31/2024 12:30 AM", (2024, 7, 30, 22, 30)),
        ("Wed, 3 Jul 2024 18:30:00 +0200", (2024, 7, 3, 16, 30)),
        ("1720024200", (2024, 7, 3, 16, 30)),
        (1720024200000, (2024, 7, 3, 16, 30)),
        (1720024200.5, (2024, 7, 3, 16, 30)),
    ],
)
def test_times_as_programs_write_them(written: object, expected: tuple[int, ...]) -> None:
    found = moment_of(written, BERLIN)
    assert found is not None
    assert found.replace(second=0, microsecond=0) == datetime(*expected, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    "written",
    ["3/4/2024", "soon", "", "31/31/2024", "2024-13-01", "0001-01-01T00:00:00+14:00", "12", True, None, "9" * 400],
)
def test_what_is_no_time_or_either_of_two_is_none(written: object) -> None:
    assert moment_of(written, BERLIN) is None


def test_a_column_tells_which_comes_first() -> None:
    assert is_day_first(["3/4/2024", "25/4/2024"]) is True
    assert is_day_first(["3/4/2024", "4/25/2024"]) is False
    assert is_day_first(["3/4/2024", "x", "1.2.2024"]) is None
    assert moment_of("3/4/2024", UTC, day_first=True) == datetime(2024, 4, 3, tzinfo=UTC)


@given(st.text(max_size=30) | st.integers() | st.floats())
def test_any_value_gives_a_time_in_utc_or_none(value: object) -> None:
    found = moment_of(value, None)
    assert found is None or found.tzinfo is UTC


def test_where_no_zone_is_known_it_is_the_devices() -> None:
    assert moment_of(" 2024-05-31 ", None) == datetime(2024, 5, 31).astimezone(UTC)
