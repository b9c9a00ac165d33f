"""What a text says, counted from the day it is from."""

from __future__ import annotations

from datetime import date

import pytest

from ondevice.generation.prompts.statements import stated

DAY = date(2026, 1, 15)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("We came home yesterday.", "d:2026-1-14"),
        ("We came home a week ago.", "d:2026-1-8"),
        ("We came home last Saturday.", "d:2026-1-10"),
        ("We came home three days ago.", "d:2026-1-12"),
        ("I began last month.", "my:2025-12"),
        ("I begin next month.", "my:2026-2"),
        ("I began in November.", "my:2025-11"),
        ("I began two months ago.", "my:2025-11"),
        ("I bought it last year.", "num:2025"),
        ("I bought it five years ago.", "num:2021"),
        ("I bought it a year ago.", "num:2025"),
    ],
)
def test_what_is_told_from_its_own_day_is_known_as_a_date(text, key):
    assert key in stated(text, (DAY,))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("I began last month.", "my:2025-11"),
        ("I began last month.", "my:2026-2"),
        ("I bought it last year.", "num:2024"),
        ("I bought it five years ago.", "num:2020"),
        ("We came home a week ago.", "d:2026-1-9"),
    ],
)
def test_no_other_date_is(text, key):
    assert key not in stated(text, (DAY,))


@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize(
    "text", ["last month", "next month", "next year", "9000 months ago", "a week ago", "99999 years ago"]
)
def test_the_calendars_ends_are_no_error(text, day):
    assert stated(text, (day,))
