"""Which number is the day: WhatsApp writes dates in the order of the phone's language, and does not say in which.

One line cannot tell 3/4 from 4/3; the whole file mostly can. A number above 12 is a day. Where there is none, the order
in which time runs forward is right, and of two such orders the one in which the chat takes less time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from ondevice.importers.chats.whatsapp_headers import Header

Order = Literal["day", "month", "year"]
"""What comes first."""

MAX_FORMS = 100
FIRST_YEAR = 2009
"""There was no WhatsApp before."""
_LAST_YEAR = 2200
_BUDDHIST_YEARS = 543
_MAX_MONTH, _MAX_DAY = 12, 31


@dataclass(slots=True)
class _Tally:
    """What the heads of one form have shown."""

    n: int = 0
    n_years_first: int = 0
    n_days: list[int] = field(default_factory=lambda: [0, 0])
    seen: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))
    n_american: int = 0
    last: dict[Order, date] = field(default_factory=dict)
    n_back: dict[Order, int] = field(default_factory=lambda: {"day": 0, "month": 0})
    n_passed: dict[Order, int] = field(default_factory=lambda: {"day": 0, "month": 0})

    def add(self, header: Header) -> None:
        """Count a head."""
        first, second, third = header.numbers
        self.n += 1
        self.n_years_first += first > _MAX_DAY
        self.n_days[0] += _MAX_MONTH < first <= _MAX_DAY
        self.n_days[1] += _MAX_MONTH < second <= _MAX_DAY
        self.n_american += header.is_american
        self.seen[0].add(first)
        self.seen[1].add(third)
        for order in ("day", "month"):
            self._follow(order, day_of(header.numbers, order))

    def order(self) -> Order:
        """Return the most likely order."""
        years, days = self.seen
        if self.n_years_first * 2 > self.n or (max(days) <= _MAX_DAY and len(days) > _MAX_MONTH > len(years)):
            return "year"
        if self.n_days[0] != self.n_days[1]:
            return "day" if self.n_days[0] > self.n_days[1] else "month"
        for counts in (self.n_back, self.n_passed):
            if counts["day"] != counts["month"]:
                return "day" if counts["day"] < counts["month"] else "month"
        return "month" if self.n_american * 2 > self.n else "day"

    def _follow(self, order: Order, day: date | None) -> None:
        if day is None:
            return
        if (last := self.last.get(order)) is not None:
            self.n_back[order] += day < last
            self.n_passed[order] += abs((day - last).days)
        self.last[order] = day


def form_and_order(headers: Iterable[Header]) -> tuple[tuple[str, ...], Order] | None:
    """Return the form of most heads, and the order of their dates; ``None`` where there is no head.

    Heads of another form stand in what somebody pasted.
    """
    tallies: dict[tuple[str, ...], _Tally] = {}
    for header in headers:
        if header.form in tallies or len(tallies) < MAX_FORMS:
            tallies.setdefault(header.form, _Tally()).add(header)
    if not tallies:
        return None
    form = max(tallies, key=lambda each: tallies[each].n)
    return form, tallies[form].order()


def day_of(numbers: tuple[int, int, int], order: Order) -> date | None:
    """Return the day of three numbers; ``None`` if there is none, or it is none of WhatsApp's time."""
    first, second, third = numbers
    year, month, day = {
        "day": (third, second, first),
        "month": (third, first, second),
        "year": (first, second, third),
    }[order]
    if year < 100:
        year += 2000
    elif year >= FIRST_YEAR + _BUDDHIST_YEARS:
        year -= _BUDDHIST_YEARS
    try:
        return date(year, month, day) if FIRST_YEAR <= year <= _LAST_YEAR else None
    except ValueError:
        return None


def time_of(header: Header, order: Order) -> datetime | None:
    """Return when it was said, without a zone; ``None`` if there is no such day."""
    day = day_of(header.numbers, order)
    if day is None:
        return None
    return datetime(day.year, day.month, day.day, header.hour, header.minute, header.second)
