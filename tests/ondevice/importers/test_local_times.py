"""Times as people write them, and none where a text may say two."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ondevice.importers.local_times import in_utc, moment_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2024-05-31", "2024-05-30T22:00"),
        ("2024-05-31 18:30", "2024-05-31T16:30"),
        ("2024-05-31T18:30:00Z", "2024-05-31T18:30"),
        ("[[2024-05-31]]", "2024-05-30T22:00"),
        ("2024/05/31 18:30", "2024-05-31T16:30"),
        ("31.5.2024, 18:30", "2024-05-31T16:30"),
        ("May 31, 2024 6:30 PM", "2024-05-31T16:30"),
        ("Friday, May 31st, 2024", "2024-05-30T22:00"),
        ("31 December 2024 at 12:05 am", "2024-12-30T23:05"),
        ("Fri, 31 May 2024 18:30:00 +0000", "2024-05-31T18:30"),
    ],
)
def test_a_time_is_read(written: str, utc: str) -> None:
    assert moment_of(written, BERLIN) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["", "3/4/2024", "soon", "{{date}}", "31.13.2024", "May 31, 2024 and June", "x" * 100]
)
def test_what_says_no_time_gives_none(written: str) -> None:
    assert moment_of(written, BERLIN) is None


def test_a_day_that_no_calendar_has_gives_none() -> None:
    assert in_utc(date(1, 1, 1), BERLIN) is None
